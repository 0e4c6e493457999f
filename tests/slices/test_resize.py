import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from hilum.slices.body import Box, body_box
from hilum.slices.resize import INTERPOLATIONS, body_square, crop_and_resize

EVERY = sorted(INTERPOLATIONS)


@pytest.fixture
def noise():
    return np.random.default_rng(0).random((40, 60), np.float32)


@pytest.mark.parametrize("interpolation", EVERY)
def test_the_size_it_has_is_left_as_it_is(noise, interpolation):
    box = Box(7, 3, 37, 33)
    cut = crop_and_resize(noise, box, 30, interpolation)
    np.testing.assert_array_equal(cut, noise[3:33, 7:37])
    assert cut.dtype == np.float32


@pytest.mark.parametrize("interpolation", EVERY)
@pytest.mark.parametrize("size", [16, 64])
def test_what_lies_outside_the_box_has_no_part_in_it(noise, interpolation, size):
    box = Box(10, 5, 50, 35)
    changed = np.ones_like(noise)
    changed[5:35, 10:50] = noise[5:35, 10:50]
    np.testing.assert_array_equal(
        crop_and_resize(noise, box, size, interpolation), crop_and_resize(changed, box, size, interpolation)
    )


def test_no_box_keeps_everything(noise):
    np.testing.assert_array_equal(crop_and_resize(noise, None, 24), crop_and_resize(noise, Box(0, 0, 60, 40), 24))


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic", "lanczos"])
def test_shrinking_averages(interpolation):
    checks = np.indices((64, 64)).sum(0).astype(np.float32) % 2
    np.testing.assert_allclose(crop_and_resize(checks, None, 8, interpolation), 0.5, atol=0.02)


def test_nearest_makes_no_new_level(noise):
    assert set(crop_and_resize(noise, None, 17, "nearest").ravel()) <= set(noise.ravel())


def test_doubling_by_bilinear_is_known():
    stripe = np.array([[0, 1]], np.float32)
    np.testing.assert_allclose(crop_and_resize(stripe, None, 4), np.tile([0, 0.25, 0.75, 1], (4, 1)), atol=1e-6)


def test_a_rectangle_is_stretched_to_a_square():
    halves = np.zeros((20, 80), np.float32)
    halves[:, 40:] = 1
    stretched = crop_and_resize(halves, None, 32, "nearest")
    np.testing.assert_array_equal(stretched, np.tile([0.0] * 16 + [1.0] * 16, (32, 1)))


@settings(max_examples=40)
@given(
    nps.arrays(np.float32, nps.array_shapes(min_dims=2, max_dims=2, max_side=20), elements=st.floats(0, 1, width=32)),
    st.integers(1, 40),
    st.sampled_from(EVERY),
)
def test_levels_stay_between_black_and_white(pixels, size, interpolation):
    resized = crop_and_resize(pixels, None, size, interpolation)
    assert resized.shape == (size, size)
    assert resized.dtype == np.float32
    assert 0 <= resized.min() <= resized.max() <= 1


def test_overshoot_is_clipped_and_not_wrapped():
    edge = np.zeros((8, 8), np.float32)
    edge[:, 4:] = 1
    resized = crop_and_resize(edge, None, 32, "lanczos")
    assert resized[0, 0] < 0.05
    assert resized[0, -1] > 0.95
    assert np.all(np.diff(resized[0]) > -0.1)


def test_a_square_is_cropped_to_the_body_where_that_is_wanted():
    pixels = np.zeros((60, 90), np.float32)
    pixels[10:50, 20:80] = 0.8
    cropped = crop_and_resize(pixels, body_box(pixels), 20, "bicubic")
    np.testing.assert_array_equal(body_square(pixels, 20, "bicubic", True), cropped)
    np.testing.assert_array_equal(
        body_square(pixels, 20, "bicubic", False), crop_and_resize(pixels, None, 20, "bicubic")
    )
    assert cropped.min() > 0.7
