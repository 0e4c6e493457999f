"""Blanking: nothing of the lungs is left, all around them is, and the features stand on that."""

import numpy as np
import pytest

import hilum
from hilum.audit.anatomy import box_around, lungs
from hilum.audit.blanked import blank, blanked_features
from hilum.audit.picture_checks import looks
from hilum.phantom.rendering import draw_patient, render
from hilum.slices.body import Box, body_box
from hilum.slices.read import read_slice


@pytest.mark.parametrize("number", range(4))
def test_what_is_in_the_lungs_leaves_no_trace(number):
    """Noise in the lungs that keeps their grey gives the same blanked picture, up to the paint."""
    pixels = render(draw_patient(9, number, 3, "adenocarcinoma"), 1).astype(np.float32) / 255
    mask = lungs(pixels)
    painted = blank(pixels, body_box(pixels), box_around(mask))
    assert np.unique(painted[mask]).tolist() == [pixels.mean()]
    changed = painted != pixels
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    box = np.zeros_like(mask)
    box[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    assert len(np.unique(painted[box])) == 1
    np.testing.assert_array_equal(painted[~box], pixels[~box])
    assert 0.1 < box.mean() < 0.7


def test_one_lung_is_covered_on_both_sides():
    pixels = np.full((100, 200), 0.6, np.float32)
    pixels[:10] = pixels[-10:] = pixels[:, :10] = pixels[:, -10:] = 0
    pixels[30:70, 30:70] = 0.1
    painted = blank(pixels, Box(10, 10, 190, 90), box_around(lungs(pixels)))
    assert (painted[30:70, 30:170] == pixels.mean()).all()
    np.testing.assert_array_equal(painted[:30], pixels[:30])


@pytest.mark.parametrize("body", [None, Box(20, 10, 120, 90)])
def test_without_lungs_the_middle_is_painted_over(body):
    pixels = np.random.default_rng(0).uniform(0.4, 0.4015, (100, 140)).astype(np.float32)
    painted = blank(pixels, body, box_around(lungs(pixels)))
    whole = body or Box(0, 0, 140, 100)
    width, height = whole.right - whole.left, whole.bottom - whole.top
    changed = painted != pixels
    expected = np.zeros_like(changed)
    expected[
        whole.top + height // 5 : whole.bottom - height // 5, whole.left + width // 5 : whole.right - width // 5
    ] = True
    np.testing.assert_array_equal(changed, expected)


def test_features_of_blanked_slices(tmp_path, shared_cache, monkeypatch):
    monkeypatch.setenv("HILUM_CACHE", str(shared_cache))
    hilum.write_phantom(tmp_path / "set", 36, 1)
    table = hilum.read_table(tmp_path / "set")
    seen = looks(table)
    features, missing = blanked_features(table, seen)
    assert missing == []
    assert features.shape[0] == len(table.rows)
    assert np.isfinite(features).all()
    assert len(np.unique(features, axis=0)) == table.distinct
    for path in (tmp_path / "set").rglob("*.png"):
        path.unlink()
    np.testing.assert_array_equal(blanked_features(table, seen)[0], features)  # kept


def test_the_lungs_of_a_real_slice_are_gone(chest_ctscan):
    pixels = read_slice(chest_ctscan / "test/normal/25.png").pixels
    assert lungs(pixels).mean() > 0.2
    assert not lungs(blank(pixels, body_box(pixels), box_around(lungs(pixels)))).any()
