"""Anatomy: what is doubted on the public set, as seen by eye, and how well lungs and bodies of phantoms are covered."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from hilum.audit.anatomy import body_mask, chest_doubt, lungs, near_blank
from hilum.phantom.rendering import draw_patient, render
from hilum.slices.labels import CLASSES
from hilum.slices.read import read_slice

# Thumbnails of all 847 distinct pictures were looked at. Bellies and pelves, without any lung:
NO_CHEST = (
    "valid/adenocarcinoma_left.lower.lobe_T2_N0_M0_Ib/000116 (9).png",
    "valid/large.cell.carcinoma_left.hilum_T2_N2_M0_IIIa/000109.png",
    "valid/large.cell.carcinoma_left.hilum_T2_N2_M0_IIIa/000110.png",
    "valid/large.cell.carcinoma_left.hilum_T2_N2_M0_IIIa/000112.png",
    "valid/normal/004007_01_01_519.png",
)
# Upper bellies with a sliver of lung:
SLIVERS = (
    "train/squamous.cell.carcinoma_left.hilum_T1_N2_M0_IIIa/000063.png",
    "train/squamous.cell.carcinoma_left.hilum_T1_N2_M0_IIIa/000077 (5).png",
)
# Chests that are hard: little air at the base and the apex, a frame, a pen through the chest wall, a lung cut off, a
# narrow window, a grey surround.
CHESTS = (
    "test/squamous.cell.carcinoma/000155.png",
    "test/adenocarcinoma/000121 (6).png",
    "train/adenocarcinoma_left.lower.lobe_T2_N0_M0_Ib/000104 (10).png",
    "train/adenocarcinoma_left.lower.lobe_T2_N0_M0_Ib/000119 (6).png",
    "test/adenocarcinoma/000140.png",
    "train/normal/5.png",
    "train/normal/18 (2).png",
    "train/normal/13 - Copy (2).png",
    "train/normal/2 (2).png",
    "train/squamous.cell.carcinoma_left.hilum_T1_N2_M0_IIIa/sq3.png",
    "train/adenocarcinoma_left.lower.lobe_T2_N0_M0_Ib/ad19.png",
    "valid/normal/003828_02_01_174.png",
)


@cache
def _phantom(number):
    return render(draw_patient(3, number, 4, CLASSES[number % 4]), 1).astype(np.float32) / 255


def _drawn(*ovals, size=(300, 220), fill=0):
    image = Image.new("L", size, fill)
    for box, grey in ovals:
        ImageDraw.Draw(image).ellipse(box, fill=grey)
    return np.asarray(image, np.float32) / 255


def _inside(box, size=(300, 220)):
    return _drawn((box, 255), size=size) > 0.5


def _overlap(mask, truth):
    return (mask & truth).sum() / (mask | truth).sum()


BODY, LEFT, RIGHT = (20, 20, 280, 200), (60, 60, 125, 160), (175, 60, 240, 160)


@pytest.mark.parametrize("path", [*NO_CHEST, *SLIVERS])
def test_a_belly_is_doubted(chest_ctscan, path):
    assert chest_doubt(read_slice(chest_ctscan / path).pixels) == "no two lungs"


@pytest.mark.slow
def test_what_shows_no_chest_on_the_public_set_and_nothing_else_is_doubted(real_record):
    doubts = {row["path"]: row["reason"] for row in real_record["slices"]["doubts"]}
    assert doubts.keys() == {*NO_CHEST, *SLIVERS}
    assert set(doubts.values()) == {"no two lungs"}


@pytest.mark.parametrize("path", CHESTS)
def test_a_hard_chest_has_lungs_on_both_sides(chest_ctscan, path):
    pixels = read_slice(chest_ctscan / path).pixels
    assert chest_doubt(pixels) is None
    mask = lungs(pixels)
    columns = np.flatnonzero(body_mask(pixels).any(0))
    middle = (columns[0] + columns[-1]) // 2
    assert min(mask[:, :middle].mean(), mask[:, middle:].mean()) > 0.002


def test_fat_in_a_narrow_window_is_body_and_no_lung(chest_ctscan):
    pelvis = read_slice(chest_ctscan / NO_CHEST[-1]).pixels
    assert not lungs(pelvis).any()
    assert body_mask(pelvis).mean() > 0.35  # 0.26 without the fat under the skin


@pytest.mark.parametrize("number", range(6))
def test_a_phantom_is_a_chest_with_lungs_in_its_body(number):
    pixels = _phantom(number)
    assert chest_doubt(pixels) is None
    mask, body = lungs(pixels), body_mask(pixels)
    assert mask.shape == body.shape == pixels.shape
    assert not (mask & ~body).any()
    assert 0.2 < mask.sum() / body.sum() < 0.6


@settings(max_examples=15)
@given(st.integers(-12, 12), st.integers(-12, 12), st.integers(10, 60))
def test_drawn_lungs_and_bodies_are_covered(right, down, air):
    move = np.array((right, down, right, down))
    body, left, other = (tuple((np.array(box) + move).tolist()) for box in (BODY, LEFT, RIGHT))
    pixels = _drawn((body, 160), (left, air), (other, air))
    assert _overlap(lungs(pixels), _inside(left) | _inside(other)) > 0.9
    assert _overlap(body_mask(pixels), _inside(body)) > 0.95
    assert chest_doubt(pixels) is None


@settings(max_examples=15)
@given(st.floats(0.5, 1), st.floats(0, 0.3))
def test_brightness_and_contrast_change_no_mask(contrast, offset):
    pixels = _phantom(0)
    other = (pixels * contrast * (1 - offset) + offset).astype(np.float32)
    assert _overlap(lungs(pixels), lungs(other)) > 0.95
    assert _overlap(body_mask(pixels), body_mask(other)) > 0.95
    assert chest_doubt(other) is None


def test_a_mirrored_slice_has_mirrored_lungs():
    pixels = _phantom(1)
    assert _overlap(lungs(pixels[:, ::-1]), lungs(pixels)[:, ::-1]) > 0.95


def test_a_vessel_in_a_lung_is_lung_and_a_heart_is_not():
    vessel, heart = (85, 100, 95, 110), (125, 70, 175, 140)
    pixels = _drawn((BODY, 160), ((60, 60, 240, 160), 40), (vessel, 160), (heart, 160))
    mask = lungs(pixels)
    assert mask[_inside(vessel)].all()
    assert not mask[_inside((135, 80, 165, 130))].any()


def test_a_frame_is_no_body():
    framed = np.pad(_phantom(2), 12, constant_values=1.0)
    assert chest_doubt(framed) is None
    assert _overlap(lungs(framed)[12:-12, 12:-12], lungs(_phantom(2))) > 0.9
    assert not body_mask(framed)[:12].any()


def test_lungs_that_a_crop_cuts_open_are_found():
    pixels = _drawn((BODY, 160), (LEFT, 40), (RIGHT, 40))
    cut = pixels[:, 61:240]
    assert chest_doubt(cut) is None
    assert _overlap(lungs(cut), (_inside(LEFT) | _inside(RIGHT))[:, 61:240]) > 0.85


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (np.full((100, 120), 0.3, np.float32), "almost blank"),
        (_drawn(((140, 100, 160, 120), 200)), "no body outline"),
        (_drawn((BODY, 160)), "no two lungs"),
        (_drawn((BODY, 160), ((100, 40, 130, 60), 5), ((170, 40, 200, 60), 5)), "no two lungs"),
        (_drawn((BODY, 160), (LEFT, 40)), "air on one side only"),
    ],
)
def test_a_doubt_says_what_is_missing(pixels, reason):
    assert chest_doubt(pixels) == reason


def test_a_flat_picture_has_neither_body_nor_lungs():
    flat = np.full((60, 80), 0.5, np.float32)
    assert near_blank(flat)
    assert not body_mask(flat).any()
    assert not lungs(flat).any()


@settings(max_examples=15)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 1000))
def test_any_picture_has_masks_of_its_shape(height, width, seed):
    pixels = np.random.default_rng(seed).random((height, width), np.float32)
    assert body_mask(pixels).shape == lungs(pixels).shape == (height, width)
    chest_doubt(pixels)
