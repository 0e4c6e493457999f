"""Blanking: nothing of the lungs is left, all around them is, and the features stand on that."""

import numpy as np
import pytest
from PIL import Image

import hilum
from hilum.audit.anatomy import box_around, lungs
from hilum.audit.blanked import blanked_features, blanked_squares, box_over_lungs
from hilum.audit.picture_checks import looks
from hilum.backbones.weights import RANDOM, local_weights
from hilum.backbones.zoo import backbone
from hilum.features.extract import extract
from hilum.options import FeatureOptions
from hilum.phantom.rendering import draw_patient, render
from hilum.slices.body import Box, body_box
from hilum.slices.pixels import PAINT, square_of
from hilum.slices.read import read_slice


@pytest.mark.parametrize("number", range(4))
def test_what_is_in_the_lungs_leaves_no_trace(number):
    pixels = render(draw_patient(9, number, 3, "adenocarcinoma"), 1).astype(np.float32) / 255
    mask = lungs(pixels)
    inside = _inside(pixels, _box(pixels))
    assert inside[mask].all()
    assert 0.1 < inside.mean() < 0.7


def test_one_lung_is_covered_on_both_sides():
    pixels = np.full((100, 200), 0.6, np.float32)
    pixels[:10] = pixels[-10:] = pixels[:, :10] = pixels[:, -10:] = 0
    pixels[30:70, 30:70] = 0.1
    assert box_over_lungs(200, 100, Box(10, 10, 190, 90), box_around(lungs(pixels))) == Box(30, 30, 170, 70)


@pytest.mark.parametrize(
    ("body", "middle"), [(None, Box(28, 20, 112, 80)), (Box(20, 10, 120, 90), Box(40, 26, 100, 74))]
)
def test_without_lungs_the_middle_is_painted_over(body, middle):
    assert box_over_lungs(140, 100, body, None) == middle


def test_features_of_blanked_slices(tmp_path, shared_cache, monkeypatch):
    monkeypatch.setenv("HILUM_CACHE", str(shared_cache))
    hilum.write_phantom(tmp_path / "set", 36, 1)
    table = hilum.read_table(tmp_path / "set")
    seen = looks(table)
    known = backbone("efficientnet_lite0")
    how = known, local_weights(known, None), FeatureOptions(size=64)
    features, whole = blanked_features(table, seen, *how), extract(table, *how).values
    assert features.shape == whole.shape
    assert not np.isclose(features, whole).all(1).any()
    assert np.isfinite(features).all()
    assert len(np.unique(features, axis=0)) == table.distinct
    for path in (tmp_path / "set").rglob("*.png"):
        path.unlink()
    np.testing.assert_array_equal(blanked_features(table, seen, *how), features)  # kept
    np.testing.assert_array_equal(extract(table, *how).values, whole)


@pytest.mark.parametrize("crop", [True, False])
def test_squares_of_blanked_slices(phantom_table, use_shared_cache, crop):
    """They are the slices' own squares, except in a box of one grey."""
    squares = blanked_squares(phantom_table, looks(phantom_table), 64, crop)
    for row, square in zip(phantom_table.rows, squares, strict=True):
        changed = square != square_of(phantom_table, row, 64, "bilinear", crop)
        across, down = np.flatnonzero(changed.any(0)), np.flatnonzero(changed.any(1))
        inside = square[down[0] + 2 : down[-1] - 1, across[0] + 2 : across[-1] - 1]  # but for its blurred edge
        assert (inside == PAINT).all()
        assert 0.1 < changed.mean() < 0.7


def test_the_paint_hides_what_the_lungs_hold(tmp_path, use_shared_cache):
    """Two pictures that differ in their lungs alone have the same features."""
    pixels = render(draw_patient(9, 0, 3, "adenocarcinoma"), 1)
    darker = np.where(lungs(pixels.astype(np.float32) / 255), pixels // 2, pixels)
    for number, picture in enumerate((pixels, darker)):
        (tmp_path / "set/train" / f"c{number}").mkdir(parents=True)
        Image.fromarray(picture).save(tmp_path / "set/train" / f"c{number}" / "one.png")
    table = hilum.read_table(tmp_path / "set", complete=False)
    seen = looks(table)
    assert seen[0].lungs == seen[1].lungs
    features = blanked_features(table, seen, backbone("efficientnet_lite0"), RANDOM, FeatureOptions(size=64))
    np.testing.assert_array_equal(features[0], features[1])


def test_the_lungs_of_a_real_slice_are_gone(chest_ctscan):
    pixels = read_slice(chest_ctscan / "test/normal/25.png").pixels
    assert lungs(pixels).mean() > 0.2
    assert not lungs(np.where(_inside(pixels, _box(pixels)), np.float32(PAINT), pixels)).any()


def _box(pixels):
    return box_over_lungs(*pixels.shape[::-1], body_box(pixels), box_around(lungs(pixels)))


def _inside(pixels, box):
    inside = np.zeros(pixels.shape, np.bool_)
    inside[box.top : box.bottom, box.left : box.right] = True
    return inside
