import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_windowing

from hilum.errors import HilumError
from hilum.slices.windows import CURVES, PRESETS, WINDOWS, Window, check_window, stretched, windowed

HU = np.arange(-1100, 1300, 7, dtype=np.float32)


@pytest.mark.filterwarnings("ignore:overflow")  # within pydicom
@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize(("centre", "width"), [(-600, 1500), (40, 400), (40.5, 80.25), (0, 2)])
def test_windows_are_those_of_pydicom(centre, width, curve):
    ds = Dataset()
    ds.WindowCenter, ds.WindowWidth, ds.VOILUTFunction = centre, width, curve
    ds.PhotometricInterpretation, ds.BitsStored, ds.PixelRepresentation = "MONOCHROME2", 16, 1
    ds.RescaleSlope, ds.RescaleIntercept = 1, 0
    expected = apply_windowing(HU.astype(np.float64), ds)
    grey = windowed(HU, Window(centre, width, curve))
    np.testing.assert_allclose(grey, (expected + 32768) / 65535, atol=2e-5)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_run_from_black_to_white(name):
    window = PRESETS[name]
    ends = np.float32([window.centre - window.width / 2, window.centre, window.centre + window.width / 2])
    np.testing.assert_allclose(windowed(ends, window), [0, 0.5, 1], atol=1.5e-3)  # half a value of 400


def test_the_lung_window_is_the_usual_one():
    grey = windowed(np.float32([-2000, -1350, -600, 150, 3000]), PRESETS["lung"])
    np.testing.assert_allclose(grey, [0, 0, 0.5, 1, 1], atol=5e-4)


def test_a_linear_window_of_one_value_is_a_step():
    assert windowed(np.float32([9, 9.4, 9.6, 10]), Window(10, 1)).tolist() == [0, 0, 1, 1]


@settings(max_examples=60)
@given(
    arrays(np.float32, 5, elements=st.floats(-(2.0**31), 2.0**32, width=32)),
    st.floats(-1e5, 1e5),
    st.floats(1e-3, 1e6),
    st.sampled_from(CURVES),
)
def test_grey_is_in_range_and_never_falls(values, centre, width, curve):
    values.sort()
    for grey in (windowed(values, Window(centre, width, curve)), stretched(values)):
        assert grey.dtype == np.float32
        assert grey.min() >= 0
        assert grey.max() <= 1
        assert (np.diff(grey) >= 0).all()


def test_stretching():
    assert stretched(np.float32([[2, 4], [3, 6]])).tolist() == [[0, 0.5], [0.25, 1]]
    assert stretched(np.float32([7, 7])).tolist() == [0, 0]


def test_what_has_no_value_has_no_grey_and_stretches_nothing():
    values = np.float32([np.nan, 2, 4, np.nan, 6])
    np.testing.assert_array_equal(stretched(values), [np.nan, 0, 0.5, np.nan, 1])
    for window in (Window(4, 1), Window(4, 4), Window(4, 4, "LINEAR_EXACT"), Window(4, 4, "SIGMOID")):
        np.testing.assert_array_equal(np.isnan(windowed(values, window)), np.isnan(values))
    assert stretched(np.float32([np.nan, np.nan])).tolist() == [0, 0]


def test_an_unknown_window_is_told():
    for name in WINDOWS:
        check_window(name)
    with pytest.raises(HilumError, match=r"There is no window 'liver'\. Known are lung, mediastinum, bone, file, auto"):
        check_window("liver")
