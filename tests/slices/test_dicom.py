"""Sound DICOM files: whatever the syntax and photometric interpretation, the picture is that of the same PNG."""

import io
from pathlib import Path

import gdcm
import numpy as np
import pydicom
import pytest
from helpers.dicoms import SYNTAXES, chest, dataset, png, png_levels, written
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    MRImageStorage,
    RLELossless,
    SecondaryCaptureImageStorage,
    generate_uid,
)

from hilum.slices.frames import read_frame, read_frames
from hilum.slices.read import UnreadableSlice, decode

HU = chest()


def frame_of(ds, syntax=ExplicitVRLittleEndian, window="auto", **options):
    (frame,) = read_frames(written(ds, syntax, **options), window)
    return frame


def assert_same_picture(frame, hu, window):
    expected = decode(png(png_levels(hu, window))).pixels
    assert frame.pixels.dtype == np.float32
    np.testing.assert_allclose(frame.pixels, expected, atol=1 / 255)


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"signed": True, "intercept": 0},
        {"slope": 0.5, "intercept": -1100.5},
        {"inverted": True},
        {"bits": 12},
        {"signed": True, "intercept": 0, "bits": 12},
    ],
    ids=["unsigned", "signed", "slope", "MONOCHROME1", "12 bits", "12 bits, signed"],
)
def test_every_syntax_and_kind_of_value_is_the_picture_of_the_png(syntax, how):
    if how.get("inverted"):  # the window of a picture stored upside down lies upside down too
        how = {**how, "window": (HU.max() + HU.min() + 600, 1500)}
    frame = frame_of(dataset(HU, **how), SYNTAXES[syntax], "auto" if how.get("inverted") else "lung")
    assert_same_picture(frame, HU, "lung")
    assert (frame.format, frame.coloured, frame.number, frame.doubt) == ("DICOM", False, None, None)
    assert frame.mode == ("MONOCHROME1" if how.get("inverted") else "MONOCHROME2")


@pytest.mark.parametrize("window", ["lung", "mediastinum", "bone"])
def test_named_windows_go_before_that_of_the_file(window):
    assert_same_picture(frame_of(dataset(HU, window=(50, 350)), window=window), HU, window)


@pytest.mark.parametrize("window", ["file", "auto"])
def test_the_first_window_of_the_file(window):
    assert_same_picture(frame_of(dataset(HU, window=(50, 350)), window=window), HU, (50, 350))
    several = frame_of(dataset(HU, window=([50, -600], [350, 1500])), window=window)
    assert_same_picture(several, HU, (50, 350))
    assert several.facts["window"] == [50, 350]


def test_a_file_without_a_window_is_shown_through_that_of_the_lung():
    frame = frame_of(dataset(HU))
    assert_same_picture(frame, HU, "lung")
    assert frame.facts == {"modality": "CT", "size": [64, 48], "spacing": [0.7, 0.8], "window": [-600, 1500]}


@pytest.mark.parametrize("window", [None, (50, 0), (50, -3)])
def test_the_file_s_window_where_it_has_none_is_told(window):
    with pytest.raises(UnreadableSlice, match="names no window of its own; choose one, such as lung"):
        frame_of(dataset(HU, window=window), window="file")


def test_other_curves_of_the_file_are_followed():
    values = HU.astype(float)
    sigmoid = frame_of(dataset(HU, window=(-600, 900), VOILUTFunction="SIGMOID"))
    np.testing.assert_allclose(sigmoid.pixels, 1 / (1 + np.exp(-4 * (values + 600) / 900)), atol=1e-5)
    exact = frame_of(dataset(HU, window=(-600, 900), VOILUTFunction="LINEAR_EXACT"))
    np.testing.assert_allclose(exact.pixels, ((values + 600) / 900 + 0.5).clip(0, 1), atol=1e-5)


def test_what_is_not_ct_and_has_no_window_is_shown_in_its_whole_range():
    frame = frame_of(dataset(HU, Modality="MR", SOPClassUID=MRImageStorage, RescaleSlope=None, RescaleIntercept=None))
    np.testing.assert_allclose(frame.pixels, (HU - HU.min()) / (HU.max() - HU.min()), atol=1e-5)
    assert frame.facts["window"] is None


@pytest.mark.parametrize("syntax", ["explicit", "implicit", "big endian"])
def test_neither_preamble_nor_meta_information_is_needed(syntax):
    data = written(dataset(HU), SYNTAXES[syntax], meta=False)
    assert b"DICM" not in data
    (frame,) = read_frames(data)
    assert_same_picture(frame, HU, "lung")


def test_meta_information_without_a_preamble_is_enough():
    (frame,) = read_frames(written(dataset(HU))[132:])
    assert_same_picture(frame, HU, "lung")


@pytest.mark.parametrize("name", ["scan.dcm", "scan.png", "IM0001"])
def test_the_content_tells_the_format_and_not_the_name(tmp_path, name):
    (tmp_path / name).write_bytes(written(dataset(HU)))
    (frame,) = read_frames(tmp_path / name)
    assert frame.format == "DICOM"
    (tmp_path / name).write_bytes(png(png_levels(HU, "lung")))
    (frame,) = read_frames(tmp_path / name)
    assert (frame.format, frame.facts, frame.group, frame.series) == ("PNG", {}, None, None)


def test_a_text_in_the_preamble_makes_no_picture_of_a_file():
    data = b"\x89PNG no picture".ljust(128, b"\0") + written(dataset(HU))[128:]
    assert frame_of_bytes(data).format == "DICOM"


def frame_of_bytes(data):
    (frame,) = read_frames(data)
    return frame


# Several frames in a file

SLICES = [chest(seed) for seed in range(3)]


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_frames_come_in_order_with_their_numbers(syntax):
    frames = list(read_frames(written(dataset(*SLICES), SYNTAXES[syntax]), "lung"))
    assert [frame.number for frame in frames] == [1, 2, 3]
    for frame, hu in zip(frames, SLICES, strict=True):
        assert_same_picture(frame, hu, "lung")


@pytest.mark.parametrize("table", [True, False])
def test_compressed_frames_are_found_with_and_without_a_table(table, tmp_path):
    ds = dataset(*SLICES)
    written(ds, RLELossless)
    ds.PixelData = encapsulate(list(generate_frames(ds.PixelData, number_of_frames=3)), has_bot=table)
    file = io.BytesIO()
    ds.save_as(file)
    (tmp_path / "a").write_bytes(file.getvalue())
    for number in (3, 1, 2):
        assert_same_picture(read_frame(tmp_path / "a", number, "lung"), SLICES[number - 1], "lung")


# Colours and other depths


def coloured(rgb, photometric="RGB", **more):
    ds = dataset(HU, Modality="OT", SOPClassUID=SecondaryCaptureImageStorage, RescaleSlope=None, RescaleIntercept=None)
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PlanarConfiguration = *rgb.shape[:2], 3, 0
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    ds.PhotometricInterpretation, ds.PixelData = photometric, rgb.tobytes()
    ds["PixelData"].VR = "OB"
    for keyword, value in more.items():
        setattr(ds, keyword, value)
    return ds


RGB = np.random.default_rng(1).integers(0, 256, (16, 20, 3), np.uint8)


def test_colours_become_grey_as_those_of_a_png():
    frame = frame_of(coloured(RGB))
    assert (frame.mode, frame.coloured) == ("RGB", True)
    np.testing.assert_allclose(frame.pixels, decode(png(RGB)).pixels, atol=1 / 255)
    grey = frame_of(coloured(np.repeat(RGB[..., :1], 3, axis=2)))
    assert not grey.coloured
    np.testing.assert_allclose(grey.pixels, RGB[..., 0] / 255, atol=1e-5)


def test_colours_in_planes_are_the_same():
    planes = coloured(RGB, PlanarConfiguration=1, PixelData=RGB.transpose(2, 0, 1).tobytes())
    np.testing.assert_array_equal(frame_of(planes).pixels, frame_of(coloured(RGB)).pixels)


def test_a_baseline_jpeg_is_what_pillow_makes_of_it():
    levels = png_levels(HU, "lung")
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "JPEG", quality=95)
    ds = coloured(np.repeat(levels[..., None], 3, axis=2), "MONOCHROME2", SamplesPerPixel=1)
    del ds.PlanarConfiguration
    ds.PixelData = encapsulate([file.getvalue()])
    ds["PixelData"].is_undefined_length = True
    ds.file_meta = None
    data = with_syntax(ds, JPEGBaseline8Bit)
    frame = frame_of_bytes(data)
    decoded = np.asarray(Image.open(file)).astype(float)
    np.testing.assert_allclose(frame.pixels, (decoded - decoded.min()) / np.ptp(decoded), atol=2 / 255)


def with_syntax(ds, syntax):
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = UID(syntax)
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = CTImageStorage, generate_uid()
    file = io.BytesIO()
    ds.save_as(file, enforce_file_format=True)
    return file.getvalue()


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("process", ["JPEGLosslessProcess14_1", "JPEGLosslessProcess14"])
def test_a_lossless_jpeg_as_scanners_write_it(process, signed, tmp_path):
    path = tmp_path / "scan"
    path.write_bytes(written(dataset(HU, signed=signed, intercept=0 if signed else -1024)))
    reader, change, writer = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
    reader.SetFileName(str(path))
    assert reader.Read()
    change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, process)))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    assert b"1.2.840.10008.1.2.4." in path.read_bytes()[:500]
    assert_same_picture(read_frame(path, window="lung"), HU, "lung")


def test_unused_bits_are_ignored():
    ds = dataset(HU, bits=12)
    stored = np.frombuffer(ds.PixelData, "<u2") | 0xA000
    ds.PixelData = stored.astype("<u2").tobytes()
    assert_same_picture(frame_of(ds, window="lung"), HU, "lung")


@pytest.mark.parametrize("high", [15, 14, 12])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("syntax", ["explicit", "implicit", "big endian", "RLE", "deflated"])
def test_values_below_other_bits(syntax, signed, high):
    ds = dataset(HU, bits=12, signed=signed, intercept=0 if signed else -1024, HighBit=high)
    cells = np.frombuffer(ds.PixelData, "<u2").astype(np.uint16) << (high - 11)
    cells |= np.where(np.arange(cells.size) % 2, 0xFFFF & ~((2 << high) - 1), 0).astype(np.uint16)  # to be ignored
    ds.PixelData = cells.astype("<u2").tobytes()
    assert_same_picture(frame_of(ds, SYNTAXES[syntax], "lung"), HU, "lung")


def test_colours_below_other_bits():
    wide = (RGB.astype(np.uint16) << 8).astype("<u2")
    ds = coloured(RGB, PixelData=wide.tobytes(), BitsAllocated=16, BitsStored=8, HighBit=15)
    np.testing.assert_array_equal(frame_of(ds).pixels, frame_of(coloured(RGB)).pixels)


@pytest.mark.parametrize(
    ("changes", "syntax"),
    [
        ({"HighBit": 10}, "explicit"),
        ({"HighBit": 0}, "explicit"),
        ({"HighBit": 16}, "explicit"),
        ({"HighBit": 11, "BitsStored": 16}, "explicit"),
        ({"HighBit": 15}, "JPEG 2000"),
        ({"HighBit": 15}, "JPEG-LS"),
    ],
)
def test_a_high_bit_that_does_not_fit_is_named(changes, syntax):
    data = written(dataset(HU, bits=12), SYNTAXES[syntax])
    for keyword, value in changes.items():
        element = {"HighBit": b"\x28\0\x02\x01US\2\0", "BitsStored": b"\x28\0\x01\x01US\2\0"}[keyword]
        at = data.index(element) + 8
        data = data[:at] + value.to_bytes(2, "little") + data[at + 2 :]
    with pytest.raises(UnreadableSlice, match="HighBit in its DICOM header does not fit BitsStored"):
        frame_of_bytes(data)


def test_a_high_bit_that_cannot_be_true_is_named():
    with pytest.raises(UnreadableSlice, match="HighBit in its DICOM header leaves out bits that are set"):
        frame_of(dataset(HU, bits=12, HighBit=15))


def test_a_high_bit_is_not_needed():
    assert_same_picture(frame_of(dataset(HU, bits=12, HighBit=None), window="lung"), HU, "lung")


# Explicit big endian: values of 8 bits are bytes in an element of bytes, and pairs in one of words


def big_endian(levels, of_words, **more):
    ds = coloured(RGB, PixelData=levels.tobytes() + bytes(levels.size % 2), **more)
    if of_words:
        ds.PixelData = np.frombuffer(ds.PixelData, "<u2").astype(">u2").tobytes()
    ds["PixelData"].VR = "OW" if of_words else "OB"
    return with_syntax(ds, ExplicitVRBigEndian)


@pytest.mark.parametrize("of_words", [False, True])
@pytest.mark.parametrize(("height", "width"), [(16, 20), (15, 21)])
def test_grey_bytes_in_big_endian(height, width, of_words):
    frames = np.random.default_rng(2).integers(0, 256, (3, height, width), np.uint8)
    grey = {"Rows": height, "Columns": width, "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2"}
    data = big_endian(frames, of_words, NumberOfFrames=3, **grey)
    for number, expected in enumerate(frames):
        pixels = read_frame(data, number + 1).pixels
        np.testing.assert_allclose(pixels, (expected - expected.min()) / np.ptp(expected), atol=1e-5)


@pytest.mark.parametrize("of_words", [False, True])
@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
@pytest.mark.parametrize("planes", [False, True])
def test_coloured_bytes_in_big_endian(planes, photometric, of_words):
    levels = RGB.transpose(2, 0, 1) if planes else RGB
    frame = frame_of_bytes(
        big_endian(levels, of_words, PhotometricInterpretation=photometric, PlanarConfiguration=int(planes))
    )
    np.testing.assert_allclose(frame.pixels, frame_of(coloured(RGB, photometric)).pixels, atol=1e-6)


def test_signed_bytes_in_big_endian():
    levels = np.random.default_rng(3).integers(-128, 128, (16, 20), np.int8)
    grey = {"SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2", "PixelRepresentation": 1}
    data = big_endian(levels, False, **grey)
    expected = (levels.astype(float) - levels.min()) / np.ptp(levels.astype(float))
    np.testing.assert_allclose(frame_of_bytes(data).pixels, expected, atol=1e-5)


def test_a_big_endian_file_of_an_ultrasound_scanner():
    path = get_testdata_file("ExplVR_BigEnd.dcm")
    expected = pydicom.dcmread(path).pixel_array
    frame = frame_of_bytes(Path(path).read_bytes())
    np.testing.assert_allclose(frame.pixels, expected @ [0.299, 0.587, 0.114] / 255, atol=1e-5)


def test_floating_point_pixels():
    ds = dataset(HU, RescaleSlope=1, RescaleIntercept=0)
    del ds.PixelData, ds.BitsStored, ds.HighBit, ds.PixelRepresentation
    ds.BitsAllocated = 32
    values = HU.astype("<f4")
    values[0, 0] = np.nan
    ds.FloatPixelData = values.tobytes()
    frame = frame_of(ds, ImplicitVRLittleEndian, "lung")
    assert np.isfinite(frame.pixels).all()
    np.testing.assert_allclose(frame.pixels.ravel()[1:], png_levels(HU, "lung").ravel()[1:] / 255, atol=1 / 255)


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.filterwarnings("ignore:.*VR CS")  # of writing them
def test_codes_in_small_letters_are_read_as_in_capitals(inverted):
    ds = dataset(HU, inverted=inverted)
    expected = frame_of(ds).pixels
    ds.Modality, ds.PhotometricInterpretation = "ct", ds.PhotometricInterpretation.lower()
    frame = frame_of(ds)
    assert frame.doubt is None
    np.testing.assert_array_equal(frame.pixels, expected)
