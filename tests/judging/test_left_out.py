"""Why slices are left out: one reason each, in a fixed order."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.judged import NUMBERS, SLICES, answers

from hilum.judging.left_out import TRAINED, UNNAMED, reasons, reasons_beside
from hilum.judging.trained import Trained
from hilum.scoring.left_out import COPY, TWO_LABELS, UNKNOWN

ALIKE = "a look-alike of a training slice (above 0.87)"


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        ("given", [UNKNOWN, *[None] * 7]),
        ("no-copies", [UNKNOWN, None, TRAINED, TRAINED, TRAINED, None, None, TWO_LABELS]),
        ("no-look-alikes", [UNKNOWN, None, TRAINED, TRAINED, TRAINED, ALIKE, None, TWO_LABELS]),
    ],
)
def test_a_slice_has_its_first_reason(protocol, expected):
    slices = replace(SLICES, labels=np.where(NUMBERS == 0, -1, SLICES.labels))
    trained = Trained(np.isin(NUMBERS, [2, 4]), 2, "a list")
    assert reasons(protocol, [answers(NUMBERS, classes=2)], slices, trained) == expected


def test_the_first_of_copies_stays():
    trained = Trained(NUMBERS > 5, 2, "a list")
    assert reasons("no-copies", [answers([0, 1, 2], classes=2)], SLICES, trained) == [None, COPY, None]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ids": True}, f"{ALIKE}, or of its patient or series"),
        ({"ids": True, "likeness": None}, "of a patient or series that was trained on"),
    ],
)
def test_ids_go_before_look_alikes(change, says):
    trained = Trained(NUMBERS == 4, 1, "a list")
    assert reasons("no-look-alikes", [answers([5], classes=2)], replace(SLICES, **change), trained) == [says]


def test_slices_that_a_protocol_of_the_file_lacks():
    assert reasons_beside(NUMBERS, np.array([0, 4, 5]), SLICES) == [
        *(None, COPY, UNNAMED, UNNAMED, None, None, UNNAMED, TWO_LABELS),
    ]
