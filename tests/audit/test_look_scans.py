"""DICOM in an audit: what a header doubts is a finding, and a frame is looked at as the table read it."""

import sys
from pathlib import Path

import pytest

import hilum
from hilum.audit.picture_checks import looks
from hilum.slices.frames import read_frame

sys.path.insert(0, str(Path(__file__).parent.parent / "slices"))
from helpers.dicoms import CORONAL, chest, dataset, written


@pytest.fixture
def folder(tmp_path):
    for number, (split, label) in enumerate((split, label) for split in ("train", "valid", "test") for label in "ab"):
        place = tmp_path / split / label
        place.mkdir(parents=True)
        changes = {("train", "a"): {"ImageOrientationPatient": CORONAL}, ("train", "b"): {"Modality": "MR"}}
        scan = dataset(chest(number, 120, 160), chest(number + 50, 120, 160), **changes.get((split, label), {}))
        (place / "scan.dcm").write_bytes(written(scan))
    return tmp_path


def test_a_doubt_of_the_header_is_that_of_the_look(folder):
    table = hilum.read_table(folder, window="lung")
    doubts = {row.path: look.doubt for row, look in zip(table.rows, looks(table), strict=True)}
    assert doubts["train/a/scan.dcm#1"] == doubts["train/a/scan.dcm#2"] == "not axial"
    assert doubts["train/b/scan.dcm#2"] == "not CT but MR"
    assert not {doubts["test/a/scan.dcm#1"], doubts["test/b/scan.dcm#2"]} & {"not axial", "not CT but MR"}


def test_a_look_is_at_the_frame_and_through_the_window(folder):
    for window in ("lung", "bone"):
        table = hilum.read_table(folder, window=window)
        for row, look in zip(table.rows, looks(table), strict=True):
            pixels = read_frame(folder / row.path.partition("#")[0], row.facts.frame, window).pixels
            assert look.mean_grey == pytest.approx(pixels.mean(), abs=1e-6)
            assert not look.marked
