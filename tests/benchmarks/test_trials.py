import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from trials import edge_map, likeness, random_map, road, share_inside, shuffled


def test_likeness_is_spearman_s():
    one = np.float32([[1, 2], [3, 9]])
    assert likeness(one, one**3) == pytest.approx(1)
    assert likeness(one, -one) == pytest.approx(-1)
    assert likeness(one, np.float32([[1, 3], [2, 4]])) == pytest.approx(0.8)  # 1 - 6 * 2 / (4 * 15)
    assert likeness(one, np.ones((2, 2), np.float32)) == 0


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_likeness_knows_no_scale(seed):
    one, other = np.random.default_rng(seed).normal(size=(2, 4, 5)).astype(np.float32)
    assert likeness(one, other) == pytest.approx(stats.spearmanr(one.ravel(), other.ravel()).statistic)
    assert likeness(3 * one + 1, other) == pytest.approx(likeness(one, other), abs=1e-6)


def test_the_share_inside_counts_what_is_positive():
    over = np.float32([[3, -5], [1, 0]])
    mask = np.array([[True, True], [False, False]])
    assert share_inside(over, mask) == pytest.approx(0.75)
    assert share_inside(over, ~mask) == pytest.approx(0.25)
    assert np.isnan(share_inside(-np.abs(over), mask))


def test_a_shuffled_head_keeps_each_class_s_weights():
    weights = np.random.default_rng(0).normal(size=(3, 50)).astype(np.float32)
    other = shuffled(weights, 1)
    np.testing.assert_array_equal(np.sort(other, 1), np.sort(weights, 1))
    assert not np.array_equal(other, weights)
    np.testing.assert_array_equal(other, shuffled(weights, 1))
    assert not np.array_equal(other, shuffled(weights, 2))


def test_noise_is_of_the_seed():
    np.testing.assert_array_equal(random_map((3, 4), 5), random_map((3, 4), 5))
    assert not np.array_equal(random_map((3, 4), 5), random_map((3, 4), 6))
    assert 0 <= random_map((30, 40), 0).min() < random_map((30, 40), 0).max() <= 1


def test_edges_are_where_grey_levels_change():
    square = np.zeros((40, 40), np.float32)
    square[:, 20:] = 1
    edges = edge_map(square, (4, 5))
    assert edges.shape == (4, 5)
    assert (edges.argmax(1) == 2).all()
    # A step of 1 gives Sobel 4 in two columns of the eight of the middle cell, which is 20 / 5 * 2 to 3 and a half.
    np.testing.assert_allclose(edges, [[0, 0, 1, 0, 0]] * 4, atol=1e-6)


def _left_right(greys):
    """Two classes: the probability of the first is the mean grey of the left half."""
    left = greys[:, :, : greys.shape[2] // 2].mean((1, 2))
    return np.stack([left, 1 - left], 1)


def test_road_is_high_where_the_map_ranks_what_matters_first():
    squares = np.zeros((3, 24, 24), np.float32)
    squares[:, 8:16, 2:10] = 1  # a bright block in the left half raises the first class
    right_map = np.zeros((24, 24), np.float32)
    right_map[8:16, 2:10] = 1
    right_map += np.linspace(0, 0.01, 24 * 24, dtype=np.float32).reshape(24, 24)  # no ties
    good, bad = road(_left_right, squares[:2], [right_map, -right_map], [0, 0])
    assert good > 0.02
    assert bad == pytest.approx(-good, abs=0.01)
    assert abs(road(_left_right, squares[2:] * 0, [random_map((6, 6), 0)], [0])[0]) < 0.01


def test_road_of_the_other_class_has_the_other_sign():
    squares = np.zeros((1, 24, 24), np.float32)
    squares[0, 8:16, 2:10] = 1
    ranks = edge_map(squares[0], (24, 24)) + random_map((24, 24), 1) * 1e-3
    (one,), (other,) = (road(_left_right, squares, [ranks], [number]) for number in (0, 1))
    assert one == pytest.approx(-other, abs=1e-6)
    assert one > 0.005


def test_road_leaves_torch_s_random_numbers_alone():
    import torch

    torch.manual_seed(3)
    wanted = torch.rand(1)
    torch.manual_seed(3)
    road(_left_right, np.ones((1, 8, 8), np.float32), [random_map((4, 4), 0)], [0])
    assert torch.rand(1) == wanted
