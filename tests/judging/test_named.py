"""Checks of named protocols: each wrong in its own way, and said with the number of slices."""

import numpy as np
import pytest
from helpers.judged import NUMBERS, SLICES, answers
from helpers.protocol_slices import make_slices

from hilum.judging.named import wrong_with
from hilum.judging.trained import Trained
from hilum.scoring.protocols import distinct_rows


@pytest.mark.parametrize(
    ("protocol", "rows", "folds", "says"),
    [
        ("strict", [2, 4, 6], None, "no folds under strict"),
        ("strict", [4, 5, 6], [0, 1, 1], "2 slices of which a look-alike, or a slice with the same id, is in another"),
        ("strict", [4, 5, 6], [0, 0, 1], None),
        ("grouped", [4, 5, 6], [0, 1, 1], None),
        ("grouped", [2, 3, 6], [0, 1, 1], "2 slices of which the same slice is in another fold"),
        ("grouped", [0, 1, 6], [0, 0, 1], "1 slice that is a copy or carries two labels"),
        ("grouped", [4, 6, 7], [0, 0, 1], "1 slice that is a copy or carries two labels"),
        ("no-copies", [3, 5, 6], None, "1 slice of which the same slice was trained on"),
        ("no-copies", [5, 6], None, None),
        ("no-look-alikes", [5, 6], None, "1 slice of which a look-alike, or a slice with the same id, was trained on"),
        ("no-look-alikes", [6], None, None),
    ],
)
def test_what_is_wrong_is_said(protocol, rows, folds, says):
    trained = Trained(np.isin(NUMBERS, [2, 4]), 2, "a list")
    of = answers(rows, protocol, folds=None if folds is None else np.array([folds]), classes=2)
    wrong = wrong_with(protocol, [of], SLICES, trained, "a file")
    assert (wrong is None) == (says is None)
    assert says is None or (wrong.startswith("Serious: ") and says in wrong)


def test_folds_of_a_second_repeat_or_model_are_checked_too():
    slices = make_slices(2)
    rows = distinct_rows(slices)
    whole = slices.strict[rows] % 4
    torn = answers(rows, "strict", folds=np.stack([whole, np.arange(len(rows)) % 4]), classes=3)
    sound = answers(rows, "strict", folds=whole[None], classes=3)
    trained = Trained(np.zeros(len(slices.labels), np.bool_), 0, None)
    assert wrong_with("strict", [sound], slices, trained, "a file") is None
    assert "other" in wrong_with("strict", [torn], slices, trained, "a file")
    assert wrong_with("strict", [sound, torn], slices, trained, "a file")
