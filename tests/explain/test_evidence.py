"""The body, the lungs, and where a map's evidence lies."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from scipy.spatial import ConvexHull

from hilum.explain.evidence import Regions, _hull, evidence_of, regions_of
from hilum.phantom.rendering import draw_patient, render
from hilum.slices.labels import CLASSES
from hilum.slices.resize import body_square


def _chest(*ovals):
    """A body with two lungs, and more ovals over it, each a box and a grey level from 0 to 255."""
    image = Image.new("L", (224, 224), 0)
    for box, grey in (
        ((4, 14, 220, 210), 150),
        ((24, 40, 98, 180), 10),
        ((126, 40, 200, 180), 10),
        *ovals,
    ):
        ImageDraw.Draw(image).ellipse(box, fill=grey)
    return np.asarray(image, np.float32) / 255


def _split(body, lungs):
    """Regions of a row of four cells each."""
    return Regions(np.array([body], bool), np.array([lungs], bool), 2)


def test_both_lungs_are_found_and_the_heart_is_no_lung():
    seen = regions_of(_chest())
    assert seen.found == 2
    assert seen.lungs[110, 60]
    assert seen.lungs[110, 160]
    assert not seen.lungs[110, 112]
    assert not seen.lungs[110, 12]
    assert seen.body[110, 12]
    assert not seen.body[2, 2]
    assert seen.lungs.mean() == pytest.approx(2 * np.pi * 37 * 70 / 224**2, rel=0.06)


@pytest.mark.parametrize("box", [(20, 90, 60, 130), (40, 90, 80, 130), (20, 100, 102, 124)])
def test_a_mass_on_the_ribs_in_the_lung_or_across_it_lies_in_the_lung(box):
    plain, seen = regions_of(_chest()), regions_of(_chest((box, 150)))
    assert seen.found == 2
    assert (seen.lungs & plain.lungs).sum() > 0.97 * plain.lungs.sum()


def test_one_lung_and_none_are_told():
    assert regions_of(_chest(((126, 40, 200, 180), 150))).found == 1
    belly = regions_of(_chest(((24, 40, 98, 180), 150), ((126, 40, 200, 180), 150)))
    assert belly.found == 0
    assert not belly.lungs.any()
    flat = regions_of(np.full((64, 64), 0.5, np.float32))
    assert flat.body.all()
    assert flat.found == 0


@pytest.mark.parametrize("number", range(4))
def test_a_phantom_s_lesion_lies_mostly_in_the_lungs(number):
    patient = draw_patient(5, number, 3, CLASSES[number])
    pixels = render(patient, 1).astype(np.float32) / 255
    seen = regions_of(body_square(pixels, 224, "bicubic", True))
    assert seen.found == 2
    assert 0.15 < seen.lungs.mean() < 0.5


def test_the_share_is_of_what_is_positive_inside_the_body():
    values = np.float32([[4, 3, 1, -9]])
    found = evidence_of(values, _split((0, 1, 1, 1), (0, 0, 1, 1)), "large_cell_carcinoma")
    assert found.outside_lungs == pytest.approx(0.75)
    np.testing.assert_array_equal(found.drawn, [[0, 3, 1, -9]])
    assert found.remarks == (
        "75 % of the evidence for large cell carcinoma lies outside the lungs.",
        "The strongest evidence for large cell carcinoma lies outside the body, where it is not drawn.",
        "Inside the lungs, the map as a whole speaks against large cell carcinoma.",
    )


def test_the_strongest_place_outside_the_lungs_is_told():
    found = evidence_of(np.float32([[0, 3, 1, 2]]), _split((1, 1, 1, 1), (0, 0, 1, 1)), "a")
    assert found.outside_lungs == pytest.approx(0.5)
    assert found.remarks == (
        "50 % of the evidence for a lies outside the lungs.",
        "So does the strongest evidence for a.",
    )


def test_a_map_inside_the_lungs_needs_no_further_words():
    found = evidence_of(np.float32([[0, 0, 5, 2]]), _split((1, 1, 1, 1), (0, 0, 1, 1)), "a")
    assert found.remarks == ("0 % of the evidence for a lies outside the lungs.",)


def test_a_map_without_evidence_and_a_slice_without_lungs_are_told():
    against = evidence_of(np.float32([[5, -1, -2, 0]]), _split((0, 1, 1, 1), (0, 0, 1, 1)), "a")
    assert (against.outside_lungs, against.remarks) == (None, ("The map has no evidence for a inside the body.",))
    seen = Regions(np.ones((1, 4), bool), np.zeros((1, 4), bool), 0)
    belly = evidence_of(np.float32([[1, 2, 3, 4]]), seen, "a")
    assert belly.outside_lungs is None
    assert belly.remarks == (
        "No lungs were found, so nobody can say how much of the evidence for a lies outside them.",
    )
    one = evidence_of(np.float32([[1, 0, 3, 0]]), Regions(seen.body, np.array([[0, 0, 1, 1]], bool), 1), "a")
    assert one.remarks == ("25 % of the evidence for a lies outside the one lung that was found.",)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 0.5))
def test_the_hull_is_scipy_s(seed, share):
    mask = np.random.default_rng(seed).random((12, 15)) < share
    mask[[3, 4, 3], [2, 9, 12]] = True  # no line
    hull = ConvexHull(np.argwhere(mask))
    grid = np.stack(np.indices(mask.shape), 2).reshape(-1, 2)
    away = (grid @ hull.equations[:, :2].T + hull.equations[:, 2]).max(1).reshape(mask.shape)  # cells, 0 on the edge
    found = _hull(mask)
    assert found[away <= 1e-9].all() or (away[found ^ (away <= 1e-9)] > -0.5).all()
    assert not found[away > 1].any()
