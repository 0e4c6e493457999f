"""Scoring: the fits of a plan are run row by row, and whole groups are scored once."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.protocol_slices import make_slices

from hilum.scoring import scoring
from hilum.scoring.intervals import Scored, figures_and_draws
from hilum.scoring.protocols import Fit, distinct_rows, folds, given, no_copies, no_look_alikes
from hilum.scoring.resamples import draw_resamples
from hilum.scoring.scoring import Predictions, figures_of, known, run_plan


def test_a_plan_is_run_row_by_row():
    """Each row's prediction comes from the fit that scores it, and seeds of one split are averaged."""
    slices = make_slices(4)
    plan = folds("strict", slices, distinct_rows(slices), slices.strict, repeats=3)

    def predict(fit, seed):
        return np.stack([fit.score, np.full(len(fit.score), seed), np.full(len(fit.score), len(fit.train))], 1)

    predictions = run_plan(plan, 3, predict, seed=10)
    for repeat in range(3):
        np.testing.assert_array_equal(predictions.probabilities[repeat, :, 0], plan.scored)
        assert set(predictions.probabilities[repeat, :, 1]) == {10 + repeat}
        for number, fit in enumerate(plan.repeats[repeat]):
            places = plan.folds[repeat] == number
            np.testing.assert_array_equal(plan.scored[places], np.sort(fit.score))
            assert set(predictions.probabilities[repeat, places, 2]) == {len(fit.train)}
    single = run_plan(given(slices, 3), 3, predict, seed=10)
    assert single.probabilities.shape[0] == 1
    assert set(single.probabilities[0, :, 1]) == {11}
    assert single.by_seed.shape[0] == 3


def test_predictions_of_trainings_that_were_run_are_taken_from_there():
    slices, seen = make_slices(4), []

    def predict(fit, seed):
        seen.append(fit)
        return np.stack([fit.score + seed / 10, np.full(len(fit.score), len(fit.train)), fit.score], 1)

    whole, part = no_copies(slices, 3), no_look_alikes(slices, 2)
    assert 0 < len(part.scored) < len(whole.scored)
    ran = [run_plan(plan, 3, predict, seed=10) for plan in (given(slices, 3), whole)]
    found, expected = known(part, ran), run_plan(part, 3, predict, seed=10)
    assert found.plan is part
    np.testing.assert_array_equal(found.probabilities, expected.probabilities)
    np.testing.assert_array_equal(found.by_seed, expected.by_seed)
    assert known(whole, [expected]) is None
    rows = distinct_rows(slices)
    two, three = (folds("strict", slices, rows, slices.strict, repeats=repeats) for repeats in (2, 3))
    found = known(two, [*ran, run_plan(three, 3, predict, seed=10)])
    np.testing.assert_array_equal(found.probabilities, run_plan(two, 3, predict, seed=10).probabilities)


def test_one_group_a_class_has_no_interval_of_whole_groups_and_no_resamples():
    labels = np.arange(12) % 2
    scored = Scored(labels, np.eye(2)[labels][None], np.zeros(12, np.intp), None)
    found = group_figures(scored)
    assert found["f1_macro"] == found["accuracy"] == {"value": 1.0, "low": None, "high": None}
    draws = figures_and_draws(scored, ["a", "b"], None, draw_resamples(labels, scored.groups, 20))[1]
    assert [drawn.tolist() for drawn in draws.values()] == [[1.0]] * 3


def test_figures_of_groups_count_each_group_once():
    labels = np.array([0, 0, 0, 1, 1, 0])
    groups = np.array([0, 0, 0, 1, 1, 2])
    right = np.array([0.9, 0.1, 0.9, 0.2, 0.3, 0.4])  # of class 0; means by group: 0.63, 0.25, 0.4
    probabilities = np.stack([right, 1 - right], 1)[None]
    figures = group_figures(Scored(labels, probabilities, groups, None))
    assert figures["n"] == 3
    assert figures["accuracy"]["value"] == pytest.approx(2 / 3)
    assert figures["f1_macro"]["value"] == pytest.approx((2 / 3 + 2 / 3) / 2)


def group_figures(*args):
    return scoring.group_figures(*args).as_json()


def test_a_model_without_folds_can_stand_beside_one_with_folds():
    slices = make_slices(4)
    plan = folds("strict", slices, distinct_rows(slices), slices.strict, repeats=1)
    one = replace(plan, repeats=((Fit(*[plan.scored] * 4),),))
    labels = slices.labels[plan.scored]
    probabilities = np.eye(labels.max() + 1)[labels][None]
    drawn = scoring.resamples_of(plan, slices, 0)
    names = [str(number) for number in range(labels.max() + 1)]
    of = [figures_of(Predictions(how, probabilities, probabilities), slices, names, None, drawn) for how in (plan, one)]
    assert [figures.n for figures, _ in of] == [len(plan.scored)] * 2
