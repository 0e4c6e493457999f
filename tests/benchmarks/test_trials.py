"""The measures of maps on trial, held against counts by hand and SciPy's own answers."""

import numpy as np
import pytest
from scipy import stats
from trials import LEVELS, beats, centre_map, edge_map, faithfulness, found, lead, noise_map, share_inside


def _lesion():
    mask = np.zeros((56, 56), bool)
    mask[10:20, 10:20] = True
    return mask


@pytest.mark.parametrize(("place", "hit"), [((15, 15), 1), ((15, 21), 1), ((15, 22), 0), ((40, 40), 0)])
def test_a_lesion_is_found_inside_it_and_half_a_cell_beside_it(place, hit):
    drawn = np.zeros((56, 56), np.float32)
    drawn[place] = 1
    assert found(drawn, _lesion()) == hit


def test_places_that_are_equally_high_count_alike_and_nothing_finds_nothing():
    drawn = np.zeros((56, 56), np.float32)
    drawn[15, 15] = drawn[40, 40:43] = 2
    assert found(drawn, _lesion()) == 0.25
    assert found(-drawn, _lesion()) == 0


def test_the_share_inside_counts_what_is_positive():
    drawn = np.float32([[3, -5], [1, 0]])
    mask = np.array([[True, True], [False, False]])
    assert share_inside(drawn, mask) == pytest.approx(0.75)
    assert share_inside(drawn, ~mask) == pytest.approx(0.25)
    assert share_inside(-np.abs(drawn), mask) == 0


def test_controls_are_what_they_say():
    square = np.zeros((56, 56), np.float32)
    square[:, 28:] = 1
    assert abs(edge_map(square).mean(0).argmax() - 27.5) <= 1
    assert np.unravel_index(centre_map(57).argmax(), (57, 57)) == (28, 28)
    np.testing.assert_array_equal(noise_map(20, 3), noise_map(20, 3))
    assert not np.array_equal(noise_map(20, 3), noise_map(20, 4))


def _bright(greys):
    """A model whose answer is the mean grey of the block of the lesion."""
    return greys[:, 10:20, 10:20].mean((1, 2))


def test_what_the_model_needs_scores_high_and_what_it_does_not_scores_low():
    square = np.zeros((56, 56), np.float32)
    square[10:20, 10:20] = 1
    right, wrong = (faithfulness(_bright, square, sign * square) for sign in (1, -1))
    # The block is 3.2 % of the square: the first level holds all of it, against the mean and the blurred picture alike.
    assert right[0] == pytest.approx(1)
    assert right[1] < 0.5
    assert wrong[1] == pytest.approx(1)
    assert wrong[0] == pytest.approx(right[1])


def test_insertion_and_deletion_are_means_over_levels_and_baselines():
    random = np.random.default_rng(0)
    square, drawn = random.random((2, 20, 20)).astype(np.float32)
    seen = []

    def answer(greys):
        seen.append(greys)
        return np.arange(len(greys))

    insertion, deletion = faithfulness(answer, square, drawn)
    (greys,), n = seen, len(LEVELS)
    assert len(greys) == 4 * n
    assert insertion == np.mean([*range(n), *range(2 * n, 3 * n)])
    assert deletion == np.mean([*range(n, 2 * n), *range(3 * n, 4 * n)])
    np.testing.assert_allclose([np.mean(one == square) for one in greys[:n]], LEVELS)
    highest = drawn >= np.sort(drawn.ravel())[-round(LEVELS[1] * 400)]
    np.testing.assert_array_equal(greys[3 * n + 1] != square, highest)
    np.testing.assert_allclose(greys[3 * n + 1][highest], square.mean())


def test_a_lead_is_of_pairs_and_its_interval_is_scipy_s():
    random = np.random.default_rng(1)
    control = random.normal(size=30)
    values = control + random.normal(0.5, 0.3, 30)
    one = lead(values, control)
    assert one.mean == pytest.approx(values.mean())
    assert one.lead == pytest.approx((values - control).mean())
    error = stats.sem(values - control)
    np.testing.assert_allclose([one.low, one.high], one.lead + np.array([-1.96, 1.96]) * error, atol=0.05)
    same = lead(control + 2, control)
    assert (same.low, same.high) == (pytest.approx(2), pytest.approx(2))


def test_all_controls_have_to_be_beaten():
    up, down = lead(np.arange(9.0) + 1, np.zeros(9)), lead(np.arange(9.0) - 4, np.zeros(9))
    assert beats({"a": up, "b": up})
    assert not beats({"a": up, "b": down})
