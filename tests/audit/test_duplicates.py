"""Near-duplicates: the same components as a matrix of all pairs gives, turned copies, and the real set's counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from hilum.audit.duplicates import LOOK_ALIKE, SAME_SLICE, link, nearest


def _family(seed, bases, copies, noise):
    """Pictures in families: smooth random bases and noisier and noisier copies of each."""
    rng = np.random.default_rng(seed)
    smooth = np.kron(rng.normal(size=(bases, 6, 6)), np.ones((1, 4, 4)))
    pictures = [base + rng.normal(size=(24, 24)) * noise * number for base in smooth for number in range(copies)]
    pictures = np.array(pictures)
    low, high = pictures.min(), pictures.max()
    return np.round((pictures - low) / (high - low) * 255).astype(np.uint8)


def _all_pairs(pictures, similarity):
    """The partition by brute force, as a set of frozensets."""
    correlations = np.corrcoef(pictures.reshape(len(pictures), -1).astype(float))
    return _partition(connected_components(correlations > similarity, directed=False)[1])


def _partition(groups):
    return {frozenset(np.flatnonzero(groups == group).tolist()) for group in np.unique(groups)}


@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(1, 6), st.floats(0.05, 0.4))
def test_components_are_those_of_all_pairs(seed, bases, copies, noise):
    pictures = _family(seed, bases, copies, noise)
    links = link(pictures)
    for similarity in (0.80, 0.90, 0.95):
        assert _partition(links.groups(similarity)) == _all_pairs(pictures, similarity)


def test_turned_copies_are_told_by_the_pictures_that_turn():
    *signatures, other = _family(0, 3, 1, 0)
    signatures, turnable = np.stack(signatures), np.stack([other, np.rot90(other)])
    assert not link(signatures).turned.any()
    links = link(signatures, turnable)
    assert links.turned.tolist() == [True]
    assert links.pairs.tolist() == [[0, 1]]


def test_more_pictures_than_a_block():
    pictures = _family(7, 700, 3, 0.3)
    links = link(pictures)
    assert _partition(links.groups(0.90)) == _all_pairs(pictures, 0.90)
    assert len(links.pairs) < len(pictures)


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_turned_and_mirrored_copies_are_the_same_slice(turns, mirrored):
    pictures = _family(3, 20, 1, 0.0)
    turned = np.rot90(pictures[4], turns)
    both = np.concatenate([pictures, [turned[:, ::-1] if mirrored else turned]])
    links = link(both)
    groups = links.groups(SAME_SLICE)
    assert groups[20] == groups[4]
    assert len(np.unique(groups)) == 20
    assert links.turned.tolist() == [(turns, mirrored) != (0, False)]


def test_a_lower_similarity_of_mirrored_pictures_does_not_count():
    pictures = _family(3, 20, 1, 0.0)
    noise = np.random.default_rng(0).normal(size=(24, 24)) * 15
    mirrored = np.clip(pictures[4][:, ::-1] + noise, 0, 255).astype(np.uint8)
    assert 0.9 < np.corrcoef(mirrored.ravel(), pictures[4][:, ::-1].ravel())[0, 1] < 0.99
    groups = link(np.concatenate([pictures, [mirrored]])).groups(LOOK_ALIKE)
    assert len(np.unique(groups)) == 21


def test_flat_pictures_match_nothing():
    links = link(np.full((3, 24, 24), 7, np.uint8))
    assert len(np.unique(links.groups(0.9))) == 3


def test_groups_below_what_was_looked_for():
    with pytest.raises(ValueError, match=r"from 0\.8 up"):
        link(_family(0, 3, 1, 0.0)).groups(0.5)


@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(1, 6), st.floats(0.05, 0.4))
def test_the_nearest_of_other_pictures_is_that_of_all_pairs(seed, bases, copies, noise):
    pictures = _family(seed, bases, copies, noise)
    here, there = pictures[::2], pictures[1::2]
    flat = [part.reshape(len(part), -1).astype(float) for part in (here, there)]
    highest = np.corrcoef(*flat)[: len(here), len(here) :].max(1)
    found = nearest((here, here), (there, there), 0.8)
    np.testing.assert_allclose(found, np.where(highest > 0.8, highest, 0), atol=1e-5)


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_nearest_of_other_pictures_may_be_turned(turns, mirrored):
    pictures = _family(3, 20, 1, 0.0)
    turned = np.rot90(pictures, turns, (1, 2))
    turned = turned[:, :, ::-1] if mirrored else turned
    assert (nearest((pictures, pictures), (turned[:5], turned[:5]), 0.9) > SAME_SLICE).tolist() == [True] * 5 + [
        False
    ] * 15
