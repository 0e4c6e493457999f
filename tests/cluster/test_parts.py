"""Parts give the rows that `hilum predict` gives, whatever their size."""

import io
from dataclasses import replace

import pytest
from helpers.brightness import ANSWER, OUTLIER, write_model
from helpers.dicoms import broken_after, chest, dataset, written
from helpers.malformed import MALFORMED

from hilum.cluster import parts as parts_module
from hilum.cluster.listing import listed
from hilum.cluster.parts import SLICES, Listed, Part, PartSettings, Read, answer_part, parts_of, read_part
from hilum.model.reader import Reader
from hilum.predict.rows import Row, Square
from hilum.predict.session import predict_files
from hilum.slices import pool
from hilum.slices.pseudonyms import hashed, salt
from hilum.trust.abstention import Limits

LIMITS = Limits(ANSWER, OUTLIER)
SETTINGS = PartSettings(8, "bilinear", False, "auto", LIMITS, b"salt")


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    return Reader(write_model(tmp_path_factory.mktemp("model") / "model.onnx"), 1)


@pytest.fixture(scope="module")
def folder(phantom, tmp_path_factory):
    """Phantom slices, files of many frames, one of them damaged in the middle, and files that are no slices."""
    folder = tmp_path_factory.mktemp("slices")
    for path in sorted(phantom.rglob("*.png")):
        place = folder / path.relative_to(phantom)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())
    (folder / "many").mkdir()
    (folder / "many/a.dcm").write_bytes(written(dataset(*(chest(seed, 24, 32) for seed in range(70)))))
    (folder / "many/b.dcm").write_bytes(broken_after(5))
    (folder / "many/c.dcm").write_bytes(written(dataset(*(chest(seed, 24, 32) for seed in range(32)), series="4.5")))
    (folder / "many/d.dcm").write_bytes(written(dataset(chest(3), series="6.7")))
    for name, data in MALFORMED.items():
        (folder / name).write_bytes(data)
    return folder


def predicted(reader, arguments):
    rows = list[Row]()
    predict_files(reader, arguments, rows.append, limits=LIMITS, stdin=io.BytesIO())
    return rows


def in_parts(reader, inputs, settings, *, inputs_of_a_part, slices):
    """All rows, part after part, and the number of times that something was read."""
    rows, reads = list[Row](), 0
    for part in parts_of(0, inputs, inputs_of_a_part):
        left = part
        while left is not None:
            read = read_part(left, settings, slices)
            assert len(read.found) <= slices
            answered = answer_part(reader, read, settings.limits)
            rows += answered.rows
            left, reads = answered.rest, reads + 1
    return rows, reads


@pytest.mark.parametrize(("inputs_of_a_part", "slices"), [(32, SLICES), (3, 2), (1, 1), (7, 5)])
def test_the_rows_are_those_of_predict(reader, folder, inputs_of_a_part, slices):
    arguments = [str(folder), str(folder / "missing.png")]
    inputs = list(listed(arguments, io.BytesIO(), folder=str(folder)))
    settings = replace(SETTINGS, salt=salt())
    rows, _ = in_parts(reader, inputs, settings, inputs_of_a_part=inputs_of_a_part, slices=slices)
    expected = predicted(reader, arguments)
    assert len(expected) > 150
    assert {row.decision for row in expected} >= {"class", "unreadable"}
    blank = {"probabilities": None, "outlier_score": None, "reason": ""}  # another batch may change the last digit
    assert [replace(row, **blank) for row in rows] == [replace(row, **blank) for row in expected]
    for row, other in zip(rows, expected, strict=True):
        assert row.probabilities == pytest.approx(other.probabilities, abs=2e-6)
        assert row.outlier_score == pytest.approx(other.outlier_score, abs=2e-6)
        if row.decision == "unreadable":
            assert row.reason == other.reason


def test_a_part_of_single_slices_is_read_in_one_go(reader, folder):
    inputs = [Listed(str(path), path.name) for path in sorted(folder.rglob("*.png"))][:32]
    _, reads = in_parts(reader, inputs, SETTINGS, inputs_of_a_part=32, slices=32)
    assert reads == 1


def test_what_is_left_of_a_part(folder):
    many, single = (Listed(str(folder / "many" / name), name) for name in ("a.dcm", "d.dcm"))
    read = read_part(Part(2, 32, (single, many, single)), SETTINGS)
    assert [found.number for found in read.found] == [None, *range(1, 32)]
    assert read.rest == Part(2, 33, (many, single), 31)
    after = read_part(read.rest, SETTINGS)
    assert [found.number for found in after.found] == list(range(32, 64))
    last = read_part(after.rest, SETTINGS)
    assert [found.number for found in last.found] == [*range(64, 71), None]
    assert last.rest is None


def test_a_frame_that_goes_before_the_rest_is_read_has_its_row(folder, tmp_path):
    path = tmp_path / "scan.dcm"
    path.write_bytes((folder / "many/a.dcm").read_bytes())
    rest = read_part(Part(0, 0, (Listed(str(path), "scan.dcm"),)), SETTINGS).rest
    path.unlink()
    (row,) = read_part(rest, SETTINGS).found
    assert (row.decision, row.frame, row.path) == ("unreadable", 33, "scan.dcm")


def test_series_are_hashed_with_the_salt_of_the_job(folder):
    part = Part(0, 0, (Listed(str(folder / "many/d.dcm"), "d.dcm"),))
    series = {read_part(part, replace(SETTINGS, salt=one)).found[0].series for one in (b"a", b"b", b"a")}
    assert len(series) == 2
    assert None not in series
    assert hashed(b"a", "x") != hashed(b"b", "x")


def test_what_is_known_to_be_unreadable_is_not_opened(folder):
    part = Part(0, 0, (Listed(str(folder / "many/d.dcm"), "d.dcm", "a reason"),))
    (row,) = read_part(part, SETTINGS).found
    assert (row.decision, row.reason) == ("unreadable", "a reason")


@pytest.fixture
def short_of_memory(monkeypatch):
    """Processes of which each file needs more memory than there is, for so many requests from a frame on."""

    def set_up(times, frame=0):
        left, answer = [times], pool.POOL.answer

        def short(request, *others):
            if left[0] and request["frame"] >= frame:
                left[0] -= 1
                raise parts_module.UnreadableSlice(pool.TOO_LARGE)
            return answer(request, *others)

        monkeypatch.setattr(pool.POOL, "answer", short)

    return set_up


def test_a_machine_that_is_short_of_memory_tries_once_more(folder, short_of_memory):
    part = Part(0, 0, (Listed(str(folder / "many/c.dcm"), "c.dcm"),))
    short_of_memory(1)
    assert [found.number for found in read_part(part, SETTINGS).found] == list(range(1, 33))
    short_of_memory(1, frame=4)
    assert [found.number for found in read_part(part, SETTINGS).found] == list(range(1, 33))
    short_of_memory(2, frame=4)
    read = read_part(part, SETTINGS)
    assert all(isinstance(found, Square) for found in read.found[:4])
    assert [(found.frame, found.reason) for found in read.found[4:]] == [(5, pool.TOO_LARGE)]
    assert read.rest is None


def test_nothing_found_is_answered_with_nothing(reader):
    assert answer_part(reader, Read((), None), LIMITS).rows == ()
