"""Differences to the best model: by hand, and what is told apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.scoring import differences as module
from hilum.scoring.differences import holm
from hilum.scoring.intervals import Scored, figures_and_draws
from hilum.scoring.resamples import draw_resamples


def differences(*args):
    return [row.as_json() for row in module.differences(*args)]


def lead(*args):
    found = module.lead(*args)
    return found and found.as_json()


def figures(f1, auc=None):
    return {"f1_macro": np.array(f1, np.float64), "auc_macro": np.array(f1 if auc is None else auc, np.float64)}


def test_holm_by_hand():
    # Sorted: 0.01 x 4, 0.02 x 3, 0.03 x 2, 0.04 x 1; the last two may not fall below 0.06.
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


def test_holm_is_statsmodels_answer():
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p = np.random.default_rng(0).random(12) ** 3
    assert holm(p.tolist()) == pytest.approx(multitest.multipletests(p, method="holm")[1])


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_holm_lies_between_the_p_values_and_bonferronis(p):
    for one, adjusted in zip(p, holm(p), strict=True):
        assert one <= adjusted <= 1
        assert adjusted <= min(1, max(p) * len(p))


def test_by_hand():
    models = {
        "worse": figures([0.5, 0.4, 0.5, 0.6, 0.7]),
        "best": figures([0.8, 0.8, 0.8, 0.8, 0.7]),
    }
    worse, best = differences(models, "best", 50)
    gaps = [-0.4, -0.3, -0.2, 0]
    assert worse["f1_macro"] == {
        "difference": {
            "value": pytest.approx(-0.3),
            "low": pytest.approx(np.quantile(gaps, 0.025)),
            "high": pytest.approx(np.quantile(gaps, 0.975)),
        },
        "p": pytest.approx(2 * (1 + 1) / (4 + 1)),  # one of four at or above 0
        "p_holm": pytest.approx(0.8),
        "told_apart": False,
    }
    assert best["f1_macro"] == {"difference": None, "p": None, "p_holm": None, "told_apart": False}
    assert [worse["first"], best["first"]] == [0.125, 0.875]  # the tie is shared
    assert [worse["model"], best["model"]] == ["worse", "best"]


def test_the_lead_over_the_highest_floor_by_hand():
    floors = {"low": np.array([0.3, 0.9, 0.9, 0.9]), "high": np.array([0.6, 0.5, 0.6, 0.7])}
    found = lead(np.array([0.8, 0.8, 0.8, 0.8]), floors, 50)
    gaps = [0.3, 0.2, 0.1]
    assert found == {
        "floor": "high",
        "difference": {
            "value": pytest.approx(0.2),
            "low": pytest.approx(np.quantile(gaps, 0.025)),
            "high": pytest.approx(np.quantile(gaps, 0.975)),
        },
        "above": True,
        "groups": 50,
        "too_few": False,
    }
    assert lead(np.array([0.8, 0.8, 0.6, 0.6]), floors, 50)["above"] is False
    assert lead(np.array([0.8, 0.8]), {}, 50) is None
    assert lead(np.array([np.nan, 0.8]), floors, 50) is None


def test_clearly_worse_model_is_told_apart_and_p_is_adjusted_over_the_others():
    random = np.random.default_rng(0)
    best = 0.9 + 0.01 * random.random(2001)
    models = {"a": figures(best), "b": figures(best - 0.2), "c": figures(best + 0.01 * random.normal(size=2001))}
    a, b, c = differences(models, "a", 50)
    assert b["f1_macro"]["p"] == pytest.approx(2 / 2001)
    assert b["f1_macro"]["p_holm"] == pytest.approx(4 / 2001)
    assert b["f1_macro"]["told_apart"] is True
    assert c["f1_macro"]["told_apart"] is False
    assert b["first"] == 0
    assert a["first"] + c["first"] == pytest.approx(1)


def test_model_against_itself_differs_by_exactly_nothing():
    random = np.random.default_rng(0)
    labels = np.arange(90) % 3
    probabilities = random.dirichlet(np.ones(3), (2, 90))
    scored = Scored(labels, probabilities, np.arange(90) // 3, None)
    own = figures_and_draws(scored, ["a", "b", "c"], None, draw_resamples(labels, scored.groups, 200))[1]
    twin = differences({"one": own, "twin": own}, "one", 30)[1]
    for name in ("f1_macro", "auc_macro"):
        assert twin[name] == {
            "difference": {"value": 0.0, "low": 0.0, "high": 0.0},
            "p": 1.0,
            "p_holm": 1.0,
            "told_apart": False,
        }
    assert twin["first"] == twin["first_auc"] == 0.5


@pytest.mark.filterwarnings("error")
def test_figure_that_cannot_be_computed_is_none():
    nothing = [np.nan] * 4
    models = {"a": figures([0.5, 0.5, 0.6, 0.7], nothing), "b": figures([0.4, 0.6, np.nan, 0.6], nothing)}
    a, b = differences(models, "a", 50)
    assert b["auc_macro"] == {"difference": None, "p": None, "p_holm": None, "told_apart": False}
    assert a["first_auc"] is None
    assert b["first"] == pytest.approx(1 / 3)


@pytest.mark.filterwarnings("error")
def test_where_each_class_is_one_group_nothing_is_told_apart():
    """Every resample is then the sample itself: a difference of always the same size is no sure one."""
    labels = np.repeat([0, 1], 20)
    right, wrong = (np.eye(2)[called] for called in (labels, np.where(np.arange(40) % 3, labels, 1 - labels)))
    weights = draw_resamples(labels, labels, 100)
    draws = {
        name: figures_and_draws(Scored(labels, one[None], labels, None), ["a", "b"], None, weights)[1]
        for name, one in (("good", right), ("bad", wrong))
    }
    assert draws["good"]["f1_macro"][0] > draws["bad"]["f1_macro"][0]
    good, bad = differences(draws, "good", 2)
    for name in ("f1_macro", "auc_macro"):
        assert bad[name] == {"difference": None, "p": None, "p_holm": None, "told_apart": False}
    assert {row[name] for row in (good, bad) for name in ("first", "first_auc")} == {None}
    assert lead(draws["good"]["f1_macro"], {"floor": draws["bad"]["f1_macro"]}, 2) is None


def test_of_fewer_than_ten_groups_nothing_is_told_apart_or_above():
    models = {"a": figures([0.9] * 2001), "b": figures([0.5] * 2001)}
    told = [differences(models, "a", groups)[1]["f1_macro"]["told_apart"] for groups in (9, 10)]
    assert told == [False, True]
    few, enough = (lead(models["a"]["f1_macro"], {"floor": models["b"]["f1_macro"]}, groups) for groups in (9, 10))
    assert (few["above"], few["too_few"], few["groups"]) == (False, True, 9)
    assert (enough["above"], enough["too_few"], enough["groups"]) == (True, False, 10)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="'c' is not in"):
        differences({"a": figures([0.5, 0.5])}, "c", 50)
    with pytest.raises(ValueError, match="same shape"):
        differences({"a": figures([0.5, 0.5]), "b": figures([0.5, 0.5, 0.5])}, "a", 50)
