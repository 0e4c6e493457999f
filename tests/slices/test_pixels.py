import io
import os
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image

from hilum.errors import HilumError
from hilum.progress import silent
from hilum.slices.levels import pixels_digest
from hilum.slices.pixels import colours_of, job_on, pixels_of, square_of, squares_of, thumbnail_of
from hilum.slices.table import read_table


@pytest.fixture
def folder(tmp_path):
    for place, split in enumerate(("train", "valid", "test")):
        for label in ("a", "b"):
            (tmp_path / split / label).mkdir(parents=True)
            grey = np.random.default_rng(place + 3 * (label == "b")).integers(0, 255, (60, 80), np.uint8)
            Image.fromarray(grey).save(tmp_path / split / label / "1.png")
    (tmp_path / "test/a/copy.png").write_bytes((tmp_path / "train/a/1.png").read_bytes())
    return tmp_path


@pytest.mark.parametrize("crop", [True, False])
def test_all_squares_are_those_of_each_row_and_a_picture_is_read_once(folder, crop):
    table, shown = read_table(folder), []

    @contextmanager
    def track(title, total):
        shown.append((title, total))
        yield lambda: shown.append(title)

    squares = squares_of(table, 32, crop, "reading", track)
    assert shown == [("reading", 6), *["reading"] * 6]
    np.testing.assert_array_equal(squares, [square_of(table, row, 32, "bilinear", crop) for row in table.rows])


def test_grey_levels_and_colours_are_those_of_the_file(folder):
    colours = np.random.default_rng(9).integers(0, 255, (60, 80, 3), np.uint8)
    Image.fromarray(colours).save(folder / "train/a/0.png")
    table = read_table(folder)
    coloured, grey = table.rows[:2]
    np.testing.assert_array_equal(colours_of(table, coloured), colours)
    expected = np.asarray(Image.open(folder / "train/a/1.png"), np.float32) / 255
    np.testing.assert_array_equal(pixels_of(table, grey), expected)


def test_a_slice_that_is_gone_or_has_changed_is_an_error(folder):
    table = read_table(folder)
    path = folder / "valid/b/1.png"
    row = next(row for row in table.rows if row.path == "valid/b/1.png")
    Image.new("L", (80, 60), 9).save(path)
    with pytest.raises(HilumError, match=r"valid/b/1\.png changed while it was being used"):
        squares_of(table, 32, True, "reading", silent)
    assert thumbnail_of(table, row, 40, "PNG") is None
    path.unlink()
    for read in (pixels_of, colours_of):
        with pytest.raises(HilumError, match=r"valid/b/1\.png can no longer be read \(.*No such file"):
            read(table, row)


@pytest.mark.parametrize("warm", [False, True])
def test_a_file_that_stays_the_same_is_decoded_once(folder, warm, tmp_path_factory, monkeypatch):
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path_factory.mktemp("cache")))
    if warm:
        read_table(folder)
    table = read_table(folder)
    rows = table.rows
    if warm:  # nothing was decoded, since all facts were known
        first = [pixels_of(table, row) for row in rows]
    for row in rows:
        path = table.root / row.path
        before = path.stat()
        path.write_bytes(bytes(before.st_size))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    again = [pixels_of(table, row) for row in rows]
    assert [pixels_digest(pixels) for pixels in again] == [row.facts.pixels for row in rows]
    if warm:
        np.testing.assert_array_equal(again, first)


def test_a_job_that_fails_names_the_file(folder):
    table = read_table(folder)
    with pytest.raises(
        HilumError, match=r"train/a/1\.png can no longer be read \(it cannot be read \(AttributeError\)"
    ):
        job_on(table, table.rows[0], "hilum.slices.jobs:nothing")


def test_a_thumbnail_keeps_the_shape_of_its_slice(folder):
    table = read_table(folder)
    data = thumbnail_of(table, table.rows[0], 40, "PNG")
    assert Image.open(io.BytesIO(data)).size == (40, 30)
    assert len(thumbnail_of(table, table.rows[0], 40, "JPEG", quality=10)) < len(data)
    (folder / table.rows[0].path).unlink()
    assert thumbnail_of(table, table.rows[0], 40, "PNG") is None
