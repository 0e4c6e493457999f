"""Temperature, thresholds and their figures together."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.trust.calibration import log_loss, with_temperature
from hilum.trust.fit import fit_trust
from hilum.trust.outliers import held_out_scores, threshold_of
from hilum.trust.promises import answer_threshold

NAMES = tuple("abcd")


def _simulated(groups=80, each=4, k=4, width=24, repeats=2, seed=0, scale=3.0):
    """Look-alike groups, features about class means, and held-out logits that are `scale` times too sure."""
    random = np.random.default_rng(seed)
    members = np.repeat(np.arange(groups), each)
    labels = np.arange(groups)[members] % k
    own = random.normal(size=(groups, width))
    features = 2 * np.eye(k, width)[labels] + own[members] + 0.3 * random.normal(size=(len(members), width))
    logits = 2.0 * np.eye(k)[labels] + random.normal(size=(repeats, groups, k))[:, members]
    logits += 0.3 * random.normal(size=logits.shape)
    folds = np.stack([random.permutation(groups)[members] % 5 for _ in range(repeats)])
    return features.astype(np.float32), labels, members, scale * logits, folds, NAMES[:k]


def _none_is_nan(trust):
    json.dumps(trust.figures.as_json(), allow_nan=False)
    values = [trust.temperature, trust.thresholds.answer, trust.thresholds.outlier, *np.ravel(trust.curve)]
    assert np.isfinite(values).all()
    assert 0 <= trust.thresholds.answer <= 1
    assert 0 <= trust.thresholds.outlier <= 2
    assert trust.curve[0][:2] == (0, 1)


@pytest.fixture(scope="module")
def trust():
    return fit_trust(*_simulated())


def test_everything_is_there_and_json_ready(trust):
    _none_is_nan(trust)
    figures = trust.figures
    assert (figures.n, figures.groups, figures.repeats, figures.cross_folds) == (320, 80, 2, 5)
    assert figures.notes == ()
    assert len(figures.conformal.coverage_by_class) == len(figures.outliers.refused_by_class) == 4
    assert len(trust.curve) == 100


def test_the_temperature_is_that_of_all_repeats_and_mends_what_was_too_sure(trust):
    _, labels, _, logits, _, _ = _simulated()
    assert trust.temperature > 1.5
    best = log_loss(labels, with_temperature(logits, trust.temperature))
    for other in (0.9, 1.1):
        assert best < log_loss(labels, with_temperature(logits, other * trust.temperature))
    calibration = trust.figures.calibration
    for what in ("error", "loss", "brier"):
        assert getattr(calibration.after, what) < getattr(calibration.before, what)
    assert calibration.before.inside is False
    assert len(calibration.temperatures) == 5
    assert np.ptp(calibration.temperatures) > 0


def test_the_curve_and_the_threshold_are_those_of_the_pooled_predictions(trust):
    _, labels, members, logits, _, _ = _simulated()
    probabilities = with_temperature(logits, trust.temperature)
    top, right = probabilities.max(-1), probabilities.argmax(-1) == labels
    threshold, promise = answer_threshold(labels, members, probabilities)
    assert (trust.thresholds.answer, trust.thresholds.promise) == (threshold, promise)
    for threshold, coverage, risk in trust.curve[::20]:
        assert coverage == pytest.approx((top >= threshold).mean())
        assert risk == pytest.approx(1 - right[top >= threshold].mean())


def test_cross_fitted_figures_come_near_what_is_wanted(trust):
    answers = trust.figures.answers
    assert answers.at_threshold.accuracy.value == pytest.approx(0.95, abs=0.03)
    assert answers.at_threshold.accuracy_by_group.value == pytest.approx(0.95, abs=0.03)
    assert answers.at_90_coverage.coverage.value == pytest.approx(0.9, abs=0.04)
    assert answers.at_90_coverage.accuracy.value > answers.accuracy.value
    assert trust.figures.conformal.coverage.value == pytest.approx(0.9, abs=0.05)
    assert trust.figures.conformal.coverage_by_group.value == pytest.approx(0.9, abs=0.05)
    assert sum(trust.figures.conformal.sizes) == pytest.approx(1)
    refused = trust.figures.outliers.refused
    assert refused.low <= refused.value <= refused.high
    assert refused.value == pytest.approx(0.05, abs=0.04)
    for point in answers.risk_coverage:
        assert point.risk.low <= point.risk.value <= point.risk.high


def test_the_outlier_threshold_is_the_95th_percentile_of_scores_against_other_folds(trust):
    features, _, _, _, folds, _ = _simulated()
    assert trust.thresholds.outlier == threshold_of(held_out_scores(features, folds[0]))


def test_the_same_seed_gives_the_same():
    data = _simulated(groups=20)
    assert fit_trust(*data, seed=3) == fit_trust(*data, seed=3)
    assert fit_trust(*data, seed=3).figures != fit_trust(*data, seed=4).figures


@given(st.integers(2, 12), st.integers(2, 4), st.integers(2, 3), st.integers(2, 3), st.integers(0, 100))
@settings(max_examples=40)
def test_tiny_data_never_fails(n, groups, folds, k, seed):
    random = np.random.default_rng(seed)
    labels, members = random.integers(0, k, n), np.append([0, 1], random.integers(0, groups, n - 2))
    logits = random.normal(size=(2, n, k)) * random.choice([0.0, 1.0, 50.0])
    drawn = np.hstack([[[0, 1], [0, 1]], random.integers(0, folds, (2, n - 2))])
    found = fit_trust(random.normal(size=(n, 3)), labels, members, logits, drawn, NAMES[:k])
    _none_is_nan(found)
    assert any("groups of slices; thresholds" in note for note in found.figures.notes)


def test_two_folds_and_few_groups_are_said():
    features, labels, members, logits, folds, names = _simulated(groups=4)
    found = fit_trust(features, labels, members, logits, folds % 2, names)
    _none_is_nan(found)
    assert found.figures.cross_folds == 4
    assert any("4 folds instead of 5" in note for note in found.figures.notes)


def test_a_model_that_guesses_promises_nothing():
    features, labels, members, logits, folds, names = _simulated()
    guesses = np.random.default_rng(0).normal(size=logits.shape)
    found = fit_trust(features, labels, members, guesses, folds, names)
    assert not found.thresholds.promise.shown
    assert found.thresholds.answer < 1


def test_each_class_has_a_threshold_for_sets_and_one_with_few_groups_is_in_every_set(trust):
    assert set(trust.thresholds.set) == set(NAMES)
    assert min(trust.thresholds.set.values()) > 0
    few = fit_trust(*_simulated(groups=34))  # nine groups of a and b, eight of c and d
    assert [name for name, least in few.thresholds.set.items() if least == 0] == ["c", "d"]
    assert any(note.startswith("Every prediction set holds c, d") for note in few.figures.notes)
