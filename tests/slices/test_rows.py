"""Rows of a table: their groups and their split."""

from dataclasses import replace

import pytest

from hilum.errors import HilumError
from hilum.slices.rows import grouped, newly_split


@pytest.fixture
def rows(phantom_table):
    """Rows without groups."""
    return [replace(row, group=None) for row in phantom_table.rows]


def _of_patients(rows, *patients):
    return [
        replace(row, facts=replace(row.facts, patient=patients[number % len(patients)], series=f"s{number % 3}"))
        for number, row in enumerate(rows)
    ]


def test_rows_without_headers_keep_their_groups(rows, phantom_table):
    assert grouped(rows) == (rows, [])
    assert grouped(list(phantom_table.rows)) == (list(phantom_table.rows), [])


def test_rows_are_grouped_by_patient_or_else_by_series(rows):
    by_patient, (note,) = grouped(_of_patients(rows, "a", "b"))
    assert {row.group for row in by_patient} == {"a", "b"}
    assert "2 patients" in note
    by_series, (note,) = grouped(_of_patients(rows, "a"))
    assert {row.group for row in by_series} == {"s0", "s1", "s2"}
    assert "3 series, since all name the same patient" in note


def test_a_split_is_drawn_and_said_to_be(rows):
    split, (note,) = newly_split(rows, 3, complete=True)
    assert {row.split for row in split} == {"train", "valid", "test"}
    assert "split 70/10/20 with seed 3" in note
    assert split == newly_split(rows, 3, complete=True)[0]


def test_too_few_slices_to_split_are_refused_or_stay_in_train(rows):
    few = [replace(row, split="train") for row in rows[:2]]
    with pytest.raises(HilumError):
        newly_split(few, 0, complete=True)
    kept, (note,) = newly_split(few, 0, complete=False)
    assert kept == few
    assert note.startswith("No split could be drawn")
