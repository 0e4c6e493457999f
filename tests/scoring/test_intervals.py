"""Intervals: figures with and without resamples, against SciPy and by a loop."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.sklearn_figures import sklearn_figures
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binomtest, bootstrap

from hilum.scoring import intervals, scoring
from hilum.scoring.intervals import Scored, point_figures
from hilum.scoring.keras import keras_figures
from hilum.scoring.limits import estimate
from hilum.scoring.resamples import draw_resamples

CLASSES = ("adenocarcinoma", "large_cell_carcinoma", "normal", "squamous_cell_carcinoma")


def resamples_of(scored, count=2000, seed=0):
    return draw_resamples(scored.labels, scored.groups, count, seed, refitted=scored.folds is not None)


def figures_and_draws(*args):
    figures, draws = intervals.figures_and_draws(*args)
    return figures.as_json(), draws


def figures_with_intervals(*args):
    return figures_and_draws(*args)[0]


def random_scored(n=200, k=4, repeats=1, folds=None, people=60, seed=0):
    random = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(k), random.integers(0, k, n - k)])
    scores = random.random((repeats, n, k)).round(2) + 0.01 + 0.4 * np.eye(k)[labels]  # rounded: ties
    probabilities = scores / scores.sum(2, keepdims=True)
    parts = None if folds is None else random.integers(0, folds, (repeats, n))
    return Scored(labels, probabilities, random.integers(0, people, n), parts)


def estimates(figures):
    if not isinstance(figures, dict):
        return []
    return [figures] if "value" in figures else [one for own in figures.values() for one in estimates(own)]


@pytest.mark.parametrize("negative", ["a", "b"])
def test_the_auc_of_two_classes_has_one_interval(negative):
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 200)
    share = np.clip(random.integers(0, 65, 200) + 20 * labels, 0, 64) / 64  # so that one minus it is exact
    scored = Scored(labels, np.stack([1 - share, share], 1)[None], random.integers(0, 60, 200), None)
    figures = figures_with_intervals(scored, ("a", "b"), negative, resamples_of(scored))
    assert figures["auc_macro"] == pytest.approx(figures["binary"]["auc"])
    assert figures["auc_macro"]["low"] < figures["auc_macro"]["value"] < figures["auc_macro"]["high"]


@st.composite
def splits(draw):
    """Labels and probabilities with ties, zeros, ones and missing classes, and groups."""
    n = draw(st.integers(1, 25))
    labels = draw(arrays(np.intp, n, elements=st.integers(0, 3)))
    weights = draw(arrays(np.float64, (n, 4), elements=st.integers(0, 4)))
    weights[weights.sum(1) == 0] = 1
    groups = draw(arrays(np.intp, n, elements=st.integers(0, 6)))
    return labels, weights / weights.sum(1, keepdims=True), groups


@pytest.mark.filterwarnings("error")
@settings(max_examples=30)
@given(splits())
def test_the_plain_figures_are_those_without_resamples(split):
    labels, probabilities, groups = split
    scored = Scored(labels, probabilities[None], groups, None)
    figures, draws = intervals.figures_and_draws(scored, CLASSES, "normal", draw_resamples(labels, groups, 20))
    none = draw_resamples(labels, groups, 0)
    plain = point_figures(figures)
    assert plain == point_figures(intervals.figures_and_draws(scored, CLASSES, "normal", none)[0])
    assert set(figures.as_json()) == {*plain.as_json(), "groups"}
    assert draws["f1_macro"][0] == plain.f1_macro


def test_plain_figures_of_classes_of_any_name():
    labels = np.array([0, 0, 1])
    scored = Scored(labels, np.eye(2)[[0, 1, 1]][None], np.arange(3), None)
    weights = draw_resamples(labels, scored.groups, 20)
    figures = point_figures(intervals.figures_and_draws(scored, ["value", "groups"], "value", weights)[0])
    assert {name: of.recall for name, of in figures.per_class.items()} == {
        "value": 0.5,
        "groups": 1.0,
    }


def test_whole_groups_are_drawn_as_their_slices_are():
    """Resamples of slices by group serve for whole groups too: they are the same as drawn anew with the same seed."""
    scored = random_scored(repeats=2, folds=3)
    weights = resamples_of(scored)
    assert scoring.group_figures(scored, weights) == scoring.group_figures(scored)


def test_many_chunks_are_one_after_the_other(monkeypatch):
    scored = random_scored(folds=3, repeats=2)
    weights = resamples_of(scored, 50)
    whole = figures_and_draws(scored, CLASSES, None, weights)[1]
    monkeypatch.setattr("hilum.scoring.metrics._CELLS", 1)
    monkeypatch.setattr("hilum.scoring.metrics._STEP", 7)
    parts = figures_and_draws(scored, CLASSES, None, weights)[1]
    assert all(np.array_equal(whole[name], parts[name]) for name in whole)
    assert whole["auc_macro"].shape == (51,)


def test_draws_are_scipys_bootstrap_where_every_group_is_one_slice_of_one_class():
    correct = np.random.default_rng(3).random(150) < 0.8
    labels = np.zeros(150, np.intp)
    probabilities = np.where(correct[:, None], [0.9, 0.1], [0.1, 0.9])[None]
    scored = Scored(labels, probabilities, np.arange(150), None)
    own = figures_and_draws(scored, ["a", "b"], None, resamples_of(scored, 4000))[1]["accuracy"]
    theirs = bootstrap((correct,), np.mean, n_resamples=4000, method="percentile", rng=0)
    assert own[0] == correct.mean()
    assert own[1:].std(ddof=1) == pytest.approx(theirs.standard_error, rel=0.04)


def test_interval_is_that_of_a_loop_over_strata_and_groups():
    scored = random_scored(n=120, people=25)
    labels, correct = scored.labels, scored.probabilities[0].argmax(1) == scored.labels
    random = np.random.default_rng(5)
    cells = [
        [np.flatnonzero((labels == i) & (scored.groups == g)) for g in np.unique(scored.groups[labels == i])]
        for i in range(4)
    ]
    draws = [correct.mean()]
    for _ in range(3000):
        rows = [own[j] for own in cells for j in random.integers(0, len(own), len(own))]
        draws.append(correct[np.concatenate(rows)].mean())
    resamples = resamples_of(scored, 3000)
    own = figures_with_intervals(scored, CLASSES, None, resamples)["accuracy"]
    looped = estimate(np.array(draws), resamples.basis())
    assert (own["low"], own["high"]) == pytest.approx((looped.low, looped.high), abs=0.01)


def test_a_perfect_score_has_exact_limits_on_its_groups():
    """Class a has 5 groups, b and c have 10: 1 of 5 groups cannot be told from 0.48 of them (Clopper-Pearson)."""
    labels = np.repeat([0, 1, 2], [15, 20, 20])
    groups = np.concatenate([np.arange(15) // 3, 5 + np.arange(40) // 2])
    scored = Scored(labels, np.eye(3)[labels][None], groups, None)
    figures = figures_with_intervals(scored, ["a", "b", "c"], "b", resamples_of(scored, 50))
    expected = {
        "accuracy": 25, "f1_weighted": 25, "f1_macro": 15, "auc_macro": 15, "recall_macro": 15,
    }  # fmt: skip
    for name, count in expected.items():
        assert figures[name]["low"] == pytest.approx(binomtest(count, count).proportion_ci(method="exact").low)
        assert figures[name]["high"] == 1
    low = {name: figures["per_class"]["a"][name]["low"] for name in ("precision", "recall", "f1", "specificity")}
    five, twenty = (binomtest(count, count).proportion_ci(method="exact").low for count in (5, 20))
    assert low == pytest.approx({"precision": five, "recall": five, "f1": five, "specificity": twenty})
    assert round(five, 2) == 0.48
    binary = figures["binary"]  # b is the smaller side
    assert binary["auc"]["low"] == pytest.approx(binomtest(10, 10).proportion_ci(method="exact").low)
    assert binary["sensitivity"]["low"] == pytest.approx(binomtest(15, 15).proportion_ci(method="exact").low)


def test_folds_widen_every_interval():
    """Models of folds add 0.7 times the variance of the resamples."""
    scored = random_scored(n=400, people=200)
    folded = Scored(scored.labels, scored.probabilities, scored.groups, np.zeros((1, 400), np.intp))
    one, several = (
        figures_with_intervals(each, CLASSES, "normal", resamples_of(each, 300)) for each in (scored, folded)
    )
    pairs = list(zip(estimates(one), estimates(several), strict=True))
    assert len(pairs) > 20
    for narrow, wide in pairs:
        assert narrow["value"] == wide["value"]
        assert narrow["low"] is None or wide["low"] < narrow["low"] < narrow["high"] < wide["high"]
    widths = [of["accuracy"]["high"] - of["accuracy"]["low"] for of in (one, several)]
    assert widths[1] / widths[0] == pytest.approx(np.sqrt(1.7), abs=0.03)
    wholes = [scoring.group_figures(each).accuracy for each in (scored, folded)]
    assert wholes[1].low < wholes[0].low < wholes[0].high < wholes[1].high


def test_groups_of_like_slices_widen_the_interval():
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 5)
    labels = np.repeat(random.integers(0, 2, 40), 5)
    probabilities = np.eye(2)[np.where(np.repeat(random.random(40) < 0.8, 5), labels, 1 - labels)][None]
    widths = []
    for drawn in (groups, np.arange(200)):
        scored = Scored(labels, probabilities, drawn, None)
        own = figures_with_intervals(scored, ["a", "b"], None, draw_resamples(labels, drawn))["accuracy"]
        widths.append(own["high"] - own["low"])
    assert 1.8 < widths[0] / widths[1] < 2.7  # the square root of 5


def test_values_are_means_over_repeats_with_aucs_inside_folds():
    scored = random_scored(repeats=3, folds=4)
    figures = figures_with_intervals(scored, CLASSES, "normal", resamples_of(scored, 50))
    whole = [sklearn_figures(scored.labels, one, CLASSES, "normal") for one in scored.probabilities]
    parts = [
        sklearn_figures(scored.labels[own == fold], one[own == fold], CLASSES, "normal")
        for one, own in zip(scored.probabilities, scored.folds, strict=True)
        for fold in range(4)
    ]
    keras = [
        keras_figures(scored.labels[own == fold], one[own == fold]).auc
        for one, own in zip(scored.probabilities, scored.folds, strict=True)
        for fold in range(4)
    ]
    for name in ("loss", "accuracy", "precision_macro", "f1_macro", "f1_weighted"):
        assert figures[name]["value"] == pytest.approx(np.mean([one[name] for one in whole]))
    assert figures["auc_macro"]["value"] == pytest.approx(np.mean([one["auc_macro"] for one in parts]))
    assert figures["binary"]["auc"]["value"] == pytest.approx(np.mean([one["binary"]["auc"] for one in parts]))
    assert figures["keras"]["auc"]["value"] == pytest.approx(np.mean(keras))
    assert figures["confusion"] == pytest.approx(np.mean([one["confusion"] for one in whole], axis=0))
    assert {one["low"] for one in figures.pop("keras").values()} == {None}
    assert all(one["low"] <= one["value"] <= one["high"] for one in estimates(figures))


def test_fold_without_a_class_is_left_out_of_the_auc():
    scored = random_scored()
    folds = np.where(scored.labels == 0, 0, np.arange(len(scored.labels)) % 2)[None]  # fold 1 lacks class 0
    mixed = Scored(scored.labels, scored.probabilities, scored.groups, folds)
    own = figures_and_draws(mixed, CLASSES, None, resamples_of(mixed, 10))[1]["auc_macro"]
    rows = folds[0] == 0
    part = sklearn_figures(scored.labels[rows], scored.probabilities[0, rows], CLASSES, None)
    assert own[0] == pytest.approx(part["auc_macro"])


def test_groups_are_counted_and_few_are_said():
    labels = np.repeat([0, 1], [30, 12])
    groups = np.concatenate([np.arange(30) // 2, np.full(6, 100), np.full(6, 101)])
    scored = Scored(labels, np.eye(2)[labels][None], groups, None)
    figures = figures_with_intervals(scored, ["a", "b"], "b", draw_resamples(labels, groups, 20))
    assert figures["groups"] == 17
    assert [figures["per_class"][name]["groups"] for name in "ab"] == [15, 2]
    assert [figures["per_class"][name]["too_few"] for name in "ab"] == [False, True]
    assert figures["binary"]["too_few"] is True
    assert figures_with_intervals(scored, ["a", "b"], None, draw_resamples(labels, groups, 20))["binary"] is None


def test_absent_class_has_no_figures():
    labels = np.array([0, 0, 1])
    scored = Scored(labels, np.eye(3)[[0, 1, 1]][None], np.arange(3), None)
    figures = figures_with_intervals(scored, ["a", "b", "c"], "c", draw_resamples(labels, scored.groups, 20))
    nothing = {"value": None, "low": None, "high": None}
    assert figures["auc_macro"] == figures["per_class"]["c"]["recall"] == figures["binary"]["auc"] == nothing


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"probabilities": np.full((2, 2), 0.5)}, r"\[repeats, 2, 2\], not float64 \[2, 2\]"),
        ({"groups": np.arange(3)}, r"groups must be \[2\]"),
        ({"folds": np.zeros((2, 2), np.intp)}, r"folds must be \[1, 2\]"),
        ({"resamples": draw_resamples(np.array([0, 1]), np.array([0, 0]), 5)}, "the same labels and groups"),
        ({"resamples": draw_resamples(np.array([0, 1]), np.arange(2), 5, refitted=True)}, "refitted=True if"),
        ({"negative": "c"}, "'c' is not among"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    parts = {
        "labels": np.array([0, 1]),
        "probabilities": np.full((1, 2, 2), 0.5),
        "groups": np.arange(2),
        "folds": None,
    }
    rest = {"resamples": draw_resamples(np.array([0, 1]), np.arange(2), 5), "negative": None} | change
    scored = Scored(**(parts | {name: own for name, own in change.items() if name in parts}))
    with pytest.raises(ValueError, match=message):
        figures_with_intervals(scored, ["a", "b"], rest["negative"], rest["resamples"])


def test_one_group_a_class_has_no_interval():
    labels = np.arange(12) % 2
    probabilities = np.random.default_rng(0).dirichlet([1, 1], 12)[None]
    figures = figures_with_intervals(
        Scored(labels, probabilities, np.zeros(12, np.intp), None), ["a", "b"], None,
        draw_resamples(labels, np.zeros(12, np.intp)),
    )  # fmt: skip
    assert figures["accuracy"]["value"] == (probabilities[0].argmax(1) == labels).mean()
    assert figures["accuracy"]["low"] is None
    assert figures["per_class"]["a"]["recall"]["high"] is None


def test_classes_alone_have_no_figures_that_need_probabilities():
    labels, called = np.arange(60) % 3, np.arange(60) % 7 % 3
    scored = Scored(labels, np.eye(3)[called][None], np.arange(60), None)
    drawn = draw_resamples(labels, scored.groups, 20)
    whole, _ = intervals.figures_and_draws(scored, CLASSES[:3], CLASSES[0], drawn)
    only, draws = intervals.figures_and_draws(replace(scored, classes_only=True), CLASSES[:3], CLASSES[0], drawn)
    assert only.loss.value is only.auc_macro.value is only.binary.auc.value is None
    assert [figure.value for _, figure in only.keras] == [None] * 3
    assert np.isnan(draws["auc_macro"]).all()
    for name in ("accuracy", "f1_macro", "recall_macro", "per_class", "confusion"):
        assert getattr(only, name) == getattr(whole, name)
    assert only.binary.sensitivity == whole.binary.sensitivity
