"""Heads on frozen features: each is trained as its options say."""

import numpy as np
import pytest

from hilum.heads.options import HEADS, HeadOptions
from hilum.heads.run import Labelled, fit_head
from hilum.scoring.protocols import Fit

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
    assert [epoch.strength for epoch in _trained(strengths=(0.01, 0.5)).history_] == [0.01, 0.5]


def test_a_softmax_head_runs_the_epochs_that_are_asked_for():
    assert len(_trained(head="softmax", epochs=3).history_) == 3
