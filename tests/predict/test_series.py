"""Summaries of DICOM series."""

import numpy as np
import pytest

from hilum.predict.rows import Square, decided, unreadable
from hilum.predict.series import Tally
from hilum.trust.abstention import Limits

CLASSES = ("a", "b", "c")


def tallied(*rows):
    tally = Tally(CLASSES)
    for number, (series, *shares) in enumerate(rows):
        limits = Limits(answer=0.5, outlier=1)
        square = Square(f"{number}.dcm", np.zeros((2, 2), np.float32), series=series)
        tally.add(decided(square, np.float32(shares), 0.5, CLASSES, limits))
    return tally


def test_a_series_has_its_counts_most_answered_class_and_mean_probabilities():
    tally = tallied(
        ("x", 0.6, 0.4, 0), ("y", 0, 0, 1), ("x", 0.8, 0.2, 0), ("x", 0, 1, 0), ("x", 0.4, 0.3, 0.3), ("y", 0, 0, 1)
    )  # fmt: skip
    x, y = tally.summaries()
    assert (x.series, x.path, x.slices, x.label) == ("x", "0.dcm", 4, "a")
    assert x.decisions == {"class": 3, "abstain": 1, "outlier": 0, "unreadable": 0}
    assert x.probabilities == pytest.approx({"a": 1.4 / 3, "b": 1.6 / 3, "c": 0}, abs=1e-6)  # of answered slices only
    assert (y.path, y.slices, y.label) == ("1.dcm", 2, "c")
    assert list(x.as_json()) == ["series", "path", "slices", "decisions", "class", "probabilities"]


def test_where_two_classes_tie_the_mean_probability_decides():
    (summary,) = tallied(("x", 0.6, 0.4, 0), ("x", 0.1, 0.9, 0)).summaries()
    assert summary.label == "b"


def test_a_series_without_an_answer_has_no_class():
    (summary,) = tallied(("x", 0.4, 0.3, 0.3)).summaries()
    assert (summary.label, summary.probabilities) == (None, None)


def test_pictures_without_a_series_are_counted_but_have_no_summary():
    tally = tallied((None, 1, 0, 0), (None, 0.4, 0.3, 0.3))
    tally.add(unreadable("x.png", "the file is empty"))
    assert tally.decisions == {"class": 1, "abstain": 1, "unreadable": 1}
    assert tally.summaries() == []
