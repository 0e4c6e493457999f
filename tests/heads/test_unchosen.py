"""What is said of heads whose strengths no folds could choose."""

from dataclasses import replace

import numpy as np
import pytest

from hilum.heads.unchosen import unchosen_note
from hilum.records.heads import ChosenScorer
from hilum.scoring.protocols import Slices

TAKEN = [ChosenScorer(question=of, kind="kernel", strength=1.0, gamma=0.3, at_edge=False) for of in ("cancer", "type")]
NAMING = "Add slices of other patients, or name the patients with --groups (groups= in Python)."


@pytest.fixture
def slices():
    rows = np.arange(8)
    strict = np.array([0, 0, 0, 0, 0, 1, 2, 3])
    alike = np.zeros(8, bool)
    return Slices(rows % 2, rows * 0, rows, rows, strict, 0.87, alike, classes=("large_cell", "normal"))


def test_one_group_of_more_than_half(slices):
    assert unchosen_note(slices, np.arange(8), "train", TAKEN) == (
        "In train, 5 of the 8 slices lie in one group of look-alikes, so no folds could choose the strength of the "
        f"heads, which is 1. {NAMING}"
    )


def test_a_class_in_one_group(slices):
    alone = replace(slices, strict=np.array([0, 1, 0, 2, 0, 3, 0, 4]))
    assert unchosen_note(alone, np.arange(8), "train", TAKEN).startswith(
        "In train, the slices of large cell lie in fewer than two groups, so no folds"
    )


def test_given_ids_need_no_names(slices):
    note = unchosen_note(replace(slices, likeness=None), np.arange(8), "train", TAKEN)
    assert "in one group of slices with one id" in note
    assert note.endswith("which is 1. Add slices of other patients.")
