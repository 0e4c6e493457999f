"""Kept pictures: given out while their files are the same, held once, and no more than there is room for."""

import os

import numpy as np
import pytest
from helpers.dicoms import png

from hilum.slices.frames import read_frame
from hilum.slices.kept import Kept
from hilum.slices.read import UnreadableSlice

LEVELS = np.arange(1200, dtype=np.uint16).reshape(30, 40).astype(np.uint8)


def written(path, levels=LEVELS):
    path.write_bytes(png(levels))
    return path, read_frame(path, facts=True)


def test_a_picture_is_given_while_its_file_is_the_same(tmp_path):
    path, frame = written(tmp_path / "a.png")
    kept = Kept()
    kept.add(path, None, frame.digest, frame.levels)
    found = kept.levels(path, None, frame.digest)
    np.testing.assert_array_equal(found, LEVELS)
    assert found.dtype == np.uint8
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0] = 1
    assert kept.levels(path, 2, frame.digest) is None
    assert kept.levels(path, None, "another") is None
    before = path.stat()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert kept.levels(path, None, frame.digest) is None
    path.unlink()
    assert kept.levels(path, None, frame.digest) is None
    with pytest.raises(UnreadableSlice, match="cannot be opened"):
        kept.add(path, None, frame.digest, frame.levels)


def test_copies_take_the_room_of_one_picture(tmp_path):
    kept = Kept(LEVELS.nbytes)
    for name in ("a.png", "b.png"):
        path, frame = written(tmp_path / name)
        kept.add(path, None, frame.digest, frame.levels)
    assert kept.levels(tmp_path / "a.png", None, frame.digest) is kept.levels(tmp_path / "b.png", None, frame.digest)
    kept.add(written(tmp_path / "d.png")[0], None, frame.digest)
    assert kept.levels(tmp_path / "d.png", None, frame.digest) is not None
    kept.add(path, None, "never read")
    assert kept.levels(path, None, "never read") is None
    path, other = written(tmp_path / "c.png", LEVELS + 1)
    kept.add(path, None, other.digest, other.levels)
    assert kept.levels(path, None, other.digest) is None
