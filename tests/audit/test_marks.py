"""Marks: which files of the public set carry letters, as seen by eye, and letters drawn beside phantoms."""

from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from hilum.audit.marks import burnt_in_text, colour_marks
from hilum.phantom.rendering import draw_patient, render
from hilum.slices.read import read_slice

# Thumbnails of all 847 distinct pictures were looked at. Files with lines of letters or rulers beside the body:
LETTERS = {
    "train/large.cell.carcinoma_left.hilum_T2_N2_M0_IIIa/l4.png",
    "train/large.cell.carcinoma_left.hilum_T2_N2_M0_IIIa/l5.png",
    "train/squamous.cell.carcinoma_left.hilum_T1_N2_M0_IIIa/sq2.png",
}


@cache
def _phantom(number):
    return render(draw_patient(4, number, 4, "normal"), 1)


def _written(text, place, grey=255, size=11, number=0):
    image = Image.fromarray(_phantom(number))
    ImageDraw.Draw(image).text(place, text, fill=grey, font=ImageFont.load_default(size))
    return np.asarray(image, np.float32) / 255


@pytest.mark.parametrize("path", sorted(LETTERS))
def test_letters_beside_a_real_body_are_found(chest_ctscan, path):
    assert burnt_in_text(read_slice(chest_ctscan / path).pixels)


@pytest.mark.slow
def test_letters_of_the_public_set_are_found_without_false_alarms(real_record):
    found = set(real_record["slices"]["text"])
    assert {path for path in found if "normal" not in path} == LETTERS
    others = {path for path in found if "normal" in path}
    assert len(others) == 4
    assert all(path.startswith("train/normal/n9") for path in others)


@pytest.mark.parametrize("number", range(6))
def test_a_phantom_carries_no_text(number):
    assert not burnt_in_text(_phantom(number).astype(np.float32) / 255)


@pytest.mark.parametrize("text", ["R 12 mm", "A 20.7", "IM 41"])
@pytest.mark.parametrize("size", [11, 13])
def test_bright_letters_in_a_corner_are_found(text, size):
    assert burnt_in_text(_written(text, (2, 2), size=size))


def test_dark_letters_on_a_plate_are_found():
    image = Image.new("L", (300, 240))
    pen = ImageDraw.Draw(image)
    pen.ellipse((60, 20, 280, 180), fill=150)
    pen.rectangle((2, 205, 90, 236), fill=255)
    pen.text((6, 210), "A 20.7mm", fill=0, font=ImageFont.load_default(14))
    assert burnt_in_text(np.asarray(image, np.float32) / 255)


def test_an_upright_ruler_is_found():
    pixels = np.pad(_phantom(1).astype(np.float32) / 255, ((0, 0), (20, 0)))
    for tick in range(8):
        pixels[40 + 12 * tick : 44 + 12 * tick, 5:9] = 1
    assert burnt_in_text(pixels)


@pytest.mark.parametrize(
    "pixels", [_written("TEXT", (90, 90)), _written("L", (2, 2)), _written("TEXT", (2, 2), grey=80)]
)
def test_letters_over_the_body_single_ones_and_faint_ones_are_not_looked_for(pixels):
    assert not burnt_in_text(pixels)


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (50, 50)])
def test_a_flat_picture_carries_no_text(shape):
    assert not burnt_in_text(np.full(shape, 0.4, np.float32))


def test_fifty_coloured_pixels_are_a_mark():
    rgb = np.repeat(_phantom(0)[:, :, None], 3, axis=2)
    assert not colour_marks(rgb)
    for coloured in (49, 50):
        marked = rgb.copy()
        marked.reshape(-1, 3)[:coloured] = (255, 0, 0)
        assert colour_marks(marked) == (coloured == 50)


def test_a_tint_of_rounding_is_no_mark():
    rgb = np.repeat(_phantom(0)[:, :, None], 3, axis=2).clip(0, 247)
    rgb[:, :, 1] += 8
    assert not colour_marks(rgb)
    rgb[:, :, 1] += 1
    assert colour_marks(rgb)
