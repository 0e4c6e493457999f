from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps
from PIL import Image, ImageDraw
from scipy import ndimage
from skimage.filters import threshold_otsu

from hilum.phantom.rendering import draw_patient, render
from hilum.slices.body import Box, body_box, largest_region, otsu, regions
from hilum.slices.labels import CLASSES
from hilum.slices.read import read_slice

SHAPES = nps.array_shapes(min_dims=2, max_dims=2, max_side=24)


@st.composite
def masks(draw):
    """Random masks, sparse and dense, with regions of every shape."""
    shape, share, seed = draw(SHAPES), draw(st.floats(0.05, 0.95)), draw(st.integers(0, 2**32 - 1))
    return np.random.default_rng(seed).random(shape) < share


@settings(max_examples=60)
@given(masks() | nps.arrays(np.bool_, SHAPES))
@example(np.zeros((3, 4), bool))
@example(np.eye(5, dtype=bool))  # touching at corners only
@example(np.array([[1, 0, 1, 0, 1], [1, 0, 1, 0, 1], [1, 1, 1, 1, 1]], bool))  # a comb: joined by its last row
@example(np.array([[1, 1, 1, 1], [1, 0, 0, 1], [1, 0, 1, 1], [1, 0, 0, 0], [1, 1, 1, 1]], bool))  # a spiral
def test_regions_are_scipys(mask):
    numbered, count = ndimage.label(mask)
    found, many = regions(mask)
    np.testing.assert_array_equal(found, numbered)
    assert many == count
    sizes = np.bincount(numbered.ravel())[1:]
    region = largest_region(mask)
    assert region.shape == mask.shape
    assert region.sum() == max(sizes, default=0)
    if mask.any():  # where two are largest, either is right
        assert any(np.array_equal(region, numbered == number) for number in np.flatnonzero(sizes == sizes.max()) + 1)


def spread(levels, threshold):
    """Otsu's variance between what is above a threshold and what is not, exactly."""
    low, high = levels[levels <= threshold].tolist(), levels[levels > threshold].tolist()
    return len(low) * len(high) * (Fraction(sum(low), len(low)) - Fraction(sum(high), len(high))) ** 2


@settings(max_examples=60)
@given(nps.arrays(np.uint8, SHAPES, elements=st.integers(0, 255)))
@example(np.array([[0, 255]], np.uint8))
@example(np.array([[254, 255]], np.uint8))
def test_otsu_separates_as_well_as_skimage(levels):
    assume(levels.min() < levels.max())
    ours = otsu(levels.astype(np.float32) / np.float32(255))
    assert ours is not None
    assert spread(levels, ours * 255) == spread(levels, threshold_otsu(levels))


@pytest.mark.parametrize("seed", range(3))
def test_otsu_is_skimages_on_two_humps(seed):
    rng = np.random.default_rng(seed)
    levels = np.concatenate([rng.normal(40, 15, 5000), rng.normal(150, 30, 3000)]).clip(0, 255).astype(np.uint8)
    threshold = otsu(levels.reshape(80, 100).astype(np.float32) / 255)
    assert np.array_equal(levels > threshold * 255, levels > threshold_otsu(levels))


@pytest.mark.parametrize("level", [0.0, 0.4, 1.0])
def test_a_flat_picture_has_neither_threshold_nor_body(level):
    flat = np.full((40, 50), level, np.float32)
    assert otsu(flat) is None
    assert body_box(flat) is None


def drawn(width, height, body, noise=0.0):
    """A dark picture with an elliptic body that holds two lungs, a table below it and text in a corner."""
    image = Image.new("L", (width, height), 5)
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = body
    draw.ellipse((left, top, right - 1, bottom - 1), fill=150)
    wide, high = right - left, bottom - top
    for share in (0.15, 0.55):
        lung = (left + share * wide, top + 0.3 * high, left + (share + 0.3) * wide, top + 0.7 * high)
        draw.ellipse(lung, fill=10)
    draw.line((width * 0.05, height * 0.97, width * 0.95, height * 0.97), fill=200, width=max(1, height // 60))
    draw.text((2, 2), "R 120 kV", fill=255)
    pixels = np.asarray(image).astype(np.float32) / 255
    return (pixels + np.random.default_rng(0).normal(0, noise, pixels.shape).astype(np.float32)).clip(0, 1)


@pytest.mark.parametrize("noise", [0.0, 0.03])
@pytest.mark.parametrize(
    ("size", "body"),
    [
        ((200, 160), (40, 30, 170, 140)),
        ((256, 256), (0, 60, 256, 230)),
        ((120, 250), (10, 60, 110, 220)),
        ((257, 200), (50, 40, 200, 180)),  # from here on every 2nd, 2nd and 4th pixel is looked at
        ((512, 400), (101, 77, 433, 351)),
        ((700, 1000), (55, 203, 651, 901)),
    ],
)
def test_the_box_surrounds_the_body_only(size, body, noise):
    step = -(-max(size) // 256)
    box = body_box(drawn(*size, body, noise))
    assert box is not None
    np.testing.assert_allclose(box, body, atol=step + 1)  # the ellipse's tips are a pixel thin
    assert 0 <= box.left < box.right <= size[0]
    assert 0 <= box.top < box.bottom <= size[1]


@pytest.mark.parametrize("shape", [(100, 100), (255, 256), (256, 257), (511, 300), (300, 1030), (1, 900)])
@pytest.mark.parametrize("margin", [0, 13])
def test_a_rectangle_is_found_to_within_a_step(shape, margin):
    height, width = shape
    pixels = np.zeros(shape, np.float32)
    expected = Box(margin, 0, width - margin, height)
    pixels[expected.top : expected.bottom, expected.left : expected.right] = 0.6
    pixels[0, width // 2] = 0.0  # so that a picture without a margin is not flat
    if height == 1:
        pixels[0, width // 2] = 0.6
        pixels[0, :margin] = 0.0
    box = body_box(pixels)
    if margin == 0 and height == 1:
        assert box is None
        return
    step = -(-max(shape) // 256)
    np.testing.assert_array_less(np.abs(np.subtract(box, expected)), step)
    assert box.right <= width
    assert box.bottom <= height


@pytest.mark.parametrize(("side", "found"), [(4, False), (22, False), (23, True)])
def test_what_covers_less_than_a_twentieth_is_no_body(side, found):
    pixels = np.zeros((100, 100), np.float32)
    pixels[50 : 50 + side, 10 : 10 + side] = 1
    assert body_box(pixels) == (Box(10, 50, 10 + side, 50 + side) if found else None)


# Where the skin ends, read off the pictures by eye; a table lies below each body. That every real slice has a box
# is seen in test_table.py.
@pytest.mark.parametrize(
    ("name", "by_eye"),
    [
        ("adenocarcinoma/000108 (3).png", (19, 37, 346, 280)),
        ("adenocarcinoma/000148 (8).png", (10, 0, 418, 228)),
        ("large.cell.carcinoma/000160.png", (22, 8, 440, 222)),
        ("squamous.cell.carcinoma/000119.png", (37, 8, 386, 257)),
    ],
)
def test_a_real_slice_is_cut_at_the_skin(chest_ctscan, name, by_eye):
    pixels = read_slice(chest_ctscan / "test" / name).pixels
    box = body_box(pixels)
    np.testing.assert_allclose(box, by_eye, atol=4)
    assert (box.right - box.left) * (box.bottom - box.top) > 0.25 * pixels.size


@pytest.mark.parametrize("seed", range(5))
def test_rounding_to_8_bits_moves_no_box(seed):
    exported = render(draw_patient(seed, 0, 3, CLASSES[seed % 4]), 1).astype(np.float32) / 255
    shaken = exported + np.random.default_rng(seed).uniform(-0.4, 0.4, exported.shape).astype(np.float32) / 255
    assert body_box(shaken.clip(0, 1)) == body_box(exported)
