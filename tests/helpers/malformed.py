"""Files that are no slices, each wrong in its own way, for everything that reads what a user gives."""

import gzip
import io
import struct
import zlib

import numpy as np
from helpers.dicoms import chest, dataset, written
from PIL import Image


def _encoded(levels, kind="PNG"):
    file = io.BytesIO()
    Image.fromarray(levels).save(file, kind)
    return file.getvalue()


_PICTURE, _SCAN = _encoded(np.full((30, 40), 51, np.uint8)), written(dataset(chest(0)))


def _bomb():
    """A PNG of a few bytes that says it has 10,000,000,000 pixels."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def _lying(**values):
    scan = dataset(chest(0))
    for name, value in values.items():
        setattr(scan, name, value)
    return written(scan)


MALFORMED = {
    "empty.png": b"",
    "text.png": b"a text that calls itself a picture",
    "zip.png": b"PK\x03\x04" + bytes(100),
    "gzip.png": gzip.compress(_PICTURE),
    "truncated.png": _PICTURE[:40],
    "bomb.png": _bomb(),
    "large.png": _encoded(np.zeros((7000, 7000), bool)),
    "script.png": b"#!/bin/sh\nexit 1\n",
    "page.png": b"<html><script>alert(1)</script></html>",
    "gif.png": _encoded(np.zeros((8, 8), np.uint8), "GIF"),
    "zeros.dcm": bytes(200),
    "nothing.dcm": bytes(128) + b"DICM",
    "truncated.dcm": _SCAN[:1000],
    "no pixels.dcm": _SCAN[: _SCAN.index(b"\xe0\x7f\x10\x00")],
    "huge rows.dcm": _lying(Rows=65_535, Columns=65_535),
    "huge frames.dcm": _lying(NumberOfFrames=2_000_000_000),
    "unknown syntax.dcm": _SCAN.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.9\0"),
}
