"""The answer on one slice."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.model.reader import Reading
from hilum.predict.rows import Square, answer, decided, frame_facts, unreadable
from hilum.slices.frames import Frame
from hilum.trust.abstention import Limits

CLASSES = ("a", "b")
LIMITS = Limits(answer=0.72, outlier=0.74)


def decide(top, score, doubt=None, limits=LIMITS):
    square = Square("s.png", np.zeros((2, 2), np.float32), doubt=doubt)
    return decided(square, np.float32([1 - top, top]), score, CLASSES, limits)


@pytest.mark.parametrize(
    ("top", "score", "doubt", "decision", "label", "reason"),
    [
        (0.9, 0.1, None, "class", "b", "sure enough: 0.90, limit 0.72"),
        (0.61, 0.1, None, "abstain", None, "not sure enough: 0.61, limit 0.72"),
        (0.9, 0.91, None, "outlier", None, "unlike the training slices: score 0.91, limit 0.74"),
        (0.61, 0.91, None, "outlier", None, "unlike the training slices: score 0.91, limit 0.74"),
        (0.9, 0.91, "not CT but MR", "outlier", None, "not CT but MR"),
        (0.9, 0.1, "a localizer", "outlier", None, "a localizer"),
        (0.9, 0.74, None, "class", "b", "sure enough: 0.90, limit 0.72"),  # at the limit is inside
        (0.7199, 0.1, None, "abstain", None, "not sure enough: 0.7199, limit 0.7200"),  # told apart
    ],
)
def test_decisions(top, score, doubt, decision, label, reason):
    row = decide(top, score, doubt)
    assert (row.decision, row.label, row.reason) == (decision, label, reason)
    assert row.probabilities == pytest.approx({"a": 1 - top, "b": top}, abs=1e-6)
    assert row.outlier_score == score


class Brightness:
    """Answers each square by its mean, and is never asked for one slice alone."""

    facts = SimpleNamespace(classes=CLASSES)

    def read(self, greys):
        assert greys.shape == (3, 2, 2)
        tops, zeros = greys.mean((1, 2)), np.zeros((3, 1), np.float32)
        return Reading(np.c_[1 - tops, tops], tops / 2, zeros, zeros.astype(np.intp), zeros)


def test_slices_are_read_at_once_and_each_row_says_what_is_known_of_its_frame():
    facts = {"number": 3, "group": "p", "series": "s", "position": 5.5}
    doubts, empty = (None, None, "a localizer"), np.zeros((9, 9), np.float32)
    frames = [Frame(empty, "DICOM", "MONOCHROME2", False, doubt=doubt, **facts) for doubt in doubts]
    greys = [np.full((2, 2), level, np.float32) for level in (0.9, 0.1, 0.8)]
    squares = [Square("s.dcm", grey, **frame_facts(frame)) for grey, frame in zip(greys, frames, strict=True)]
    rows, reading = answer(Brightness(), squares, LIMITS)
    assert [(row.label, row.decision) for row in rows] == [("b", "class"), ("a", "class"), (None, "outlier")]
    assert {(row.path, row.frame, row.series) for row in rows} == {("s.dcm", 3, frames[0].scan)}
    assert [square.position for square in squares] == [5.5] * 3
    np.testing.assert_allclose(reading.outlier_scores, [row.outlier_score for row in rows], atol=1e-6)


def test_a_top_probability_at_the_limit_is_answered():
    assert decide(0.75, 0.1, limits=Limits(0.75, 1)).reason == "sure enough: 0.75, limit 0.75"


def test_json_has_exactly_the_named_keys():
    keys = ["path", "frame", "decision", "class", "probabilities", "outlier_score", "reason"]
    assert list(decide(0.9, 0.1).as_json()) == keys
    assert unreadable("s.dcm", "the file is empty", 3, "1234").as_json() == {
        "path": "s.dcm", "frame": 3, "decision": "unreadable", "class": None, "probabilities": None,
        "outlier_score": None, "reason": "the file is empty",
    }  # fmt: skip


@given(st.floats(width=32), st.floats(width=32), st.none() | st.text())
def test_whatever_a_model_says_the_json_is_strict(top, score, doubt):
    with np.errstate(all="ignore"):
        row = decide(np.float32(top), score, doubt)
    json.dumps(row.as_json(), allow_nan=False)
    assert (row.decision == "unreadable") == (not (math.isfinite(top) and math.isfinite(score)))
