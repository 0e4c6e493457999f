"""Files that take little room and long to decode, of every format; and the colours of a picture."""

import io
import os
import struct
import zlib

import numpy as np
import pytest
from helpers.dicoms import chest, dataset, png, written
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit

from hilum.slices import process
from hilum.slices.frames import read_colours, read_frame
from hilum.slices.read import MAX_SCANS, UnreadableSlice

LONGEST = 17  # scans that are taken of a picture with a side of 6000
PICTURE = png(np.full((30, 40), 51, np.uint8))


def segment(marker, data):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def scan_bomb(scans, side=6000):
    """A progressive JPEG of so many scans, all but the first without content, and decoded over all pixels each."""
    blocks = (side // 8) ** 2
    runs = blocks // 2**14 + 1  # of 15 bits: the end of 2**14 blocks
    tables = segment(0xDB, b"\0" + b"\1" * 64) + segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + b"\1\x11\0")
    for table, symbol in ((b"\0", b"\0"), (b"\x10", b"\xe0")):
        tables += segment(0xC4, table + b"\1" + bytes(15) + symbol)
    first = segment(0xDA, b"\1\1\0\0\0\0") + bytes(blocks // 8 + 1)
    empty = segment(0xDA, b"\1\1\0\1\x3f\0") + bytes(15 * runs // 8 + 1)
    return b"\xff\xd8" + tables + first + empty * (scans - 1) + b"\xff\xd9"


def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def many_chunks(count=2_000_000):
    """A PNG with chunks of nothing before its pixels."""
    return PICTURE[:33] + chunk(b"teSt") * count + PICTURE[33:]


def interlaced(side=4000):
    """A black picture of little bytes, woven of seven."""
    head = struct.pack(">IIBBBBB", side, side, 16, 6, 0, 0, 1)
    pixels = zlib.compress(bytes(8 * side * side + 2 * side), 1)
    return PICTURE[:8] + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND")


def mpo():
    """A JPEG with another one behind it, as cameras write them, the first a bomb."""
    file = io.BytesIO()
    Image.new("L", (16, 16)).save(file, "MPO", save_all=True, append_images=[Image.new("L", (16, 16))])
    index = file.getvalue()[2:].partition(b"\xff\xdb")[0]
    bomb = scan_bomb(LONGEST - 2)
    return bomb[:2] + index + bomb[2:] + file.getvalue()


def in_dicom():
    """A DICOM file with a bomb as its pixels, whose scans nobody counts."""
    ds = dataset(np.zeros((16, 16), np.int32))
    written(ds)
    ds.Rows = ds.Columns = 6000
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit = 7
    ds.PixelData = encapsulate([scan_bomb(2 * MAX_SCANS)])
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    ds.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    file = io.BytesIO()
    ds.save_as(file, implicit_vr=False, little_endian=True)
    return file.getvalue()


@pytest.mark.parametrize("make", [lambda: scan_bomb(LONGEST), many_chunks, interlaced, mpo, in_dicom],
                         ids=["scans", "chunks", "interlaced", "MPO", "DICOM"])  # fmt: skip
def test_every_format_has_a_limit_of_time(make, monkeypatch):
    read_frame(PICTURE)  # a process is there, and has all that it needs for DICOM
    read_frame(written(dataset(chest())))
    data = make()
    monkeypatch.setattr(process, "SECONDS", 0.2)
    with pytest.raises(UnreadableSlice, match=r"it could not be decoded within 0\.2 seconds"):
        read_frame(data)
    monkeypatch.undo()
    assert read_frame(PICTURE).format == "PNG"


def test_a_jpeg_of_very_many_scans_is_refused_without_being_decoded(monkeypatch):
    with pytest.raises(UnreadableSlice, match="a JPEG of 501 scans, over 500"):
        read_frame(scan_bomb(MAX_SCANS + 1, 64))
    assert read_frame(scan_bomb(MAX_SCANS, 64)).pixels.shape == (64, 64)


@pytest.mark.parametrize("coding", [0xC0, 0xC1, 0xC2, 0xC9], ids=["baseline", "extended", "progressive", "arithmetic"])
def test_fewer_scans_are_taken_of_a_large_picture(coding):
    """Scans without any content cost no bytes, and decoding them goes over all pixels."""
    start = segment(coding, struct.pack(">BHHB", 8, 6304, 6304, 3) + b"\1\x11\0\2\x11\0\3\x11\0")
    scans = b"".join(segment(0xDA, bytes([1, 1 + number % 3, 0, 0, 63, 0])) for number in range(400))
    with pytest.raises(UnreadableSlice, match="a JPEG of 400 scans, over 16"):
        read_frame(b"\xff\xd8" + segment(0xDB, bytes([0, *[1] * 64])) + start + scans + b"\xff\xd9")


def test_ordinary_jpegs_are_far_from_the_limit():
    levels = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    for options in ({"progressive": True}, {"quality": 100, "subsampling": 0}, {"exif": b"\xff\xda\0\x08" * 16000}):
        file = io.BytesIO()
        Image.fromarray(levels).save(file, "JPEG", **options)
        assert read_frame(file.getvalue()).pixels.shape == (200, 300)


def test_colours_are_those_of_the_picture(tmp_path):
    rgb = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    (tmp_path / "a.png").write_bytes(png(rgb))
    np.testing.assert_array_equal(read_colours(tmp_path / "a.png"), rgb)
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(UnreadableSlice, match="not a PNG"):
        read_colours(tmp_path / "a.png")
    os.remove(tmp_path / "a.png")  # noqa: PTH107
    with pytest.raises(UnreadableSlice, match="cannot be opened"):
        read_colours(tmp_path / "a.png")
