from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.errors import HilumError
from hilum.slices.labels import SPLITS
from hilum.slices.split import connected_groups, split_groups


@pytest.mark.parametrize(
    ("columns", "groups"),
    [
        ([[]], []),
        ([["a", "b", "a"]], [0, 1, 0]),
        ([[None, None, "a", "a"]], [0, 1, 2, 2]),
        ([["a", "a", "b", "b"], ["p", "q", "q", "r"]], [0, 0, 0, 0]),  # joined through others
        ([["a", "b", "c", "d"], ["p", None, None, "p"]], [0, 1, 2, 0]),
        ([["a", "b"], ["b", "a"]], [0, 1]),  # the same value in two columns means nothing
    ],
)
def test_rows_that_agree_are_one_group(columns, groups):
    assert connected_groups(*columns) == groups


VALUES = st.none() | st.sampled_from("abcdefgh")


@settings(max_examples=50)
@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=30))
def test_groups_are_the_connected_parts(rows):
    """Compared with the slow way: joining rows until nothing changes."""
    part = list(range(len(rows)))
    for _ in rows:
        for i, one in enumerate(rows):
            for j, other in enumerate(rows):
                if any(a is not None and a == b for a, b in zip(one, other, strict=True)):
                    part[i] = part[j] = min(part[i], part[j])
    numbers = {}
    assert connected_groups(*zip(*rows, strict=True)) == [numbers.setdefault(p, len(numbers)) for p in part]


@st.composite
def data_sets(draw):
    """Labels and groups: every class has three groups or more of its own, of one to nine rows; rows are shuffled."""
    rows, number = [], 0
    for label in "abc"[: draw(st.integers(1, 3))]:
        for size in draw(st.lists(st.integers(1, 9), min_size=3, max_size=12)):
            rows += [(label, number)] * size
            number += 1
    rows = draw(st.permutations(rows))
    return [label for label, _ in rows], [group for _, group in rows]


@settings(max_examples=40)
@given(data_sets(), st.integers(0, 2**32))
def test_groups_stay_together_and_every_class_is_in_every_split(data, seed):
    labels, groups = data
    splits = split_groups(labels, groups, seed)
    assert len(splits) == len(labels)
    where = defaultdict(set)
    for group, split in zip(groups, splits, strict=True):
        where[group].add(split)
    assert all(len(found) == 1 for found in where.values())
    assert set(zip(labels, splits, strict=True)) == {(label, split) for label in labels for split in SPLITS}
    assert split_groups(labels, groups, seed) == splits


def test_a_group_of_several_classes_stays_together():
    labels = [*"abababab", *"aaaabbbb"]
    groups = [0, 0, 1, 1, 2, 2, 3, 3, *range(4, 12)]
    splits = split_groups(labels, groups, 0)
    assert all(len({split for split, g in zip(splits, groups, strict=True) if g == group}) == 1 for group in groups)


@pytest.mark.parametrize(
    ("rows", "counts"), [(10, (7, 1, 2)), (100, (70, 10, 20)), (1000, (700, 100, 200)), (3, (1, 1, 1))]
)
def test_seventy_ten_twenty_in_every_class(rows, counts):
    labels = ["a"] * rows + ["b"] * 10
    splits = split_groups(labels, list(range(rows + 10)), 0)
    expected = dict(zip(SPLITS, counts, strict=True))
    assert Counter(splits[:rows]) == expected
    assert Counter(splits[rows:]) == {"train": 7, "valid": 1, "test": 2}


def test_other_shares_can_be_asked_for():
    shares = {"train": 0.5, "valid": 0.25, "test": 0.25}
    splits = split_groups(["a"] * 40 + ["b"] * 20, list(range(60)), 0, shares)
    assert Counter(splits[:40]) == {"train": 20, "valid": 10, "test": 10}
    assert Counter(splits[40:]) == {"train": 10, "valid": 5, "test": 5}


def test_large_groups_count_by_their_rows():
    groups = [number // 10 for number in range(1000)]
    splits = split_groups(["a"] * 1000, groups, 0)
    assert Counter(splits) == {"train": 700, "valid": 100, "test": 200}


def test_the_seed_decides():
    labels, groups = ["a"] * 60 + ["b"] * 40, list(range(100))
    drawn = [tuple(split_groups(labels, groups, seed)) for seed in range(5)]
    assert len(set(drawn)) == 5
    assert drawn[0] == tuple(split_groups(labels, groups, 0))


@pytest.mark.parametrize(
    ("labels", "groups", "told"),
    [
        ("aab", [0, 1, 2], "class a form 2 "),
        ("aaabbb", [0, 1, 2, 3, 3, 4], "class b form 2 "),
        ("aaabbb", [0, 1, 2, 3, 3, 3], "class b form 1 "),
        ("aaab", [0, 1, 2, 0], "class b form 0 "),  # its only row is in a group of a
    ],
)
def test_too_few_groups_are_told(labels, groups, told):
    with pytest.raises(HilumError, match=f"{told}.*3 are needed.*Add slices"):
        split_groups(list(labels), groups, 0)
