"""Rows of a table read again: squares of all of them, and thumbnails."""

import io
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image

from hilum.errors import HilumError
from hilum.progress import silent
from hilum.slices.pixels import prepare, prepare_all, thumbnail
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

    squares = prepare_all(table, 32, crop, "reading", track)
    assert shown == [("reading", 6), *["reading"] * 6]
    np.testing.assert_array_equal(squares, [prepare(table, row, 32, "bilinear", crop) for row in table.rows])


def test_a_slice_that_is_gone_is_told(folder):
    table = read_table(folder)
    (folder / "valid/b/1.png").unlink()
    with pytest.raises(HilumError, match="can no longer be read"):
        prepare_all(table, 32, True, "reading", silent)


def test_a_thumbnail_keeps_the_shape_of_its_slice(folder):
    table = read_table(folder)
    data = thumbnail(table, table.rows[0], 40, "PNG")
    assert Image.open(io.BytesIO(data)).size == (40, 30)
    assert len(thumbnail(table, table.rows[0], 40, "JPEG", quality=10)) < len(data)
    (folder / table.rows[0].path).unlink()
    assert thumbnail(table, table.rows[0], 40, "PNG") is None
