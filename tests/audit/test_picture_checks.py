"""Checks of pictures: their results for drawn files and DICOM scans, and that a file is read once."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.dicoms import CORONAL, chest, dataset, written
from PIL import Image, ImageDraw

import hilum
from hilum.audit.anatomy import box_around, lungs
from hilum.audit.picture_checks import looks
from hilum.errors import HilumError
from hilum.phantom.rendering import draw_patient, render
from hilum.slices.frames import read_frame
from hilum.slices.read import read_slice


@pytest.fixture
def folder(tmp_path):
    """A phantom slice, the same bytes again, the same with a ring, and a blank picture."""
    place = tmp_path / "set" / "train" / "normal"
    place.mkdir(parents=True)
    plain = Image.fromarray(render(draw_patient(6, 0, 3, "normal"), 0))
    plain.save(place / "a.png")
    plain.save(place / "b.png")
    ring = plain.convert("RGB")
    ImageDraw.Draw(ring).ellipse((80, 80, 120, 120), outline=(255, 0, 0), width=2)
    ring.save(place / "c.png")
    Image.new("L", (200, 150), 51).save(place / "d.png")
    for split, label in (
        ("train", "sick"),
        ("valid", "normal"),
        ("valid", "sick"),
        ("test", "normal"),
        ("test", "sick"),
    ):
        other = tmp_path / "set" / split / label
        other.mkdir(parents=True)
        Image.fromarray(render(draw_patient(6, 1, 3, "normal"), 0)).save(other / f"{split}-{label}.png")
    return tmp_path / "set"


def _by_name(table):
    return {row.path.rsplit("/", 1)[1][0]: look for row, look in zip(table.rows, looks(table), strict=True)}


def test_what_a_look_says(folder):
    seen = _by_name(hilum.read_table(folder))
    assert seen["a"] == seen["b"]
    assert (seen["a"].doubt, seen["a"].marked, seen["a"].text, seen["a"].blank) == (None, False, False, False)
    assert seen["c"].marked
    assert not seen["c"].blank
    assert (seen["d"].doubt, seen["d"].blank) == ("almost blank", True)


def test_the_figures_of_a_look_are_those_of_its_pixels(folder):
    seen = _by_name(hilum.read_table(folder))
    pixels = read_slice(folder / "train/normal/a.png").pixels
    ring = np.ones(pixels.shape, bool)
    ring[1:-1, 1:-1] = False
    assert seen["a"].mean_grey == pytest.approx(pixels.mean(), abs=1e-6)
    assert seen["a"].edge_grey == pytest.approx(pixels[ring].mean(), abs=1e-6)
    assert seen["a"].black_share == pytest.approx((pixels < 0.02).mean())
    assert seen["a"].lung_share == pytest.approx(lungs(pixels).mean())
    assert seen["a"].lungs == box_around(lungs(pixels))
    assert seen["d"].lungs is None
    assert (seen["d"].edge_grey, seen["d"].mean_grey) == pytest.approx((0.2, 0.2))


def test_a_known_file_is_not_read_again(folder):
    table = hilum.read_table(folder)
    first = looks(table)
    for path in folder.rglob("*.png"):
        path.unlink()
    assert looks(table) == first


def test_what_was_seen_in_pictures_that_were_read_otherwise_counts_no_more(folder, monkeypatch):
    table = hilum.read_table(folder)
    looks(table)
    monkeypatch.setattr("hilum.slices.file_info.VERSION", 0)
    for path in folder.rglob("*.png"):
        path.unlink()
    with pytest.raises(HilumError, match="can no longer be read"):
        looks(table)


def test_a_file_that_is_gone_is_told(folder):
    table = hilum.read_table(folder)
    gone = replace(table, rows=(*table.rows[:-1], replace(table.rows[-1], path="train/normal/gone.png")))
    with pytest.raises(HilumError, match=r"gone\.png can no longer be read"):
        looks(gone)


@pytest.fixture
def scans(tmp_path):
    for number, (split, label) in enumerate((split, label) for split in ("train", "valid", "test") for label in "ab"):
        place = tmp_path / split / label
        place.mkdir(parents=True)
        changes = {("train", "a"): {"ImageOrientationPatient": CORONAL}, ("train", "b"): {"Modality": "MR"}}
        scan = dataset(chest(number, 120, 160), chest(number + 50, 120, 160), **changes.get((split, label), {}))
        (place / "scan.dcm").write_bytes(written(scan))
    return tmp_path


def test_a_doubt_of_the_header_is_that_of_the_checks(scans):
    table = hilum.read_table(scans, window="lung")
    doubts = {row.path: look.doubt for row, look in zip(table.rows, looks(table), strict=True)}
    assert doubts["train/a/scan.dcm#1"] == doubts["train/a/scan.dcm#2"] == "not axial"
    assert doubts["train/b/scan.dcm#2"] == "not CT but MR"
    assert not {doubts["test/a/scan.dcm#1"], doubts["test/b/scan.dcm#2"]} & {"not axial", "not CT but MR"}


def test_a_scan_is_checked_by_frame_and_through_the_window(scans):
    for window in ("lung", "bone"):
        table = hilum.read_table(scans, window=window)
        for row, look in zip(table.rows, looks(table), strict=True):
            pixels = read_frame(scans / row.path.partition("#")[0], row.facts.frame, window).pixels
            assert look.mean_grey == pytest.approx(pixels.mean(), abs=1e-6)
            assert not look.marked
