"""The trials of heads, and what the best of them would have promised."""

import numpy as np
import pytest
from heads import estimate, nested, trials
from sklearn.metrics import roc_auc_score

from hilum.backbones.zoo import backbone
from hilum.options import FeatureOptions

GROUPS = np.repeat(np.arange(20), 3)
LABELS = np.tile([0, 0, 1, 1], 5)[GROUPS]
NOISE = np.random.default_rng(0).random((30, 60))


def test_every_trial_has_a_name_of_its_own_and_settings_that_exist():
    found = trials()
    assert len({trial.name for trial in found}) == len(found)
    for trial in found:
        for name, size in trial.networks:
            assert FeatureOptions(size=size, views=trial.views)
            assert backbone(name).scales == 2
        assert [one.networks for one in trial.alone()] == [(network,) for network in trial.networks]


def test_an_estimate_is_of_the_sample_and_its_interval_of_the_resamples():
    assert estimate("f", np.array([7.0, *np.linspace(0, 1, 101)])) == pytest.approx(
        {"f": 7, "f_low": 0.025, "f_high": 0.975}
    )


def test_a_row_that_is_better_everywhere_is_chosen_by_every_half():
    answers = np.stack([NOISE[0], LABELS + 0.1 * NOISE[1], NOISE[2]])
    chosen, scored = nested(LABELS, GROUPS, answers, np.zeros(3))
    assert set(chosen) == {1}
    assert (scored == 1).all()


def test_the_luck_of_the_best_of_many_rows_is_not_counted():
    """Of rows that know nothing, the best looks good; on slices that did not choose it, it is not."""
    best = max(roc_auc_score(LABELS, row) for row in NOISE)
    _, scored = nested(LABELS, GROUPS, NOISE, np.zeros(len(NOISE)), 50)
    assert best > 0.6
    assert scored.mean() < 0.55


def test_strict_has_a_say():
    answers = np.stack([LABELS + NOISE[0], LABELS + NOISE[0]])
    assert set(nested(LABELS, GROUPS, answers, np.array([0.6, 0.7]))[0]) == {1}
