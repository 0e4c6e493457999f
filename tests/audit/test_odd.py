"""Marks that keep to one class: counted over distinct training pictures, and found where chance does not explain it."""

import numpy as np
import pytest

import hilum
from hilum.audit.odd import marked_classes


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(tmp_path_factory.mktemp("cache")))
        return hilum.read_table(hilum.write_phantom(tmp_path_factory.mktemp("marked") / "set", 96, 5).folder)


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
