"""Lesions whose place is known."""

import numpy as np
import pytest
from lesions import phantom, planted

from hilum.audit.anatomy import body_mask, lungs
from hilum.phantom.rendering import draw_patient, render


@pytest.mark.parametrize("seed", range(4))
def test_a_planted_lesion_changes_the_lung_where_its_mask_is_and_nothing_far_from_it(seed):
    pixels = render(draw_patient(1, seed, 3, "normal"), 1).astype(np.float32) / 255
    drawn, lesion = planted(pixels, np.random.default_rng(seed))
    air = lungs(pixels)
    assert 0.001 < lesion.mean() < 0.05
    assert (lesion & air).any()
    assert not (lesion & ~body_mask(pixels)).any()
    dark = lesion & (pixels < 0.3)
    assert (drawn - pixels)[dark].mean() > 0.2
    rows, columns = np.nonzero(np.abs(drawn - pixels) > 0.05)
    inside_rows, inside_columns = np.nonzero(lesion)
    for changed, inside in ((rows, inside_rows), (columns, inside_columns)):
        assert abs(changed.min() - inside.min()) < 15
        assert abs(changed.max() - inside.max()) < 15
    again, _ = planted(pixels, np.random.default_rng(seed))
    np.testing.assert_array_equal(drawn, again)


def test_a_slice_without_lungs_takes_no_lesion():
    assert planted(np.full((60, 60), 0.5, np.float32), np.random.default_rng(0)) is None


@pytest.mark.parametrize("number", range(3))
def test_a_phantom_s_lesion_is_what_differs_without_it(number):
    with_, without, lesion = phantom(number, 7)
    assert 0.005 < lesion.mean() < 0.1
    assert np.abs(with_ - without)[lesion].mean() > 0.1
    assert np.abs(with_ - without)[~lesion].mean() < 0.005
