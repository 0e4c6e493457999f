"""Intervals: figures with and without resamples, against SciPy and by a loop."""

from pathlib import Path

import numpy as np
import pytest
from helpers.sklearn_figures import sklearn_figures
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import bootstrap

from hilum.scoring import intervals, scoring
from hilum.scoring.intervals import Scored, point_figures, shares_with_intervals
from hilum.scoring.keras import keras_figures
from hilum.scoring.resamples import draw_resamples

CLASSES = ("adenocarcinoma", "large_cell_carcinoma", "normal", "squamous_cell_carcinoma")
SIZES = [0.25, 0.22, 0.18, 0.15, 0.1, 0.1]  # of groups of 1 to 6 slices, as in benchmarks/coverage.py
SHARES = ("precision", "recall", "specificity", "f1")


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
    none = np.empty((0, len(labels)), np.float32)
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
    weights = draw_resamples(scored.labels, scored.groups)
    assert scoring.group_figures(scored, weights) == scoring.group_figures(scored)


def test_many_chunks_are_one_after_the_other(monkeypatch):
    scored = random_scored(folds=3, repeats=2)
    weights = draw_resamples(scored.labels, scored.groups, 50)
    whole = figures_and_draws(scored, CLASSES, None, weights)[1]
    monkeypatch.setattr("hilum.scoring.metrics._CELLS", 1)
    monkeypatch.setattr("hilum.scoring.metrics._STEP", 7)
    parts = figures_and_draws(scored, CLASSES, None, weights)[1]
    assert all(np.array_equal(whole[name], parts[name]) for name in whole)
    assert whole["auc_macro"].shape == (51,)


def test_interval_is_scipys_percentile_interval_where_every_group_is_one_slice_of_one_class():
    correct = np.random.default_rng(3).random(150) < 0.8
    labels = np.zeros(150, np.intp)
    probabilities = np.where(correct[:, None], [0.9, 0.1], [0.1, 0.9])[None]
    scored = Scored(labels, probabilities, np.arange(150), None)
    own = figures_with_intervals(scored, ["a", "b"], None, draw_resamples(labels, scored.groups, 4000))["accuracy"]
    theirs = bootstrap((correct,), np.mean, n_resamples=4000, method="percentile", rng=0).confidence_interval
    assert own["value"] == correct.mean()
    assert (own["low"], own["high"]) == pytest.approx((theirs.low, theirs.high), abs=0.01)


def test_interval_is_that_of_a_loop_over_strata_and_groups():
    scored = random_scored(n=120, people=25)
    labels, correct = scored.labels, scored.probabilities[0].argmax(1) == scored.labels
    random = np.random.default_rng(5)
    cells = [
        [np.flatnonzero((labels == i) & (scored.groups == g)) for g in np.unique(scored.groups[labels == i])]
        for i in range(4)
    ]
    draws = []
    for _ in range(3000):
        rows = [own[j] for own in cells for j in random.integers(0, len(own), len(own))]
        draws.append(correct[np.concatenate(rows)].mean())
    own = figures_with_intervals(scored, CLASSES, None, draw_resamples(labels, scored.groups, 3000))["accuracy"]
    assert (own["low"], own["high"]) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), abs=0.012)


@settings(max_examples=30)
@given(splits(), st.integers(0, 5))
def test_no_resample_loses_a_class_or_splits_a_cell(split, seed):
    labels, _, groups = split
    weights = draw_resamples(labels, groups, 20, seed)
    assert weights.dtype == np.float32
    assert np.array_equal(weights, draw_resamples(labels, groups, 20, seed))
    for i in np.unique(labels):
        cells = [np.flatnonzero((labels == i) & (groups == g)) for g in np.unique(groups[labels == i])]
        assert all(np.ptp(weights[:, rows], axis=1).max() == 0 for rows in cells)
        assert np.all(sum(weights[:, rows[0]] for rows in cells) == len(cells))


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
    figures = figures_with_intervals(scored, CLASSES, "normal", draw_resamples(scored.labels, scored.groups, 50))
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
    own = figures_and_draws(mixed, CLASSES, None, draw_resamples(scored.labels, scored.groups, 10))[1]["auc_macro"]
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
        ({"weights": np.ones((5, 3), np.float32)}, r"not \[5, 3\]"),
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
    rest = {"weights": np.ones((5, 2), np.float32), "negative": None} | change
    scored = Scored(**(parts | {name: own for name, own in change.items() if name in parts}))
    with pytest.raises(ValueError, match=message):
        figures_with_intervals(scored, ["a", "b"], rest["negative"], rest["weights"])


@pytest.mark.parametrize(("labels", "groups", "count"), [([0, 1], [0], 5), ([], [], 5), ([0], [0], 0)])
def test_nothing_to_draw_is_refused(labels, groups, count):
    with pytest.raises(ValueError, match="n >= 1"):
        draw_resamples(np.array(labels, np.intp), np.array(groups, np.intp), count)


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


# What docs/protocols.md says of 1,000 sets: groups, correlation within them, covered by drawing groups and slices.
COVERED = [
    (30, 0.0, 0.903, 0.938),
    (30, 0.3, 0.909, 0.830),
    (30, 0.8, 0.885, 0.678),
    (100, 0.0, 0.924, 0.939),
    (100, 0.3, 0.935, 0.834),
    (100, 0.8, 0.918, 0.694),
    (400, 0.0, 0.925, 0.928),
    (400, 0.3, 0.946, 0.854),
    (400, 0.8, 0.949, 0.709),
]


@pytest.mark.parametrize(("groups", "correlation", "by_group", "by_slice"), COVERED)
def test_intervals_cover_the_truth_as_often_as_the_docs_say(groups, correlation, by_group, by_slice):
    """The truth is 0.85; of 100 sets as many intervals hold it as a share of the docs' table allows by chance."""
    sets = 100
    random, hits = np.random.default_rng(groups), np.zeros(2)
    for _ in range(sets):
        members = np.repeat(np.arange(groups), random.choice(np.arange(1, 7), groups, p=SIZES))
        own = np.full(groups, 0.85)
        if correlation:
            spread = (1 - correlation) / correlation
            own = random.beta(0.85 * spread, 0.15 * spread, groups)
        labels = members % 3
        right = random.random(len(members)) < own[members]
        probabilities = np.eye(3)[np.where(right, labels, (labels + 1) % 3)][None]
        for place, drawn in enumerate((members, np.arange(len(members)))):
            scored = Scored(labels, probabilities, drawn, None)
            found = shares_with_intervals(scored, draw_resamples(labels, drawn, 200))["accuracy"]
            hits[place] += found.low <= 0.85 <= found.high
    for count, share in zip(hits, (by_group, by_slice), strict=True):
        # The table's shares are of 1,000 sets and have an error of their own.
        error = np.sqrt(share * (1 - share) * (1 / sets + 1 / 1000))
        assert abs(count / sets - share) < 3 * error


def test_the_table_of_coverage_is_that_of_the_docs():
    lines = Path(__file__).parents[2].joinpath("docs", "protocols.md").read_text("utf-8").splitlines()
    rows = [[cell.strip(" %") for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    found = [tuple(map(float, row)) for row in rows if len(row) == 4 and row[0].isdigit()]
    assert found == [(groups, within, round(100 * a, 1), round(100 * b, 1)) for groups, within, a, b in COVERED]
