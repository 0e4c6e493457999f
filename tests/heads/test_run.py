"""Heads on frozen features: each is trained as its options say."""

from dataclasses import replace

import numpy as np
import pytest

from hilum.heads.options import HEADS, HeadOptions
from hilum.heads.run import Labelled, fit_head, run_all, run_heads
from hilum.scoring.protocols import Fit, Plan

ROWS = np.arange(60)
LABELS = ROWS % 3
DATA = Labelled(
    (np.random.default_rng(0).normal(size=(60, 5)) + 3 * np.eye(5)[LABELS]).astype(np.float32), LABELS, classes=3
)
FIT = Fit(ROWS[:45], ROWS[45:51], ROWS[51:], ROWS[:51])


def _trained(**options):
    return fit_head(DATA, FIT, ROWS, HeadOptions(**options), seed=2**32)


@pytest.mark.parametrize("name", HEADS)
def test_every_head_learns(name):
    head = _trained(head=name)
    shares = head.predict_proba(DATA.features[FIT.score])
    np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-5)
    assert list(head.classes_[shares.argmax(1)]) == list(LABELS[FIT.score])


def test_a_logistic_head_chooses_among_the_strengths_that_are_asked_for():
    assert [epoch.strength for epoch in _trained(head="logistic", strengths=(0.01, 0.5)).history_] == [0.01, 0.5]


def test_a_softmax_head_runs_the_epochs_that_are_asked_for():
    assert len(_trained(head="softmax", epochs=3).history_) == 3


@pytest.mark.parametrize("name", HEADS)
def test_a_head_learns_from_all_views_of_its_rows(name):
    """Rows that are not learnt from may be anything in further views; equal views of the others change little."""
    other = DATA.features.copy()
    other[FIT.score] = np.nan
    seen, fit, groups = replace(DATA, views=(other,)).seen(FIT, ROWS)
    np.testing.assert_array_equal(seen.features[fit.train], np.tile(DATA.features[FIT.train], (2, 1)))
    np.testing.assert_array_equal(seen.features[fit.whole], np.tile(DATA.features[FIT.whole], (2, 1)))
    np.testing.assert_array_equal(seen.features[fit.stop], DATA.features[FIT.stop])
    np.testing.assert_array_equal(seen.labels[fit.whole], np.tile(LABELS[FIT.whole], 2))
    np.testing.assert_array_equal(groups[fit.whole], np.tile(FIT.whole, 2))
    head = fit_head(replace(DATA, views=(other,)), FIT, ROWS, HeadOptions(head=name), seed=0)
    assert list(head.classes_[head.predict_proba(DATA.features[FIT.score]).argmax(1)]) == list(LABELS[FIT.score])


def test_trainings_that_plans_share_are_run_once():
    trained = []

    def train(data, fit, inner, options, seed):
        trained.append((len(fit.train), seed))
        return fit_head(data, fit, inner, options, seed)

    less = replace(FIT, score=FIT.score[::2])
    other = replace(FIT, train=ROWS[:40], whole=ROWS[:40])
    plans = {
        name: Plan(name, fit.score, ((fit,),) * 2, ROWS)
        for name, fit in (("given", other), ("no-copies", FIT), ("no-look-alikes", less))
    }
    found = run_all(DATA, plans, HeadOptions(), train)
    assert sorted(trained) == [(40, 0), (40, 1), (45, 0), (45, 1)]
    assert found.keys() == plans.keys()
    for name, of in found.items():
        np.testing.assert_allclose(of.by_seed, run_heads(DATA, plans[name], HeadOptions()).by_seed)
