"""DICOM on the way through: frames, series and what is written of them."""

import io
import itertools
import json
import tracemalloc
from pathlib import Path

import numpy as np
import pydicom
import pytest
from helpers.brightness import ANSWER, OUTLIER
from helpers.dicoms import dataset, written
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, JPEG2000Lossless, generate_uid

from hilum.predict.about import series_path
from hilum.predict.inputs import Input
from hilum.predict.run import answers
from hilum.predict.session import predict_files
from hilum.trust.abstention import Limits

LIMITS = Limits(ANSWER, OUTLIER)
PATIENT = "DOE^JANE"
LUNG = (-1350.0, 150.0)  # Hounsfield units that the lung window shows as black and white


def write_ct(path, levels, series, side=32):
    """Writes axial CT whose frames are flat, at levels in `[0, 1]` of the lung window."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid()
    dataset.PatientName, dataset.PatientID, dataset.Modality = PATIENT, "4711", "CT"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), series
    dataset.ImageOrientationPatient, dataset.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, 0]
    dataset.PixelSpacing, dataset.SliceThickness = [0.7, 0.7], 1
    dataset.WindowCenter, dataset.WindowWidth = -600, 1500
    dataset.RescaleIntercept, dataset.RescaleSlope = -1350, 1
    dataset.Rows = dataset.Columns = side
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 0
    if len(levels) > 1:
        dataset.NumberOfFrames = len(levels)
    stored = np.rint(np.array(levels) * (LUNG[1] - LUNG[0])).astype("<u2")
    dataset.PixelData = np.broadcast_to(stored[:, None, None], (len(levels), side, side)).tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


@pytest.fixture
def here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ask(reader, *arguments, **options):
    shown = []
    outcome = predict_files(reader, arguments, shown.append, limits=LIMITS, stdin=None, **options)
    return outcome, shown


def test_a_slice_is_answered_as_the_model_says(reader, here):
    write_ct(Path("a.dcm"), [0.2], generate_uid())
    (row,) = ask(reader, "a.dcm", window="lung")[1]
    assert (row.path, row.frame, row.decision, row.label) == ("a.dcm", None, "class", "dark")
    assert row.outlier_score == pytest.approx(0.3, abs=0.005)


def test_frames_come_in_order_and_are_counted_from_1(reader, here, picture):
    levels = np.linspace(0.1, 0.9, 11)
    paths = [write_ct(here / "many.dcm", levels, generate_uid()), picture(here / "one.png", 51)]
    for batch in (1, 16):
        inputs = [Input(path.name) for path in (*paths, *paths)]
        rows = list(answers(reader, inputs, LIMITS, window="lung", batch=batch))
        assert [(row.path, row.frame) for row in rows] == 2 * [
            *(("many.dcm", frame) for frame in range(1, 12)), ("one.png", None),
        ]  # fmt: skip
        scores = [row.outlier_score for row in rows[:11]]
        assert scores == pytest.approx(np.abs(levels - 0.5), abs=0.005)


def test_a_kill_among_the_frames_of_a_file_is_made_good(reader, here, picture):
    series = generate_uid()
    for name in ("1", "2"):
        write_ct(Path(f"scan/{name}.dcm"), np.linspace(0.1, 0.9, 9), series)
    picture(Path("scan/3.png"), 51)
    whole = ask(reader, "scan", out=Path("whole.jsonl"))[0]
    text = Path("whole.jsonl").read_bytes()
    lines = text.splitlines(keepends=True)
    assert len(lines) == 19
    for kept in range(20):
        Path("killed.jsonl").write_bytes(b"".join(lines[:kept]) + (lines[kept][:50] if kept < 19 else b""))
        Path("killed.jsonl.about").write_bytes(Path("whole.jsonl.about").read_bytes())
        again = ask(reader, "scan", out=Path("killed.jsonl"))[0]
        assert again.earlier == kept
        assert Path("killed.jsonl").read_bytes() == text
        assert again.tally.summaries() == whole.tally.summaries()


def write_damaged(path, level, damaged):
    """Frames of one level compressed as JPEG 2000, one of them (counted from 1) cut to its first bytes."""
    ds = dataset(*[np.full((32, 32), LUNG[0] + level * (LUNG[1] - LUNG[0]))] * 4, intercept=-1350, window=(-600, 1500))
    whole = pydicom.dcmread(io.BytesIO(written(ds, JPEG2000Lossless)))
    frames = list(generate_frames(whole.PixelData, number_of_frames=4))
    frames[damaged - 1] = frames[damaged - 1][:40]
    whole.PixelData = encapsulate(frames)
    whole.save_as(path)
    return path


@pytest.mark.parametrize("damaged", [1, 2, 3])
def test_a_damaged_frame_is_a_row_of_its_series_and_ends_its_file(reader, here, picture, damaged):
    write_damaged(Path("a.dcm"), 0.2, damaged)
    picture(Path("b.png"), 51)
    outcome, _ = ask(reader, "a.dcm", "b.png", window="lung", out=Path("rows.jsonl"))
    rows = [json.loads(line) for line in Path("rows.jsonl").read_bytes().splitlines()]
    numbers = [*range(1, damaged + 1)] if damaged > 1 else [None]  # of the first no one said how many there are
    assert [row["frame"] for row in rows] == [*numbers, None]
    assert [row["decision"] for row in rows] == ["class"] * (damaged - 1) + ["unreadable", "class"]
    assert rows[-2]["reason"].startswith(f"frame {damaged} of 4: its pixels are truncated or damaged")
    if damaged > 1:
        (summary,) = outcome.tally.summaries()
        assert (summary.slices, summary.decisions["unreadable"]) == (damaged, 1)
    text, about = Path("rows.jsonl").read_bytes(), Path("rows.jsonl.about").read_bytes()
    lines = text.splitlines(keepends=True)
    for kept in range(len(lines) + 1):  # killed after so many rows
        Path("rows.jsonl").write_bytes(b"".join(lines[:kept]))
        Path("rows.jsonl.about").write_bytes(about)
        again = ask(reader, "a.dcm", "b.png", window="lung", out=Path("rows.jsonl"))[0]
        assert Path("rows.jsonl").read_bytes() == text
        assert again.tally.summaries() == outcome.tally.summaries()


def test_a_series_folder_gives_a_row_a_slice_and_a_summary_a_series(reader, here, picture):
    first, second = generate_uid(), generate_uid()
    for number, level in enumerate([0.2, 0.21, 0.5, 0.35]):
        write_ct(Path(f"scan/a{number}.dcm"), [level], first)
    write_ct(Path("scan/b.dcm"), [0.8, 0.81], second)
    picture(Path("scan/c.png"), 51)
    _, shown = ask(reader, "scan", window="lung", out=Path("rows.jsonl"))
    one, other = json.loads(series_path(Path("rows.jsonl")).read_bytes())
    assert (one["path"], one["slices"], one["class"]) == ("scan/a0.dcm", 4, "dark")
    assert one["decisions"] == {"class": 3, "abstain": 1, "outlier": 0, "unreadable": 0}
    assert one["probabilities"]["dark"] == pytest.approx(2 / 3, abs=0.01)
    assert (other["path"], other["slices"], other["class"]) == ("scan/b.dcm", 2, "bright")
    assert shown == []


def test_nothing_of_the_header_is_written(reader, here):
    series = generate_uid()
    write_ct(Path("a.dcm"), [0.2], series)
    assert ask(reader, "a.dcm", out=Path("rows.jsonl"))[0].tally.decisions["unreadable"] == 0
    written = b"".join(path.read_bytes() for path in here.iterdir() if path.name.startswith("rows"))
    for secret in (PATIENT, "4711", series):
        assert secret.encode() not in written


def test_memory_does_not_grow_with_the_number_of_frames(reader, here):
    def peak(frames):
        path = write_ct(here / f"{frames}.dcm", [0.5] * frames, generate_uid(), side=64)
        tracemalloc.start()
        try:
            rows = answers(reader, [Input(str(path))], LIMITS, batch=4)
            first = [row.frame for row in itertools.islice(rows, 8)]
            now = tracemalloc.get_traced_memory()[0]
            rest = sum(1 for _ in rows)
            assert (first, rest) == (list(range(1, 9)), frames - 8)
            return tracemalloc.get_traced_memory()[1] - now
        finally:
            tracemalloc.stop()

    peak(40)  # what is set up once
    few = peak(40)
    assert peak(400) < few + 4_000_000  # the file has 3.3 MB; decoded, its frames are 6.5 MB in float32


def write_of(path, patient, series):
    """A grey slice of a patient, or of none."""
    write_ct(path, [0.5], series)
    ds = pydicom.dcmread(path)
    ds.PatientID = patient
    ds.save_as(path)


def test_one_series_number_in_two_patients_is_two_series(reader, here):
    series = generate_uid()
    for number, patient in enumerate(["1", "2", "1", "", "2", ""]):
        write_of(here / f"{number}.dcm", patient, series)
    outcome, _ = ask(reader, *(f"{number}.dcm" for number in range(6)), out=Path("rows.jsonl"))
    summaries = outcome.tally.summaries()
    assert [(summary.path, summary.slices) for summary in summaries] == [("0.dcm", 2), ("1.dcm", 2), ("3.dcm", 2)]
    assert len({summary.series for summary in summaries}) == 3
    again, _ = ask(reader, *(f"{number}.dcm" for number in range(6)), out=Path("rows.jsonl"))
    assert again.tally.summaries() == summaries
