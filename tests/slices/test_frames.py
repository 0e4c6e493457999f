"""Any file, sound or not, gives pictures or one reason of ours; never a header value, never another exception."""

import io
import logging
import os
import re
import struct
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from helpers.dicoms import SECRET, SYNTAXES, chest, dataset, png, png_levels, written
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom.data import get_testdata_files
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.sequence import Sequence
from pydicom.uid import MPEG2MPML, JPEGLosslessSV1, JPEGLSLossless, RLELossless

from hilum.errors import HilumError
from hilum.slices import dicom
from hilum.slices import frames as frames_module
from hilum.slices.dicom import DicomFile
from hilum.slices.formats import is_dicom
from hilum.slices.frames import file_of, frame_below, frame_path, read_frame, read_frames
from hilum.slices.pseudonyms import salt
from hilum.slices.read import MAX_BYTES, UnreadableSlice
from hilum.slices.windows import WINDOWS

HU = chest()
SHIPPED = sorted(path for path in map(Path, get_testdata_files()) if path.is_file())


def assert_frames_or_reason(source, window="auto"):
    """The reason, or None where there are sound pictures; anything else fails the test."""
    try:
        frames = list(read_frames(source, window))
    except UnreadableSlice as error:
        return str(error)
    assert frames
    for frame in frames:
        assert frame.pixels.dtype == np.float32
        assert frame.pixels.ndim == 2
        assert frame.pixels.size > 0
        assert frame.pixels.min() >= 0  # also false for NaN
        assert frame.pixels.max() <= 1
    return None


def values_of(path):
    """Every text of a header that could be told from our own words: longer than a code, and no number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            header = pydicom.dcmread(path, force=True, stop_before_pixels=True)
            texts = {str(element.value) for element in header.iterall() if element.VR != "SQ"}
        except Exception:
            return set()
    own = {text.lower() for text in ("CT", "MR", "unknown", "lung")}
    return {text for text in texts if len(text) > 4 and not text.replace(".", "").isdigit() and text.lower() not in own}


def test_files_that_pydicom_ships(capfd, caplog, recwarn):
    caplog.set_level(logging.DEBUG)
    read = 0
    for path in SHIPPED:
        data = path.read_bytes()
        caplog.clear()  # of what pydicom said to `values_of`
        reason = assert_frames_or_reason(data)
        assert reason == assert_frames_or_reason(data, "lung"), path
        assert (capfd.readouterr(), caplog.records, recwarn.list) == (("", ""), [], []), path
        read += reason is None
        if reason is not None and is_dicom(data):
            assert not [value for value in values_of(path) if value in reason], path
            assert path.name not in reason
    assert read >= 85


def test_names_are_never_seen(capfd, caplog, recwarn, tmp_path):
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds = dataset(HU, ImageType=["ORIGINAL", "PRIMARY", SECRET.upper()], Modality=SECRET[:12], patient=SECRET)
        data = written(ds)
        bad = written(dataset(HU, RescaleIntercept="-1024.000000")).replace(b"-1024.000000", SECRET[:12].encode())
    caplog.clear()
    (frame,) = read_frames(data)
    assert SECRET[:8].lower() not in repr(frame).lower()
    with pytest.raises(UnreadableSlice) as caught:
        list(read_frames(bad))
    assert str(caught.value) == "RescaleIntercept in its DICOM header is not a number"
    assert (capfd.readouterr(), caplog.records, recwarn.list) == (("", ""), [], [])


# What is no sound file, and what is then said


def lying(ds, **values):
    """A file whose header says other things than are true of its pixels."""
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return written(ds)


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.dcm", written(dataset(HU)))
    return file.getvalue()


def without_pixels():
    return written(dataset(HU, PixelData=None))


def with_length(length):
    """A file whose element of pixels says that it is of another length."""
    data = written(dataset(HU))
    at = data.rindex(b"\xe0\x7f\x10\x00OW\0\0") + 8
    return data[:at] + struct.pack("<I", length) + data[at + 4 :]


def nested(depth):
    inner = Dataset()
    for _ in range(depth):
        outer = Dataset()
        outer.RequestAttributesSequence = Sequence([inner])
        inner = outer
    ds = dataset(HU)
    ds.RequestAttributesSequence = inner.RequestAttributesSequence
    return ds


def deep(depth):
    """Sequences of undefined length in each other; pydicom could not write so many."""
    element = b"\x40\x00\x75\x02SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    data = written(dataset(HU))
    return data[: data.rindex(b"\xe0\x7f\x10\x00OW")] + element * depth


def bomb(size):
    """A deflated file that inflates to `size` zeros behind its header."""
    data = written(dataset(HU), SYNTAXES["deflated"])
    at = 132 + 12 + struct.unpack("<I", data[140:144])[0]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    plain = written(dataset(HU))
    plain = plain[132 + 12 + struct.unpack("<I", plain[140:144])[0] :]
    return data[:at] + packer.compress(plain) + packer.compress(bytes(size)) + packer.flush()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: b"", "the file is empty"),
        (lambda: b"these are my notes", "not a PNG, JPEG or DICOM file"),
        (zipped, "not a PNG, JPEG or DICOM file"),
        (lambda: bytes(4000), "not a PNG, JPEG or DICOM file"),
        (lambda: bytes(128) + b"DICM", "it holds no pixels, or ends before them"),
        (without_pixels, "it holds no pixels, or ends before them"),
        (lambda: lying(dataset(HU), Rows=0), "its header gives its pixels no size"),
        (lambda: lying(dataset(HU, PhotometricInterpretation=None)), "does not say what its pixels mean"),
        (lambda: lying(dataset(HU), PhotometricInterpretation="HSV"), "photometric interpretation that hilum does not"),
        (lambda: lying(dataset(HU, Rows=None)), "its DICOM header is truncated or damaged"),
        (lambda: lying(dataset(HU), Rows=60000, Columns=60000), "60000 x 60000 pixels, over 40 million"),
        (lambda: lying(dataset(HU), Rows=8000, Columns=5001), "5001 x 8000 pixels, over 40 million"),
        (lambda: lying(dataset(HU), NumberOfFrames=5001), "it has 5001 frames, over 5,000"),
        (lambda: lying(dataset(HU), NumberOfFrames=4000, Rows=4000, Columns=100), "come to 3.0 GB, over 2"),
        (lambda: lying(dataset(HU), NumberOfFrames=-3), "its header gives its pixels no size"),
        (lambda: lying(dataset(HU), NumberOfFrames=2), "truncated: it holds fewer pixels than its header says"),
        (lambda: lying(dataset(HU), Rows=49), "truncated: it holds fewer pixels"),
        (lambda: lying(dataset(HU), Columns=65535), "truncated: it holds fewer pixels"),
        (lambda: written(dataset(HU))[:-1], "truncated: it holds fewer pixels"),
        (lambda: with_length(100), "truncated: it holds fewer pixels"),
        (lambda: with_length(0xFFFFFFFF), "truncated: it holds fewer pixels"),
        (lambda: written(dataset(HU), RLELossless)[:-200], "truncated: its compressed pixels end early"),
        (lambda: written(dataset(HU), JPEGLSLossless)[:-200], "truncated: its compressed pixels end early"),
        (lambda: deep(100_000), "it holds no pixels, or ends before them|its DICOM header is truncated or damaged"),
    ],
)  # fmt: skip
def test_what_is_no_sound_file_is_told(make, reason, tmp_path):
    path = tmp_path / "scan.dcm"
    path.write_bytes(make())
    for source in (path, path.read_bytes()):
        with pytest.raises(UnreadableSlice, match=reason) as caught:
            list(read_frames(source))
        assert str(tmp_path) not in str(caught.value)
    assert assert_frames_or_reason(written(dataset(HU))) is None  # and the next file is read


def test_a_file_that_inflates_too_far_is_told(monkeypatch):
    monkeypatch.setattr(dicom, "MAX_INFLATED", 2**20)
    with pytest.raises(UnreadableSlice, match="it inflates to over 1 MB"):
        DicomFile(bomb(2**20))
    assert "fewer pixels" not in str(assert_frames_or_reason(bomb(2**20)))


def test_a_length_that_is_too_great_does_no_harm():
    assert assert_frames_or_reason(with_length(2 * HU.size)) is None
    assert assert_frames_or_reason(with_length(2**31)) is None  # there are as many pixels as the header says


def test_sequences_in_sequences_do_no_harm():
    assert assert_frames_or_reason(written(nested(40))) is None


@pytest.mark.parametrize(
    ("uid", "expected"),
    [(MPEG2MPML, "as MPEG2 Main .*, which hilum does not read"), ("1.2.3.4.5", "in a way that is not in the standard")],
)
def test_a_syntax_that_nobody_reads_is_told(uid, expected):
    ds = dataset(HU)
    written(ds, RLELossless)
    ds.file_meta.TransferSyntaxUID = uid
    file = io.BytesIO()
    ds.save_as(file, implicit_vr=False, little_endian=True)
    reason = assert_frames_or_reason(file.getvalue())
    assert re.fullmatch(f"its pixels are encoded {expected}", reason)


def _syntax_of(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return pydicom.dcmread(path, force=True, stop_before_pixels=True).file_meta.get("TransferSyntaxUID")
        except Exception:  # some are faulty on purpose
            return None


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEGLosslessSV1])
def test_a_missing_decoder_is_named_with_the_remedy(syntax, monkeypatch):
    path = next(path for path in SHIPPED if _syntax_of(path) == syntax)
    monkeypatch.setattr(get_decoder(syntax), "_available", {})  # as where only the base install is
    with pytest.raises(UnreadableSlice) as caught:
        DicomFile(path.read_bytes()).frame(0, "auto", b"")
    assert syntax.name in str(caught.value)
    assert "no decoder is installed; for the free decoders: pip install -e '.[dicom]' in" in str(caught.value)


def test_large_files_are_not_read(tmp_path):
    path = tmp_path / "scan.dcm"
    path.write_bytes(written(dataset(HU)))
    os.truncate(path, frames_module.MAX_DICOM_BYTES + 2**20)
    assert assert_frames_or_reason(path) == "the file has 1025 MB, more than 1024"
    (tmp_path / "text").touch()
    os.truncate(tmp_path / "text", MAX_BYTES + 2**20)
    assert "more than 64" in assert_frames_or_reason(tmp_path / "text")


@pytest.mark.parametrize("make", [lambda path: None, os.mkdir, os.mkfifo, lambda path: path.symlink_to(path)])
def test_what_is_no_file_is_told(tmp_path, make):
    make(tmp_path / "scan.dcm")
    assert assert_frames_or_reason(tmp_path / "scan.dcm") is not None
    assert not is_dicom(tmp_path / "scan.dcm")


def test_a_file_that_goes_is_told(tmp_path):
    path = tmp_path / "scan.dcm"
    path.write_bytes(written(dataset(HU, chest(1))))
    frames = read_frames(path)
    next(frames)
    path.unlink()
    with pytest.raises(UnreadableSlice, match="cannot be opened"):
        next(frames)


def test_an_unknown_window_is_told_before_anything_is_opened():
    for read in (lambda: list(read_frames(b"", "liver")), lambda: read_frame(b"", None, "liver")):
        with pytest.raises(HilumError, match="There is no window"):
            read()
    assert WINDOWS == ("lung", "mediastinum", "bone", "file", "auto")


def test_one_frame_may_be_asked_for(tmp_path):
    slices = [chest(seed) for seed in range(4)]
    (tmp_path / "scan").write_bytes(written(dataset(*slices)))
    all_of_them = list(read_frames(tmp_path / "scan"))
    third = read_frame(tmp_path / "scan", 3)
    assert third.number == 3
    np.testing.assert_array_equal(third.pixels, all_of_them[2].pixels)
    assert read_frame(tmp_path / "scan").number == 1
    (tmp_path / "a.png").write_bytes(png(png_levels(HU, "lung")))
    assert read_frame(tmp_path / "a.png").format == "PNG"
    with pytest.raises(UnreadableSlice):
        read_frame(tmp_path / "scan", 5)


def test_the_salt_of_hashes_may_be_given():
    scan, picture = written(dataset(HU)), png(png_levels(HU, "lung"))
    hashes = [
        [(frame.group, frame.series, frame.scan) for frame in read_frames(scan, salt=one)] for one in (b"a", b"b")
    ]
    assert hashes[0] == [(frame.group, frame.series, frame.scan) for frame in read_frames(scan, salt=b"a")]
    assert not set(hashes[0][0]) & set(hashes[1][0])
    (own,), (given,) = read_frames(scan), read_frames(scan, salt=salt())
    assert (own.group, own.series) == (given.group, given.series)
    assert next(read_frames(picture, salt=b"a")).series is None


def test_names_of_frames():
    assert frame_path("a/scan.dcm", 3) == "a/scan.dcm#3"
    assert file_of("a/scan.dcm#3", 3) == "a/scan.dcm"
    assert frame_path("a#1", None) == file_of("a#1", None) == "a#1"
    assert file_of("a#1#2", 2) == "a#1"


def test_the_file_of_a_frame_is_found_below_a_folder_and_nowhere_else(tmp_path):
    folder = tmp_path / "slices"
    (folder / "a").mkdir(parents=True)
    for name in ("slices/a/scan.dcm", "slices/a/odd#7", "outside.png"):
        (tmp_path / name).touch()
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    (folder / "loop.png").symlink_to("loop.png")
    assert frame_below(folder, "a/scan.dcm") == (folder / "a/scan.dcm", None)
    assert frame_below(folder, "a/scan.dcm#3") == (folder / "a/scan.dcm", 3)
    assert frame_below(folder, "a/odd#7") == (folder / "a/odd#7", None)
    for path in ("a", "a/none", "../outside.png", str(tmp_path / "outside.png"), "link.png", "loop.png"):
        assert frame_below(folder, path) is None


# Fuzzing

SMALL = chest(0, 32, 40)
FILES = [
    *(written(dataset(SMALL, window=(40, 400)), syntax) for syntax in SYNTAXES.values()),
    written(dataset(SMALL, chest(1, 32, 40)), RLELossless),
    written(dataset(SMALL), SYNTAXES["implicit"], meta=False),
]


@pytest.mark.parametrize("number", range(len(FILES)))
def test_a_cut_at_every_few_bytes(number):
    data = FILES[number]
    for end in range(0, len(data), 97):
        assert assert_frames_or_reason(data[:end]) is not None or end > len(data) - 20


@settings(max_examples=100)
@given(st.sampled_from(FILES), st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 255)), min_size=1, max_size=6))
def test_changed_bytes_anywhere(data, changes):
    damaged = bytearray(data)
    for position, change in changes:
        damaged[position % len(data)] ^= change
    assert_frames_or_reason(bytes(damaged))


@settings(max_examples=100)
@given(st.sampled_from(FILES), st.integers(132, 1400), st.binary(min_size=1, max_size=12))
def test_other_bytes_in_the_header(data, position, other):
    assert_frames_or_reason(data[:position] + other + data[position + len(other) :])


HEADS = [bytes(128) + b"DICM", b"\x08\x00\x05\x00CS", b"\x02\x00\x00\x00UL", b""]


@settings(max_examples=60)
@given(st.binary(max_size=200), st.sampled_from(HEADS))
def test_any_bytes(data, head):
    assert_frames_or_reason(head + data)


def test_a_picture_with_dicm_in_it_stays_a_picture():
    data = png(np.asarray(Image.new("L", (30, 30), 9)))
    text = data[:33] + struct.pack(">I", 100) + b"tEXt" + b"a\0".ljust(87, b"x") + b"DICM".ljust(13, b"y")
    text += struct.pack(">I", zlib.crc32(text[37:])) + data[33:]
    assert text[128:132] == b"DICM"
    (frame,) = read_frames(text)
    assert frame.format == "PNG"
