"""Pictures for the page."""

import base64

import numpy as np
from helpers.pictures import picture

from hilum.serve.drawing import grey_png, map_png, values_of
from hilum.slices.body import Box


def test_a_slice_keeps_its_levels_where_it_is_small_enough():
    levels = np.linspace(0, 1, 20 * 30, dtype=np.float32).reshape(20, 30)
    image = picture(grey_png(levels, 64))
    assert (image.mode, image.size) == ("L", (30, 20))
    np.testing.assert_array_equal(np.asarray(image), (levels * 255).round())


def test_a_large_one_keeps_its_shape():
    assert picture(grey_png(np.full((400, 200), 0.5, np.float32), 64)).size == (32, 64)
    assert picture(grey_png(np.full((5000, 3), 0.5, np.float32), 64)).size == (1, 64)


def test_a_map_covers_its_box_orange_for_and_blue_against():
    values = np.array([[2, -1]], np.float32)
    image = np.asarray(picture(map_png(values, Box(10, 5, 90, 45), (100, 50))))
    assert image.shape == (50, 100, 4)
    outside = np.ones((50, 100), bool)
    outside[5:45, 10:90] = False
    assert (image[outside, 3] == 0).all()
    assert tuple(image[25, 12]) == (240, 140, 0, 255)
    assert tuple(image[25, 87]) == (60, 160, 235, 128)


def test_a_map_of_a_large_slice_is_small_and_of_the_same_aspect():
    assert picture(map_png(np.ones((7, 7), np.float32), Box(0, 0, 4000, 2000), (4000, 2000))).size == (512, 256)
    thin = picture(map_png(np.zeros((7, 7), np.float32), Box(3998, 0, 4000, 1), (4000, 1)))
    assert (thin.size, np.asarray(thin)[..., 3].max()) == ((512, 1), 0)


def test_values_are_whole_units_and_at_most_512_a_side():
    stored = np.arange(1000 * 700, dtype=np.float32).reshape(1000, 700) - 40000
    given = values_of(stored)
    assert (given["kind"], given["rows"], given["columns"]) == ("int16", 500, 350)
    values = np.frombuffer(base64.b64decode(given["base64"]), "<i2").reshape(500, 350)
    np.testing.assert_array_equal(values, stored[::2, ::2].clip(-32768, 32767))
