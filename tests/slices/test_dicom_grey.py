"""From stored values to grey: what lies between them and the window."""

import numpy as np
import pytest
from helpers.dicoms import chest, dataset, written
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from hilum.slices.dicom_grey import grey_of, grey_of_colours
from hilum.slices.dicom_header import Header
from hilum.slices.frames import read_frame
from hilum.slices.windows import PRESETS, Window, windowed

HU = chest()
HEADER = Header("CT", None, True, None, None, None)


def header(photometric="MONOCHROME2", **more):
    ds = Dataset()
    ds.PhotometricInterpretation = photometric
    for keyword, value in more.items():
        setattr(ds, keyword, value)
    return ds


def shown(ds, window="lung", padding=None, header=HEADER):
    stored = (HU + 1024).astype(np.uint16)
    return grey_of(stored, np.zeros(HU.shape, bool) if padding is None else padding, ds, 0, header, window)


def test_values_are_rescaled_before_the_window():
    found = shown(header(RescaleSlope="0.5", RescaleIntercept="-900"))
    expected = ((HU + 1024) * 0.5 - 900).astype(np.float32)
    np.testing.assert_array_equal(found.values, expected)
    np.testing.assert_array_equal(found.pixels, windowed(expected, PRESETS["lung"]))
    assert (found.window, found.coloured) == (PRESETS["lung"], False)


def test_a_modality_table_goes_before_rescaling():
    table = Dataset()
    table.LUTDescriptor, table.ModalityLUTType = [4096, 0, 16], "US"
    table.add_new("LUTData", "US", [4095 - value for value in range(4096)])
    found = shown(header(ModalityLUTSequence=Sequence([table]), RescaleSlope="7"), window="bone")
    np.testing.assert_array_equal(found.values, 4095 - (HU + 1024))


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("window", ["lung", "auto"])
def test_padding_is_black_and_has_no_value(photometric, window):
    padding = np.zeros(HU.shape, bool)
    padding[3:9, 5:20] = True
    ds = header(photometric, RescaleSlope="1", RescaleIntercept="-1024")
    own = Header("CT", None, True, Window(-600, 1500, "SIGMOID"), None, None)
    found, whole = shown(ds, window, padding, own), shown(ds, window, None, own)
    np.testing.assert_array_equal(np.isnan(found.values), padding)
    assert (found.pixels[padding] == 0).all()
    np.testing.assert_array_equal(found.pixels[~padding], whole.pixels[~padding])


def test_several_samples_are_no_grey():
    with pytest.raises(ValueError, match="unpack"):
        grey_of(np.zeros((4, 4, 3)), np.zeros((4, 4, 3), bool), header(), 0, HEADER, "lung")


def test_colours_are_weighed_as_pillow_does():
    found = grey_of_colours(np.array([[[255, 0, 0], [0, 255, 0], [9, 9, 9]]], np.uint8), header("RGB"), 8)
    np.testing.assert_allclose(found.pixels * 255, [[76.2, 149.7, 9]], atol=0.1)
    assert (found.coloured, found.values, found.window) == (True, None, None)


def test_a_colour_has_no_use_for_a_rescaling_and_is_read_with_a_bad_one():
    ds = dataset(HU, PhotometricInterpretation="RGB", SamplesPerPixel=3, PlanarConfiguration=0, Rows=16)
    ds.RescaleSlope = "1234567.25"
    assert read_frame(written(ds).replace(b"1234567.25", b"no number ")).pixels.shape == (16, 64)
