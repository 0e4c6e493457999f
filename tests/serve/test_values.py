"""Values of DICOM frames for windows on the page."""

import base64

import numpy as np
from helpers.dicoms import chest, dataset, written
from pydicom.uid import MRImageStorage

from hilum.serve.drawing import values_of
from hilum.serve.values import ValuedFile

HU = chest()


def values_in(ds):
    file = ValuedFile(written(ds))
    file.frame(0, "auto", b"")
    return file.values


def test_values_are_those_that_the_window_is_laid_over():
    np.testing.assert_array_equal(values_in(dataset(HU)), HU)
    unscaled = dataset(HU, Modality="MR", SOPClassUID=MRImageStorage, RescaleSlope=None, RescaleIntercept=None)
    np.testing.assert_array_equal(values_in(unscaled), HU + 1024)


def test_pictures_that_are_shown_inverted_and_colours_have_none():
    assert values_in(dataset(HU, inverted=True)) is None
    assert (
        values_in(dataset(HU, PhotometricInterpretation="RGB", SamplesPerPixel=3, PlanarConfiguration=0, Rows=16))
        is None
    )


def test_padding_is_the_value_that_the_page_leaves_out():
    hu = HU.copy()
    hu[:5] = 3000
    values = values_in(dataset(hu, PixelPaddingValue=4024))
    assert np.isnan(values[:5]).all()
    np.testing.assert_array_equal(values[5:], HU[5:])
    sent = np.frombuffer(base64.b64decode(values_of(values)["base64"]), "<i2").reshape(HU.shape)
    assert (sent[:5] == -32768).all()
    np.testing.assert_array_equal(sent[5:], HU[5:])
