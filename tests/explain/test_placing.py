import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.explain.placing import placed, seen_box
from hilum.slices.body import Box


@st.composite
def _hot_cells(draw):
    """A map with one hot cell, a box with two pixels a cell at least, and the picture around it."""
    h, w = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    left, top = draw(st.integers(0, 30)), draw(st.integers(0, 30))
    width, height = draw(st.integers(2 * w, 60)), draw(st.integers(2 * h, 60))
    box = Box(left, top, left + width, top + height)
    shape = (box.bottom + draw(st.integers(0, 20)), box.right + draw(st.integers(0, 20)))
    return (h, w), (draw(st.integers(0, h - 1)), draw(st.integers(0, w - 1))), box, shape


@settings(max_examples=100)
@given(_hot_cells())
def test_a_hot_cell_lands_in_its_part_of_the_box(case):
    (h, w), (row, column), box, shape = case
    values = np.zeros((h, w), np.float32)
    values[row, column] = 3
    over = placed(values, box, shape)
    assert over.shape == shape
    assert over.dtype == np.float32
    y, x = np.unravel_index(over.argmax(), shape)
    height, width = box.bottom - box.top, box.right - box.left
    assert box.top + row * height / h - 1 <= y <= box.top + (row + 1) * height / h
    assert box.left + column * width / w - 1 <= x <= box.left + (column + 1) * width / w
    outside = over.copy()
    outside[box.top : box.bottom, box.left : box.right] = 0
    assert not outside.any()
    assert 1.5 <= over.max() <= 3


def test_between_cells_the_map_is_linear():
    over = placed(np.float32([[0, 4]]), Box(1, 0, 9, 1), (1, 10))
    np.testing.assert_allclose(over[0], [0, 0, 0, 0.5, 1.5, 2.5, 3.5, 4, 4, 0], atol=1e-6)


def test_the_box_is_the_body_s_or_everything():
    pixels = np.zeros((60, 90), np.float32)
    assert seen_box(pixels, True) == (0, 0, 90, 60)
    pixels[10:50, 20:80] = 1
    assert seen_box(pixels, True) == (20, 10, 80, 50)
    assert seen_box(pixels, False) == (0, 0, 90, 60)
