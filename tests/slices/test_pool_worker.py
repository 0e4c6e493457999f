"""The process that decodes: what it does, what it keeps, and where it ends."""

import sys

import numpy as np
import pytest
from helpers.dicoms import chest, dataset, png, written

from hilum.slices import pool, process
from hilum.slices.pool import POOL
from hilum.slices.process import Allowance, Worker
from hilum.slices.read import UnreadableSlice

PICTURE = png(np.full((30, 40), 51, np.uint8))
FRAME = {"job": "hilum.slices.jobs:frame", "path": None, "window": "auto"}


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux")
def test_a_picture_that_needs_more_memory_than_there_is_is_told():
    small = pool.Pool(1, 250 * 2**20)
    request = {"job": "hilum.slices.jobs:frame", "key": None, "path": None, "window": "auto"}
    try:
        with pytest.raises(UnreadableSlice, match=pool.TOO_LARGE):
            small.answer(request, png(np.zeros((4000, 4000, 3), np.uint8)), process.Allowance())
        fields, _ = small.answer(request, PICTURE, process.Allowance())
        assert fields["shape"] == [30, 40]
    finally:
        small.end()


def test_only_jobs_of_hilum_are_done():
    for job in ("os:getpid", "hilumless.module:job", "hilum.slices.jobs:nothing", ""):
        with pytest.raises(UnreadableSlice, match="it cannot be read"):
            POOL.answer({"job": job, "key": None, "path": None}, b"", process.Allowance())


def test_a_file_is_sent_once_and_kept_until_another_comes():
    scan = written(dataset(chest(0), chest(1)))
    worker = Worker(2**31)
    try:
        first, one = worker.answer({**FRAME, "key": "scan", "frame": 0, "salt": "00"}, scan, Allowance())
        second, other = worker.answer({**FRAME, "key": "scan", "frame": 1, "salt": "00"}, b"", Allowance())
        assert (first["number"], second["number"], second["frames"]) == (1, 2, 2)
        assert one != other
        fields, _ = worker.answer({**FRAME, "key": None}, PICTURE, Allowance())
        assert fields["format"] == "PNG"
    finally:
        worker.end()


def test_a_file_that_failed_is_not_kept():
    worker = Worker(2**31)
    try:
        fields, _ = worker.answer({**FRAME, "key": "bad"}, b"these are my notes", Allowance())
        assert fields == {"reason": "not a PNG, JPEG or DICOM file"}
        assert worker.key is None
        fields, _ = worker.answer({**FRAME, "key": "bad"}, PICTURE, Allowance())
        assert fields["shape"] == [30, 40]
    finally:
        worker.end()
