import hashlib

import numpy as np
import pytest
from helpers.answers import RECORD, facts_for, thorax, write_scan
from PIL import Image

from hilum.errors import HilumError
from hilum.explain.explanation import Neighbour
from hilum.explain.neighbours import check_training_folder, shown
from hilum.slices.file_info import dicom_facts
from hilum.slices.frames import frame_path
from hilum.storage import sha256_of_file


@pytest.fixture
def folder(tmp_path):
    """A training folder with one slice, a bright block on black."""
    pixels = np.zeros((60, 90), np.uint8)
    pixels[10:50, 20:80] = 204
    path = tmp_path / "data" / "train" / "a" / "1.png"
    path.parent.mkdir(parents=True)
    Image.fromarray(pixels).save(path)
    return tmp_path / "data"


def _neighbour(folder, path="train/a/1.png"):
    return Neighbour(path, "a", hashlib.sha256((folder / path).read_bytes()).hexdigest(), 0.1)


def test_the_very_file_is_shown_as_the_model_saw_it(folder, tmp_path):
    found = shown(_neighbour(folder), facts_for(), tmp_path / "model.onnx", folder)
    assert found.pixels.shape == (224, 224)
    np.testing.assert_allclose(found.pixels, 0.8, atol=1e-6)


def test_without_the_folder_nothing_is_shown(folder, tmp_path):
    assert shown(_neighbour(folder), facts_for(), tmp_path, None).pixels is None


def test_another_file_in_its_place_is_not_shown(folder, tmp_path):
    neighbour, path = _neighbour(folder), folder / "train" / "a" / "1.png"
    path.write_bytes(path.read_bytes() + b"\0")
    found = shown(neighbour, facts_for(), tmp_path, folder)
    assert (found.pixels, found.reason) == (None, "another file now")
    path.unlink()
    found = shown(neighbour, facts_for(), tmp_path, folder)
    assert (found.pixels, found.reason) == (None, "not in the folder")


def test_a_path_out_of_the_folder_is_not_followed(folder, tmp_path):
    outside = tmp_path / "secret.png"
    outside.write_bytes((folder / "train" / "a" / "1.png").read_bytes())
    for path in ("../secret.png", str(outside)):
        found = shown(_neighbour(folder, path), facts_for(), tmp_path, folder)
        assert (found.pixels, found.reason) == (None, "not in the folder")


def test_a_file_that_is_no_slice_is_not_shown(folder, tmp_path):
    (folder / "train" / "a" / "1.png").write_text("no picture")
    found = shown(_neighbour(folder), facts_for(), tmp_path, folder)
    assert (found.pixels, found.reason) == (None, "cannot be read")


@pytest.mark.parametrize("levels", [[-450], [0, -450]])
def test_frames_of_dicom_are_shown_as_the_table_knew_them(levels, folder, tmp_path):
    path = write_scan(folder / "train" / "a" / "scan#1.dcm", *map(thorax, levels))
    window = {**RECORD["preparation"], "window": "lung"}
    last = dicom_facts(path, sha256_of_file(path), "lung")[-1]
    neighbour = Neighbour(frame_path("train/a/scan#1.dcm", last.frame), "a", last.content, 0.1)
    found = shown(neighbour, facts_for(preparation=window), tmp_path, folder)
    assert found.pixels.mean() == pytest.approx(0.6, abs=2e-3)
    assert shown(neighbour, facts_for(), tmp_path, folder).reason == "another file now"  # through another window
    if last.frame:
        other = Neighbour("train/a/scan#1.dcm#1", "a", last.content, 0.1)
        assert shown(other, facts_for(preparation=window), tmp_path, folder).reason == "another file now"


def test_thumbnails_are_shown_where_the_model_has_them(folder, tmp_path):
    neighbour, model = _neighbour(folder), tmp_path / "model"
    name = f"thumbnails/{neighbour.content}.png"
    (model / "thumbnails").mkdir(parents=True)
    Image.fromarray(np.full((96, 96), 51, np.uint8)).save(model / name)
    facts = facts_for(thumbnails=True, files={name: "0" * 64})
    found = shown(neighbour, facts, model, None)
    np.testing.assert_allclose(found.pixels, np.full((96, 96), 0.2), atol=1e-6)
    # What the folder holds comes first, and a thumbnail stands in for a file that changed.
    assert shown(neighbour, facts, model, folder).pixels.shape == (224, 224)
    (folder / "train" / "a" / "1.png").unlink()
    assert shown(neighbour, facts, model, folder).pixels.shape == (96, 96)
    # A picture that the record does not name was put there by someone else.
    for changes in ({"thumbnails": True, "files": {}}, {"thumbnails": False, "files": {name: "0" * 64}}):
        assert shown(neighbour, facts_for(**changes), model, None).pixels is None
    assert shown(neighbour, facts, tmp_path / "model.onnx", None).pixels is None


def test_a_training_folder_must_be_there(folder):
    check_training_folder(None)
    check_training_folder(folder)
    with pytest.raises(HilumError, match="nowhere does not exist"):
        check_training_folder(folder / "nowhere")


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(20)])
def test_a_thumbnail_that_is_no_picture_is_said(folder, tmp_path, data):
    neighbour = _neighbour(folder)
    name = f"thumbnails/{neighbour.content}.png"
    (tmp_path / "model" / "thumbnails").mkdir(parents=True)
    (tmp_path / "model" / name).write_bytes(data)
    found = shown(neighbour, facts_for(thumbnails=True, files={name: "0" * 64}), tmp_path / "model", None)
    assert (found.pixels, found.reason) == (None, "cannot be read")
