"""Fuzzes both readers of slices with atheris: every input gives frames or a named reason, and nothing else.

    pip install atheris
    python benchmarks/fuzz.py -max_total_time=600

Options are libFuzzer's. Seeds are a PNG, a JPEG and pydicom's own test files; DICOM is parsed in a worker process,
of which only the answers are seen, not the coverage.
"""

import io
import sys
import tempfile
from pathlib import Path

import atheris
import numpy as np
from PIL import Image
from pydicom.data import get_testdata_files

with atheris.instrument_imports(include=["PIL", "hilum"]):
    from hilum.slices.frames import read_frames
    from hilum.slices.read import UnreadableSlice

_LARGEST = 200_000  # bytes


def read(data: bytes) -> None:
    """One input."""
    try:
        for frame in read_frames(data):
            assert frame.pixels.dtype == np.float32
            assert frame.pixels.ndim == 2
            assert 0 <= frame.pixels.min() <= frame.pixels.max() <= 1
    except UnreadableSlice as error:
        reason = str(error)
    else:
        reason = "none"
    assert 0 < len(reason) < 300


def write_seeds(folder: Path) -> None:
    """Valid files to start from."""
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 32), dtype=np.uint8))
    for kind in ("PNG", "JPEG"):
        data = io.BytesIO()
        picture.save(data, kind)
        (folder / kind).write_bytes(data.getvalue())
    for path in map(Path, get_testdata_files("*.dcm")):
        if path.stat().st_size < _LARGEST:
            (folder / path.name).write_bytes(path.read_bytes())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        write_seeds(Path(name))
        atheris.Setup([*sys.argv, name, f"-max_len={_LARGEST}", "-rss_limit_mb=4096", "-timeout=60"], read)
        atheris.Fuzz()
