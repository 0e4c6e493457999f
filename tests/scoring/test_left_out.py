"""Which slices are left out of figures: one reason each, the first that holds."""

from types import SimpleNamespace

import numpy as np

from hilum.scoring.classes import read_classes
from hilum.scoring.left_out import COPY, TWO_LABELS, UNKNOWN, first_reasons, left_out, said, without_copies

READING = read_classes(("ill", "odd", "well"), ("a", "b"), {"ill": "a", "well": "b"}, None)


def _reasons(*rows, **seen):
    """Reasons for rows of (label, pixels)."""
    table = SimpleNamespace(
        rows=[SimpleNamespace(label=label, facts=SimpleNamespace(pixels=pixels)) for label, pixels in rows]
    )
    return left_out(table, READING, {reason: np.array(those) for reason, those in seen.items()})


def test_an_unknown_class_two_labels_and_copies():
    rows = [("ill", "1"), ("odd", "2"), ("ill", "1"), ("well", "3"), ("ill", "3"), ("odd", "1")]
    reasons = _reasons(*rows)
    assert reasons == [None, UNKNOWN, COPY, TWO_LABELS, TWO_LABELS, UNKNOWN]


def test_the_first_reason_counts_and_copies_are_of_what_is_left():
    assert first_reasons({"a": np.array([True, False, True]), "b": np.array([True, True, False])}) == ["a", "b", "a"]
    assert without_copies(["a", None, None, "a", None], np.array([1, 1, 1, 1, 2])) == ["a", None, COPY, "a", None]


def test_a_sentence_says_how_many_and_why():
    assert said({UNKNOWN: 1200, COPY: 1}) == (
        "1,201 slices were left out: 1,200 (of a class that is neither known nor mapped), 1 (a copy of another slice)."
    )
    assert said({COPY: 2}) == "2 slices were left out (a copy of another slice)."
    assert said({COPY: 1}) == "1 slice was left out (a copy of another slice)."


def test_what_was_seen_in_training_comes_before_copies_and_the_first_reason_counts():
    rows = [("ill", "1"), ("ill", "1"), ("well", "2"), ("well", "2")]
    assert _reasons(*rows, same=[True, True, False, False], alike=[True, False, False, True]) == [
        "same", "same", None, "alike",
    ]  # fmt: skip


def test_two_classes_read_as_one_are_not_two_labels():
    table = SimpleNamespace(
        rows=[SimpleNamespace(label=label, facts=SimpleNamespace(pixels="1")) for label in ("a", "c")]
    )
    two = read_classes(("a", "c"), ("a", "b", "c"), {}, "b")
    assert left_out(table, two, {}) == [None, COPY]
