"""Marks that keep to one class: counted over distinct training pictures, and found where chance does not explain it."""

from pathlib import Path

import numpy as np
import pytest

from hilum.audit.odd import marked_classes
from hilum.slices.file_info import SliceFacts
from hilum.slices.labels import CLASSES
from hilum.slices.rows import SliceRow
from hilum.slices.table import SliceTable


@pytest.fixture(scope="module")
def table():
    rows = [
        SliceRow(f"{split}/{label}/{number}.png", label, split, None, _facts(f"{split}{label}{number}"))
        for split, count in (("train", 12), ("test", 6))
        for label in CLASSES
        for number in range(count)
    ]
    return SliceTable(Path(), tuple(rows), CLASSES, (), ())


def _facts(pixels):
    return SliceFacts(pixels, pixels, 1, 1, "PNG", "L", False, 1, None, 0.0)


def _first(table, split, label, many):
    marks = np.zeros(len(table.rows), np.bool_)
    marks[[number for number, row in enumerate(table.rows) if (row.split, row.label) == (split, label)][:many]] = True
    return marks


def test_a_mark_of_one_class_is_found_and_counted(table):
    of = table.counts["train"]["normal"]
    (found,) = marked_classes(table, {"text": _first(table, "train", "normal", 6)})
    elsewhere = sum(table.counts["train"].values()) - of

    assert (found.kind, found.label, found.marked, found.pictures) == ("text", "normal", 6, of)
    assert (found.marked_elsewhere, found.pictures_elsewhere) == (0, elsewhere)
    assert 0 < found.p < 0.001


def test_marks_of_all_classes_of_test_and_few_ones_tell_nothing(table):
    everywhere = sum(_first(table, "train", label, 6) for label in table.classes).astype(np.bool_)
    marks = (everywhere, _first(table, "test", "normal", 6), _first(table, "train", "normal", 1))

    assert marked_classes(table, {str(number): each for number, each in enumerate(marks)}) == []


def test_a_class_that_lacks_a_mark_of_all_others_is_not_called_marked(table):
    others = sum(_first(table, "train", label, 3) for label in table.classes if label != "normal").astype(np.bool_)

    assert marked_classes(table, {"text": others}) == []
