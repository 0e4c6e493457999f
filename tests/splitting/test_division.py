"""Dividing rows near shares and into folds."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.errors import BadOption, HilumError
from hilum.slices.labels import SPLITS
from hilum.slices.split import split_groups
from hilum.splitting.division import asked_shares, farthest, folded, nearest_split

USUAL = {"train": 0.7, "valid": 0.1, "test": 0.2}


@st.composite
def data_sets(draw, fewest=3):
    """Labels and groups: every class has some groups of its own, of one to nine rows; rows are shuffled."""
    rows, number = [], 0
    for label in "abc"[: draw(st.integers(1, 3))]:
        for size in draw(st.lists(st.integers(1, 9), min_size=fewest, max_size=12)):
            rows += [(label, number)] * size
            number += 1
    rows = draw(st.permutations(rows))
    return [label for label, _ in rows], [group for _, group in rows]


def _parts_of(groups, parts):
    found = defaultdict(set)
    for group, part in zip(groups, parts, strict=True):
        found[group].add(part)
    return found


@settings(max_examples=40)
@given(data_sets(), st.integers(0, 2**32 - 1), st.sampled_from([(70, 10, 20), (50, 25, 25), (98, 1, 1)]))
def test_splits_keep_groups_have_every_class_and_exceed_no_share_by_more_than_a_group(data, seed, percent):
    (labels, groups), shares = data, asked_shares(percent, None)
    parts = nearest_split(labels, groups, seed, shares)
    assert all(len(found) == 1 for found in _parts_of(groups, parts).values())
    assert set(zip(labels, parts, strict=True)) == {(label, split) for label in labels for split in SPLITS}
    counts = Counter(zip(labels, parts, strict=True))
    for label in {*labels}:
        sizes = Counter(group for group, of in zip(groups, labels, strict=True) if of == label)
        for split in SPLITS:
            assert counts[label, split] <= shares[split] * sizes.total() + max(sizes.values())
    assert nearest_split(labels, groups, seed, shares) == parts


@settings(max_examples=40)
@given(data_sets(fewest=4), st.integers(0, 2**32 - 1), st.integers(2, 4))
def test_folds_keep_groups_and_have_every_class(data, seed, count):
    labels, groups = data
    parts = folded(labels, groups, seed, count)
    assert all(len(found) == 1 for found in _parts_of(groups, parts).values())
    assert set(zip(labels, parts, strict=True)) == {(label, str(fold)) for label in labels for fold in range(count)}
    assert folded(labels, groups, seed, count) == parts


def test_many_draws_come_nearer_than_one():
    sizes = [37, 33, 29, 21, 15, 12, 9, 8, 7, 6, 5, 5, 4, 3, 2, 2, *[1] * 30]
    groups = [number for number, size in enumerate(sizes) for _ in range(size)]
    labels = ["a"] * len(groups)
    for seed in range(5):
        one = farthest(labels, split_groups(labels, groups, seed), USUAL).off
        assert farthest(labels, nearest_split(labels, groups, seed, USUAL), USUAL).off < min(one, 0.02)


def test_the_seed_decides_which_group_goes_where():
    labels, groups = ["a"] * 60 + ["b"] * 40, list(range(100))
    assert len({tuple(nearest_split(labels, groups, seed, USUAL)) for seed in range(5)}) == 5


def test_the_farthest_share_is_named():
    labels = [*"aaaaaaaaaa", *"bbbb"]
    parts = ["train"] * 7 + ["valid"] + ["test"] * 2 + ["train", "train", "valid", "test"]
    found = farthest(labels, parts, USUAL)
    assert found[1:] == ("train", "b", 0.5)
    assert found.off == pytest.approx(0.2)


def test_more_folds_than_groups_are_refused():
    with pytest.raises(HilumError, match="5 folds need at least 5 groups, and there are 3"):
        folded([*"aaabb"], [0, 0, 1, 2, 2], 0, 5)


def test_shares_and_folds_are_read():
    assert asked_shares((70, 10, 20), None) == pytest.approx(USUAL)
    assert asked_shares((33.3, 33.3, 33.4), None)["test"] == pytest.approx(0.334)
    assert asked_shares((70, 10, 20), 4) == dict.fromkeys("0123", 0.25)


@pytest.mark.parametrize("shares", [(70, 30), (80, 0, 20), (70, 10, 10), (0.7, 0.1, 0.2), (120, -40, 20)])
def test_other_shares_are_refused(shares):
    with pytest.raises(BadOption, match="three numbers above 0 that sum to 100"):
        asked_shares(shares, None)


def test_folds_are_two_or_more_and_have_no_shares():
    with pytest.raises(BadOption, match="must be 2 or more, not 1"):
        asked_shares((70, 10, 20), 1)
    with pytest.raises(BadOption, match="cannot be given together with folds"):
        asked_shares((60, 20, 20), 5)
