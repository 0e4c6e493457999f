"""Figures with intervals of every model under every protocol, and differences to the best."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

LITE0 = "efficientnet_lite0"


def test_given_and_its_interval_are_of_the_same_predictions(compared, phantom_table):
    for result in compared.results:
        given = result.predictions["given"]
        test = phantom_table.in_split("test")
        np.testing.assert_array_equal(given.probabilities[0], result.probabilities[test])
        figures = compared.scores.figures["given"][result.name]
        truth, called = phantom_table.labels[test], result.probabilities[test].argmax(1)
        assert figures.f1_macro.value == pytest.approx(f1_score(truth, called, average="macro", zero_division=0))
        assert figures.f1_macro.low is None  # each class of this small test split is of one patient
        assert figures.over_floor is None
    for row in compared.scores.differences["given"]:
        assert row.f1_macro.difference is None
        assert not row.f1_macro.told_apart
        assert row.first is None
    strict = compared.scores.figures["strict"][LITE0].f1_macro
    assert strict.low <= strict.value <= strict.high
