"""Fuzzes both readers of slices with atheris: every input gives frames or a named reason, and nothing else.

    pip install atheris
    python benchmarks/fuzz.py -max_total_time=600

Options are libFuzzer's. Seeds are a PNG, a JPEG and pydicom's own test files. A DICOM header is parsed in this very
process too, so that the fuzzer sees what its inputs reach; pixels are decoded in the process that hilum keeps for it,
since decoders of compressed pixels can end theirs (they do, on inputs that this finds within seconds).
"""

import io
import logging
import sys
import tempfile
import warnings
from itertools import islice
from pathlib import Path

import atheris
import numpy as np
from PIL import Image
from pydicom.data import get_testdata_files

with atheris.instrument_imports(include=["PIL", "pydicom", "hilum"]):
    from hilum.slices.dicom import DicomFile
    from hilum.slices.formats import is_dicom
    from hilum.slices.frames import read_frames
    from hilum.slices.read import UnreadableSlice

_LARGEST = 200_000  # bytes
_FRAMES = 3  # of a file with more, the first


def read(data: bytes) -> None:
    """One input."""
    try:
        if is_dicom(data):
            DicomFile(data)
        for frame in islice(read_frames(data), _FRAMES):
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
    warnings.simplefilter("ignore")
    logging.disable()
    with tempfile.TemporaryDirectory() as name:
        write_seeds(Path(name))
        atheris.Setup([*sys.argv, name, f"-max_len={_LARGEST}", "-rss_limit_mb=4096", "-timeout=60"], read)
        atheris.Fuzz()
