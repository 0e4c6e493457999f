"""Views: each is the slice, mirrored or moved."""

import numpy as np
import pytest

from hilum.features.views import view_of
from hilum.options import VIEWS

SQUARE = np.arange(40 * 40, dtype=np.float32).reshape(40, 40)


def test_mirrored_twice_is_the_slice():
    mirrored = view_of(SQUARE, "mirrored")
    np.testing.assert_array_equal(mirrored[:, 0], SQUARE[:, -1])
    np.testing.assert_array_equal(view_of(mirrored, "mirrored"), SQUARE)


@pytest.mark.parametrize(("view", "axis", "step"), [("left", 1, -2), ("right", 1, 2), ("up", 0, -2), ("down", 0, 2)])
def test_a_move_is_of_a_twentieth_and_repeats_the_edge(view, axis, step):
    moved, slice_ = (np.moveaxis(of, axis, 0) for of in (view_of(SQUARE, view), SQUARE))
    kept, new, edge = (slice(2, None), slice(2), 0) if step > 0 else (slice(-2), slice(-2, None), -1)
    np.testing.assert_array_equal(moved[kept], np.roll(slice_, step, 0)[kept])
    np.testing.assert_array_equal(moved[new], np.broadcast_to(slice_[edge], moved[new].shape))


def test_every_view_is_another_picture_of_the_same_shape():
    pictures = [SQUARE, *(view_of(SQUARE, view) for view in VIEWS)]
    assert {picture.shape for picture in pictures} == {SQUARE.shape}
    assert len({picture.tobytes() for picture in pictures}) == len(VIEWS) + 1
