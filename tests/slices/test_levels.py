import hashlib

import numpy as np
import pytest

from hilum.slices.levels import grey, pixels_digest


@pytest.mark.parametrize(("dtype", "most"), [(np.uint8, 255), (np.uint16, 65535)])
def test_levels_of_a_file_become_grey_between_black_and_white(dtype, most):
    pixels = grey(np.array([[0, 1, most]], dtype))
    np.testing.assert_array_equal(pixels, np.array([[0, 1, most]], np.float32) / np.float32(most))
    assert pixels.dtype == np.float32


def test_grey_stays_what_it_is():
    pixels = np.random.default_rng(0).random((3, 4), np.float32)
    np.testing.assert_array_equal(grey(pixels), pixels)


def test_a_digest_is_of_pixels_and_shape():
    pixels = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert pixels_digest(pixels) == hashlib.sha256(b"3x4:" + pixels.tobytes()).hexdigest()
    assert pixels_digest(np.asfortranarray(pixels)) == pixels_digest(pixels)
    assert len({pixels_digest(one) for one in (pixels, pixels.reshape(4, 3), pixels + 1)}) == 3
