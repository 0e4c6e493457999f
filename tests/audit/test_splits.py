"""Splits: class shares, numbers in file names and facts, against SciPy, scikit-learn and tables made by hand."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency
from sklearn.metrics import roc_auc_score

from hilum.audit.splits import class_shifts, fact_separation, number_separation
from hilum.slices.file_info import SliceFacts
from hilum.slices.rows import SliceRow
from hilum.slices.table import SliceTable


def _table(rows):
    """A table of (path, label, split)."""
    facts = SliceFacts("", "", 1, 1, "PNG", "L", False, 1, None, 0.0)
    classes = tuple(sorted({label for _, label, _ in rows}))
    return SliceTable(
        Path(), tuple(SliceRow(path, label, split, None, facts) for path, label, split in rows), classes, (), ()
    )


def _counted(counts):
    return _table([(f"{split}{n}", label, split) for (split, label), many in counts.items() for n in range(many)])


def _numbered(train, other, split="test", label="a"):
    rows = [(f"{number:06d} (2).png", label, "train") for number in train]
    return _table(rows + [(f"{number:06d}.png", label, split) for number in other])


def test_shares_and_their_shift_are_those_of_scipy():
    counts = {("train", "a"): 60, ("train", "b"): 40, ("valid", "a"): 5, ("test", "a"): 10, ("test", "b"): 30}
    shifts = class_shifts(_counted(counts))
    assert [(missing.split, missing.label) for missing in shifts.missing] == [("valid", "b")]
    assert shifts.shares["train"] == {"a": 0.6, "b": 0.4}
    assert shifts.shares["test"] == {"a": 0.25, "b": 0.75}
    assert shifts.shift_p == pytest.approx(chi2_contingency([[60, 40], [10, 30]]).pvalue)


def test_one_class_has_no_shift():
    assert class_shifts(_counted({("train", "a"): 9, ("test", "a"): 3})).shift_p is None


def test_numbers_that_tell_the_splits_apart():
    (found,) = number_separation(_numbered(range(100), range(100, 140)))
    assert (found.cut, found.above, found.share, found.apart) == (100, True, 1.0, True)
    assert (found.train_range, found.other_range) == ((0, 99), (100, 139))
    assert found.sentence == (
        "40 of 40 numbered test files of a have numbers from 100 up; 100 of 100 train files do not."
    )


def test_numbers_of_another_series_are_not_compared():
    others = [(f"ad{number}.png", "a", "train") for number in range(500, 540)]
    rows = [(f"{number:06d}.png", "a", "train") for number in range(20)]
    test = [(f"{number:06d}.png", "a", "test") for number in range(20, 40)]
    (found,) = number_separation(_table(others + rows + test))
    assert (found.train, found.train_side, found.cut) == (20, 20, 20)


def test_numbers_that_fall_are_told_as_well():
    (found,) = number_separation(_numbered(range(50, 90), range(20), "valid"))
    assert (found.other, found.cut, found.above, found.share) == ("valid", 19, False, 1.0)


def test_numbers_in_no_order_are_not_apart():
    (found,) = number_separation(_numbered(range(0, 200, 2), range(1, 200, 2)))
    assert not found.apart
    assert found.share < 0.55


def test_few_numbers_are_left_out():
    assert number_separation(_numbered(range(9), range(50, 90))) == []
    assert number_separation(_table([(f"x{'y' * n}.png", "a", "train") for n in range(30)])) == []


@settings(max_examples=25)
@given(st.lists(st.integers(0, 50), min_size=10, max_size=30), st.lists(st.integers(0, 50), min_size=10, max_size=30))
def test_no_cut_separates_better(train, other):
    (found,) = number_separation(_numbered(train, other))
    train, other = np.array(train), np.array(other)
    best = max(
        max((np.mean(train < cut) + np.mean(other >= cut)) / 2, (np.mean(train >= cut) + np.mean(other < cut)) / 2)
        for cut in range(52)
    )
    assert found.share == pytest.approx(best)
    assert found.share == pytest.approx((found.train_side / len(train) + found.other_side / len(other)) / 2)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_facts_have_the_auc_of_scikit_learn_and_no_side(seed):
    random = np.random.default_rng(seed)
    rows = [(str(n), str(random.choice(["a", "b"])), str(random.choice(["train", "test"]))) for n in range(40)]
    rows += [(f"{label}{split}", label, split) for label in "ab" for split in ("train", "test")]
    table = _table(rows)
    values = random.normal(size=len(rows))
    found = {fact.label: fact.auc for fact in fact_separation(table, {"grey": values})}
    assert found.keys() == {None, "a", "b"}
    for label, auc in found.items():
        chosen = np.array([label in (None, row.label) for row in table.rows])
        known = roc_auc_score([row.split == "test" for row in np.array(table.rows, object)[chosen]], values[chosen])
        assert auc == pytest.approx(max(known, 1 - known))
    assert fact_separation(table, {"grey": -values})[0].auc == pytest.approx(found[None])
