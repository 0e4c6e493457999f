"""Answers on a stream of files."""

import itertools
import tracemalloc

import numpy as np
import pytest
from helpers.brightness import ANSWER, CLASSES, OUTLIER
from helpers.malformed import MALFORMED

from hilum.predict.inputs import Input
from hilum.predict.run import answers
from hilum.trust.abstention import Limits

LIMITS = Limits(ANSWER, OUTLIER)


def rows_of(reader, paths, **options):
    return list(answers(reader, [Input(str(path)) for path in paths], LIMITS, **options))


@pytest.mark.parametrize(
    ("level", "decision", "label"),
    [
        (51, "class", "dark"),
        (128, "class", "grey"),
        (204, "class", "bright"),
        (89, "abstain", None),
        (5, "outlier", None),
    ],
)
def test_a_picture_is_answered_as_the_model_says(reader, picture, tmp_path, level, decision, label):
    (row,) = rows_of(reader, [picture(tmp_path / "s.png", level)])
    assert (row.path, row.frame, row.decision, row.label) == (str(tmp_path / "s.png"), None, decision, label)
    mean = level / 255
    scores = np.exp(-60 * (mean - np.array([0.2, 0.5, 0.8])) ** 2)
    assert row.probabilities == pytest.approx(dict(zip(CLASSES, scores / scores.sum(), strict=True)), abs=1e-5)
    assert row.outlier_score == pytest.approx(abs(mean - 0.5), abs=1e-5)


def test_limits_are_the_callers(reader, picture, tmp_path):
    path = picture(tmp_path / "s.png", 89)
    (row,) = answers(reader, [Input(str(path))], Limits(0.3, 0.1))
    assert row.decision == "outlier"
    (row,) = answers(reader, [Input(str(path))], Limits(0.3, 0.2))
    assert row.decision == "class"


@pytest.fixture
def mixed(picture, tmp_path):
    """45 files of all levels, each seventh of which is no picture."""
    paths = [picture(tmp_path / f"{number}.png", 5 * number + 10) for number in range(45)]
    for path in paths[::7]:
        path.write_bytes(b"no picture")
    return paths


def test_order_and_answers_are_the_same_for_every_batch(reader, mixed):
    singly, together = rows_of(reader, mixed, batch=1), rows_of(reader, mixed)
    assert [row.path for row in singly] == [row.path for row in together] == [str(path) for path in mixed]
    for one, other in zip(singly, together, strict=True):
        assert (one.decision, one.label, one.reason) == (other.decision, other.label, other.reason)
        if one.decision != "unreadable":
            assert one.probabilities == pytest.approx(other.probabilities, abs=2e-6)
    assert {row.decision for row in together} == {"class", "abstain", "outlier", "unreadable"}


def test_progress_advances_once_a_file(reader, mixed):
    done = []
    rows_of(reader, mixed, advance=lambda: done.append(1))
    assert len(done) == len(mixed)


def test_every_malformed_file_has_a_row_with_a_reason_and_the_others_are_answered(reader, picture, tmp_path):
    good = picture(tmp_path / "good.png", 51)
    for name, data in MALFORMED.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "folder.png").mkdir()
    bad = [*(tmp_path / name for name in MALFORMED), tmp_path / "missing.png", tmp_path / "folder.png"]
    rows = rows_of(reader, itertools.chain.from_iterable((path, good) for path in bad))
    assert [row.decision for row in rows] == ["unreadable", "class"] * len(bad)
    for row in rows[::2]:
        assert row.reason
        assert str(tmp_path) not in row.reason
        assert (row.probabilities, row.outlier_score, row.label) == (None, None, None)


def test_an_input_that_is_known_to_be_bad_is_not_opened(reader, picture, tmp_path):
    path = str(picture(tmp_path / "s.png", 51))
    (row,) = answers(reader, [Input(path, "a reason")], LIMITS)
    assert (row.decision, row.reason) == ("unreadable", "a reason")


def test_frames_that_were_answered_are_passed_over(reader, picture, tmp_path):
    path = str(picture(tmp_path / "s.png", 51))
    assert list(answers(reader, [Input(path, answered=1)], LIMITS)) == []


def test_names_are_given_by_the_caller(reader, picture, tmp_path):
    path = picture(tmp_path / "s.png", 51)
    (row,) = rows_of(reader, [path], naming=lambda source: source.path[-5:])
    assert row.path == "s.png"


def test_files_are_taken_as_they_are_needed(reader, picture, tmp_path):
    path, taken = str(picture(tmp_path / "s.png", 51)), 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield Input(path)

    rows = answers(reader, endless(), LIMITS)
    assert sum(1 for _ in itertools.islice(rows, 100)) == 100
    rows.close()
    assert taken < 200


def test_memory_does_not_grow_with_the_number_of_slices(reader, picture, tmp_path):
    good, bad = str(picture(tmp_path / "s.png", 51)), str(tmp_path / "missing.png")

    def peak(count):
        inputs = (Input(good if number % 2 else bad) for number in range(count))
        tracemalloc.start()
        try:
            assert sum(1 for _ in answers(reader, inputs, LIMITS)) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)  # what is set up once
    few = peak(100)
    assert peak(1000) < few + 100_000
