"""Cross-fitted figures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.records.figures import Estimate
from hilum.scoring.resamples import draw_resamples
from hilum.trust.calibration import fit_temperature, with_temperature
from hilum.trust.measure import FOLDS, answer_figures, cross_fit, cross_folds, outlier_figures, refused, set_figures
from hilum.trust.outliers import threshold_of


def _data(n=120, k=3, repeats=2, seed=0):
    random = np.random.default_rng(seed)
    labels, groups = np.arange(n) % k, np.arange(n) // 2
    return labels, groups, 3 * np.eye(k)[labels] + 2 * random.normal(size=(repeats, n, k))


def test_a_fold_has_no_say_in_its_own_parameters():
    labels, groups, logits = _data()
    folds = cross_folds(labels, groups)
    plain = cross_fit(labels, groups, logits, logits)
    for fold, (_, own) in enumerate(folds):
        other = np.where(
            np.isin(np.arange(120), own)[:, None], np.random.default_rng(fold).normal(size=logits.shape), logits
        )
        changed = cross_fit(labels, groups, other, other)
        assert changed.temperatures[fold] == plain.temperatures[fold]
        assert changed.thresholds[fold] == plain.thresholds[fold]
        assert all(changed.temperatures[i] != plain.temperatures[i] for i in range(5) if i != fold)


def test_each_slice_gets_what_the_other_folds_gave():
    labels, groups, logits = _data()
    folds = cross_folds(labels, groups)
    fitted = cross_fit(labels, groups, logits, logits)
    for fold, (others, own) in enumerate(folds):
        temperature = fit_temperature(logits[:, others].reshape(-1, 3), np.tile(labels[others], 2))
        assert fitted.temperatures[fold] == temperature
        np.testing.assert_array_equal(fitted.probabilities[:, own], with_temperature(logits[:, own], temperature))
        top = fitted.probabilities[:, own].max(-1)
        np.testing.assert_array_equal(fitted.answered[:, own], top >= fitted.thresholds[fold])


def test_parameters_of_one_set_of_predictions_are_measured_on_another():
    labels, groups, logits = _data()
    fitted = cross_fit(labels, groups, 2 * logits, logits)
    own = cross_fit(labels, groups, logits, logits)
    np.testing.assert_allclose(fitted.temperatures, 2 * np.array(own.temperatures), rtol=1e-4)
    assert (fitted.probabilities.max(-1) < own.probabilities.max(-1)).all()


def test_the_figures_of_sets_by_hand():
    labels, sets = np.arange(8) % 2, np.ones((1, 8, 2), bool)
    sets[0, 0, labels[0]] = False
    groups = np.array([0, 1, 1, 1, 2, 2, 2, 2])
    held = sets[:, np.arange(8), labels]
    figures = set_figures(labels, 2, groups, sets, held, draw_resamples(labels, groups, 20))
    assert figures.coverage.value == pytest.approx(7 / 8)
    assert [one.value for one in figures.coverage_by_class] == [pytest.approx(3 / 4), 1.0]
    assert figures.coverage_by_group.value == pytest.approx(2 / 3)
    assert figures.mean_size == pytest.approx(15 / 8)
    assert figures.sizes == (0.0, pytest.approx(1 / 8), pytest.approx(7 / 8))


def test_the_figures_of_answers_by_hand():
    """Of six slices in three groups five are answered; the wrong one is half of a group."""
    labels, groups = np.array([0, 0, 1, 1, 0, 1]), np.array([0, 0, 1, 1, 2, 2])
    tops = np.array([0.9, 0.9, 0.9, 0.9, 0.9, 0.6])
    called = np.array([0, 0, 1, 0, 0, 1])
    probabilities = np.where(np.eye(2)[called] == 1, tops[:, None], 1 - tops[:, None])[None]
    answered, mostly = probabilities.max(-1) >= 0.8, probabilities.max(-1) >= 0.5
    figures = answer_figures(labels, groups, probabilities, answered, mostly, draw_resamples(labels, groups, 20))
    assert figures.accuracy.value == pytest.approx(5 / 6)
    assert figures.at_threshold.coverage.value == pytest.approx(5 / 6)
    assert figures.at_threshold.accuracy.value == pytest.approx(4 / 5)
    assert figures.at_threshold.accuracy_by_group.value == pytest.approx((1 + 0.5 + 0.5) / (1 + 1 + 0.5))
    assert figures.at_90_coverage.accuracy_by_group.value == pytest.approx(2.5 / 3)


def test_a_slice_is_refused_by_the_threshold_of_the_other_folds():
    labels, groups, _ = _data()
    scores = np.random.default_rng(2).random(120)
    folds, above = cross_folds(labels, groups), refused(labels, groups, scores)
    for others, own in folds:
        assert np.array_equal(above[own], scores[own] > threshold_of(scores[others]))
    figures = outlier_figures(labels, above, 4, draw_resamples(labels, groups, 50))
    assert figures.refused.value == pytest.approx(above.mean())
    assert figures.refused_by_class[1].value == pytest.approx(above[labels == 1].mean())
    assert figures.refused_by_class[3] == Estimate(value=None, low=None, high=None)


@given(st.integers(0, 10_000), st.integers(2, 60), st.integers(2, 20))
@settings(max_examples=40)
def test_look_alikes_stay_together_and_every_slice_is_measured_once(seed, n, many):
    random = np.random.default_rng(seed)
    labels, groups = random.integers(0, 3, n), np.append([0, 1], random.integers(0, many, n - 2))
    folds = cross_folds(labels, groups, seed)
    assert 2 <= len(folds) <= min(FOLDS, len(np.unique(groups)))
    for others, own in folds:
        assert not set(groups[others]) & set(groups[own])
        assert sorted([*others, *own]) == list(range(n))
    assert sorted(np.concatenate([own for _, own in folds])) == list(range(n))


def test_classes_are_spread_and_the_seed_decides():
    labels, groups = np.arange(200) % 2, np.arange(200) // 2 // 2
    first, again, other = ([own.tolist() for _, own in cross_folds(labels, groups, seed)] for seed in (1, 1, 2))
    for own in first:
        assert abs(labels[own].mean() - 0.5) < 0.1
    assert first == again
    assert first != other
