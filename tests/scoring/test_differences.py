"""Differences to the best model: by hand, and what is told apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from hilum.scoring import differences as module
from hilum.scoring.differences import holm
from hilum.scoring.intervals import Scored, figures_and_draws
from hilum.scoring.resamples import draw_resamples


def differences(models, best, resamples=None, **options):
    options = {"primary": True} | options
    return [row.as_json() for row in module.differences(models, best, resamples or of_groups(50), **options)]


def lead(model, floors, resamples=None):
    found = module.lead(model, floors, resamples or of_groups(50))
    return found and found.as_json()


def of_groups(count):
    """Resamples of so many groups of one slice, in two classes."""
    return draw_resamples(np.arange(count) % 2, np.arange(count), 3)


def figures(f1, auc=None):
    return {"f1_macro": np.array(f1, np.float64), "auc_macro": np.array(f1 if auc is None else auc, np.float64)}


NOTHING = {"p": None, "p_holm": None, "told_apart": None, "as_good": None}


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
    worse, best = differences(models, "best")
    error = np.std([-0.4, -0.3, -0.2, 0], ddof=1) * np.sqrt(50 / 48)  # 50 groups in 2 classes
    p = 2 * t.sf(0.3 / error, 48)
    reach = t.ppf(0.975, 48) * error
    difference = {
        "value": pytest.approx(-0.3),
        "low": pytest.approx(-0.3 - reach, rel=1e-4),
        "high": pytest.approx(-0.3 + reach, rel=1e-4),
    }
    assert worse["f1_macro"] == {
        "difference": difference, "p": pytest.approx(p), "p_holm": pytest.approx(p), "told_apart": False,
        "as_good": None,
    }  # fmt: skip
    assert best["f1_macro"] == {"difference": None, **NOTHING}
    assert [worse["first"], best["first"]] == [0.125, 0.875]  # the tie is shared
    assert [worse["model"], best["model"]] == ["worse", "best"]


def test_only_macro_f1_under_the_primary_protocol_is_claimed():
    models = {"best": figures([0.9] * 9), "worse": figures([0.5] * 9)}
    primary, other = (differences(models, "best", primary=claim, margin=0.02)[1] for claim in (True, False))
    assert primary["f1_macro"]["told_apart"] is True
    assert primary["f1_macro"]["as_good"] is False
    assert primary["auc_macro"] == other["auc_macro"]
    for gap in (primary["auc_macro"], other["f1_macro"]):
        assert {name: gap[name] for name in NOTHING} == NOTHING
        assert gap["difference"]["value"] == pytest.approx(-0.4)
    assert other["f1_macro"]["difference"] == primary["f1_macro"]["difference"]


def test_a_model_is_as_good_if_it_surely_loses_less_than_the_margin():
    random = np.random.default_rng(0)
    best = 0.8 + 0.02 * random.normal(size=2001)
    near, far = (best - loss + 0.002 * random.normal(size=2001) for loss in (0.01, 0.02))
    near[0], far[0] = best[0] - 0.01, best[0] - 0.02
    models = {"best": figures(best), "near": figures(near), "far": figures(far)}
    _, near, far = (row["f1_macro"] for row in differences(models, "best", margin=0.02))
    assert [near["as_good"], far["as_good"]] == [True, False]
    assert near["difference"]["low"] > -0.02 > far["difference"]["low"]
    assert near["told_apart"]  # it surely is a little worse, too


def test_the_lead_over_the_highest_floor_by_hand():
    floors = {"low": np.array([0.3, 0.9, 0.9, 0.9]), "high": np.array([0.6, 0.5, 0.6, 0.7])}
    found = lead(np.array([0.8, 0.8, 0.8, 0.8]), floors)
    reach = t.ppf(0.975, 48) * 0.1 * np.sqrt(50 / 48)
    assert found == {
        "floor": "high",
        "difference": {
            "value": pytest.approx(0.2),
            "low": pytest.approx(0.2 - reach, rel=1e-2),
            "high": pytest.approx(0.2 + reach, rel=1e-4),
        },
        "above": False,
        "groups": 50,
        "too_few": False,
    }
    assert lead(np.array([0.9, 0.8, 0.9, 0.9]), floors)["above"] is True
    assert lead(np.array([0.8, 0.8]), {}) is None
    assert lead(np.array([np.nan, 0.8]), floors) is None


def test_clearly_worse_model_is_told_apart_and_p_is_adjusted_over_the_others():
    random = np.random.default_rng(0)
    best = 0.9 + 0.01 * random.random(2001)
    models = {"a": figures(best), "b": figures(best - 0.05 + 0.02 * random.normal(size=2001)),
              "c": figures(best + 0.01 * random.normal(size=2001))}  # fmt: skip
    a, b, c = differences(models, "a")
    assert 0 < b["f1_macro"]["p"] < 0.05
    assert b["f1_macro"]["p_holm"] == pytest.approx(2 * b["f1_macro"]["p"])
    assert b["f1_macro"]["told_apart"] is True
    assert c["f1_macro"]["told_apart"] is False
    assert b["first"] < 0.01
    assert sum(row["first"] for row in (a, b, c)) == pytest.approx(1)


def test_folds_make_differences_less_sure():
    random = np.random.default_rng(0)
    models = {"a": figures(0.9 + 0.01 * random.random(999)), "b": figures(0.88 + 0.02 * random.random(999))}
    labels, groups = np.arange(50) % 2, np.arange(50)
    one, folds = (draw_resamples(labels, groups, 3, refitted=refitted) for refitted in (False, True))
    sure, unsure = (differences(models, "a", resamples)[1]["f1_macro"] for resamples in (one, folds))
    assert unsure["p"] > sure["p"]
    assert unsure["difference"]["low"] < sure["difference"]["low"]
    floor = {"b": models["b"]["f1_macro"]}
    leads = [lead(models["a"]["f1_macro"], floor, resamples)["difference"] for resamples in (one, folds)]
    assert leads[1]["low"] < leads[0]["low"]


def test_model_against_itself_differs_by_exactly_nothing():
    random = np.random.default_rng(0)
    labels = np.arange(90) % 3
    probabilities = random.dirichlet(np.ones(3), (2, 90))
    scored = Scored(labels, probabilities, np.arange(90) // 3, None)
    resamples = draw_resamples(labels, scored.groups, 200)
    own = figures_and_draws(scored, ["a", "b", "c"], None, resamples)[1]
    twin = differences({"one": own, "twin": own}, "one", resamples)[1]
    basis = resamples.basis(macro=True)
    for name, claimed in (("f1_macro", {"p": 1.0, "p_holm": 1.0, "told_apart": False, "as_good": None}),
                          ("auc_macro", NOTHING)):  # fmt: skip
        difference = {"value": 0.0, "low": -basis.unseen, "high": basis.unseen}  # groups not seen may differ
        assert twin[name] == {"difference": difference, **claimed}
    assert twin["first"] == twin["first_auc"] == 0.5


@pytest.mark.filterwarnings("error")
def test_figure_that_cannot_be_computed_is_none():
    nothing = [np.nan] * 4
    models = {"a": figures([0.5, 0.5, 0.6, 0.7], nothing), "b": figures([0.4, 0.6, np.nan, 0.6], nothing)}
    a, b = differences(models, "a")
    assert b["auc_macro"] == {"difference": None, **NOTHING}
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
    good, bad = differences(draws, "good", weights)
    for name in ("f1_macro", "auc_macro"):
        assert bad[name] == {"difference": None, **NOTHING}
    assert {row[name] for row in (good, bad) for name in ("first", "first_auc")} == {None}
    assert lead(draws["good"]["f1_macro"], {"floor": draws["bad"]["f1_macro"]}, weights) is None


def test_of_fewer_than_ten_groups_nothing_is_told_apart_or_above():
    models = {"a": figures([0.9] * 99), "b": figures([0.1] * 99)}
    told = [differences(models, "a", of_groups(groups), margin=0.02)[1]["f1_macro"] for groups in (8, 10)]
    assert {name: told[0][name] for name in NOTHING} == NOTHING
    assert [told[1]["told_apart"], told[1]["as_good"]] == [True, False]
    few, enough = (
        lead(models["a"]["f1_macro"], {"floor": models["b"]["f1_macro"]}, of_groups(groups)) for groups in (8, 10)
    )
    assert (few["above"], few["too_few"], few["groups"]) == (False, True, 8)
    assert (enough["above"], enough["too_few"], enough["groups"]) == (True, False, 10)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="'c' is not in"):
        differences({"a": figures([0.5, 0.5])}, "c")
    with pytest.raises(ValueError, match="same shape"):
        differences({"a": figures([0.5, 0.5]), "b": figures([0.5, 0.5, 0.5])}, "a")
