"""Padding is background, whatever stored value stands for it, and counts for no minimum or maximum."""

from copy import deepcopy

import numpy as np
import pytest
from helpers.dicoms import SYNTAXES, chest, dataset, written
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage

from hilum.slices.dicom_padding import padding
from hilum.slices.frames import read_frame

HU = chest()
Y, X = np.mgrid[-1 : 1 : HU.shape[0] * 1j, -1 : 1 : HU.shape[1] * 1j]
OUTSIDE = X**2 + Y**2 > 1
INSIDE = ~OUTSIDE
RISING = np.linspace(0, 10_000, HU.size).reshape(HU.shape)


def padded(value, *, signed=False, intercept=-1024, inverted=False, ends=(), vr=None, bits=16, **more):
    """A slice whose corners hold a stored value; `ends` are the elements, by default that value."""
    ds = dataset(HU, signed=signed, intercept=intercept, inverted=inverted, bits=bits, **more)
    kind = "<i2" if signed else "<u2"
    stored = np.where(OUTSIDE, value, np.frombuffer(ds.PixelData, kind).reshape(HU.shape)).astype(kind)
    ds.PixelData = stored.tobytes()
    for keyword, end in zip(("PixelPaddingValue", "PixelPaddingRangeLimit"), ends or (value,), strict=False):
        ds.add_new(keyword, vr or ("SS" if signed else "US"), end)
    return ds


CASES = {
    "unsigned 65535": padded(65535),
    "unsigned 0": padded(0),
    "signed -2000": padded(-2000, signed=True, intercept=0),
    "signed 32767": padded(32767, signed=True, intercept=0),
    "signed, given without a sign": padded(-2000, signed=True, intercept=0, ends=(63536,), vr="US"),
    "unsigned, given with a sign": padded(63536, ends=(-2000,), vr="SS"),
    "in bits that are not used": padded(65535, bits=12),
    "a signed range": padded(20_000 + RISING, signed=True, intercept=0, ends=(30_000, 20_000)),
    "a range": padded(50_000 + RISING, ends=(50_000, 60_000)),
    "a range from above": padded(50_000 + RISING, ends=(60_000, 50_000)),
}  # fmt: skip


def shown(ds, window="lung", syntax=ExplicitVRLittleEndian):
    return read_frame(written(ds, syntax), window=window)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("syntax", ["explicit", "implicit", "big endian", "RLE"])
def test_padding_is_black_and_the_rest_as_it_was(case, syntax):
    expected = shown(dataset(HU)).pixels
    frame = shown(deepcopy(CASES[case]), syntax=SYNTAXES[syntax])
    assert (frame.pixels[OUTSIDE] == 0).all()
    np.testing.assert_allclose(frame.pixels[INSIDE], expected[INSIDE], atol=1e-5)
    assert frame.doubt is None


@pytest.mark.parametrize("value", [0, 65535])
def test_padding_of_an_inverted_picture_is_black(value):
    window = (HU.max() + HU.min() + 600, 1500)
    frame = shown(padded(value, inverted=True, window=window), "auto")
    expected = shown(dataset(HU, inverted=True, window=window), "auto").pixels
    assert (frame.pixels[OUTSIDE] == 0).all()
    np.testing.assert_allclose(frame.pixels[INSIDE], expected[INSIDE], atol=1e-5)


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("value", [0, 65535])
def test_padding_is_out_of_the_range_of_stretched_values(value, inverted):
    ds = padded(
        value, Modality="MR", SOPClassUID=MRImageStorage, RescaleSlope=None, RescaleIntercept=None, inverted=inverted
    )
    frame, inside = shown(ds, "auto"), HU[INSIDE]
    expected = (inside - inside.min()) / np.ptp(inside)
    np.testing.assert_allclose(frame.pixels[INSIDE], expected, atol=1e-5)
    assert (frame.pixels[OUTSIDE] == 0).all()
    assert frame.facts["window"] is None


def test_what_is_all_padding_is_black():
    for window in ("lung", "auto"):
        frame = shown(dataset(np.full(HU.shape, 1000), PixelPaddingValue=2024), window)
        assert (frame.pixels == 0).all()


def test_colours_have_no_padding():
    levels = np.random.default_rng(0).integers(0, 256, (*HU.shape, 3), np.uint8)
    ds = dataset(HU, PhotometricInterpretation="RGB", SamplesPerPixel=3, PlanarConfiguration=0, PixelPaddingValue=9)
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelData = 8, 8, 7, levels.tobytes()
    plain = ds.copy()
    del plain.PixelPaddingValue
    np.testing.assert_array_equal(shown(ds).pixels, shown(plain).pixels)


@pytest.mark.parametrize(("keyword", "kind"), [("Float", "<f4"), ("DoubleFloat", "<f8")])
def test_padding_of_floating_point_values(keyword, kind):
    ds = dataset(HU, intercept=0, signed=True)
    del ds.PixelData, ds.BitsStored, ds.HighBit, ds.PixelRepresentation
    ds.BitsAllocated = 8 * np.dtype(kind).itemsize
    values = np.where(OUTSIDE, 1e6, HU).astype(kind)
    values[24, 32] = np.nan
    setattr(ds, f"{keyword}PixelData", values.tobytes())
    setattr(ds, f"{keyword}PixelPaddingValue", 2e6)
    setattr(ds, f"{keyword}PixelPaddingRangeLimit", 1e6)
    frame = shown(ds)
    assert (frame.pixels[OUTSIDE] == 0).all()
    assert frame.pixels[24, 32] == 0  # what is no number is no measurement either
    expected = shown(dataset(HU)).pixels
    expected[24, 32] = 0
    np.testing.assert_allclose(frame.pixels[INSIDE], expected[INSIDE], atol=1e-5)


# A padding value that tissue has too


def test_tissue_that_happens_to_have_the_padding_value_stays():
    ds, hu = Dataset(), HU.copy()
    hu[HU > 0] = np.random.default_rng(0).integers(-20, 100, np.count_nonzero(HU > 0))
    hu[OUTSIDE] = 0
    ds.PixelPaddingValue = 0
    stored = hu.astype(np.int16)
    assert np.count_nonzero(stored[INSIDE] == 0) > 5
    np.testing.assert_array_equal(padding("Pixel", ds, stored, stored), OUTSIDE)


def test_an_area_of_padding_within_is_padding_too():
    ds, stored = Dataset(), HU.astype(np.int16)
    stored[20:30, 20:30] = ds.PixelPaddingValue = 0
    expected = np.zeros(HU.shape, bool)
    expected[20:30, 20:30] = True
    found = padding("Pixel", ds, stored, stored)
    assert found[expected].all()
    assert np.count_nonzero(found & ~expected) <= np.count_nonzero((HU == 0)[18:32, 18:32])


@pytest.mark.parametrize("value", ["", b"notes", None])
def test_a_padding_value_that_is_none_is_as_none(value):
    data = written(dataset(HU, PixelPaddingValue=0x4142))
    at = data.index(b"\x28\x00\x20\x01US")
    assert data[at + 8 : at + 10] == b"BA"
    if value == "":
        data = data[:at] + b"\x28\x00\x20\x01US\0\0" + data[at + 10 :]
    elif value:
        data = data[:at] + b"\x28\x00\x20\x01UN\0\0" + len(value).to_bytes(4, "little") + value + data[at + 10 :]
    np.testing.assert_array_equal(read_frame(data, window="lung").pixels, shown(dataset(HU)).pixels)
