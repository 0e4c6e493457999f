"""What models were trained on: lists, splits, what the file says, and folds."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.judged import answers, given
from helpers.protocol_slices import make_slices
from hypothesis import given as drawn
from hypothesis import strategies as st
from judging import made  # the benchmark

from hilum.judging.trained import Trained, in_several
from hilum.judging.trained_on import TrainedOn


@pytest.fixture(scope="module")
def table():
    return made(80)[0]


def test_train_and_valid_of_the_folder_unless_a_list_says_otherwise(table):
    its = given(table, answers(np.arange(60, 100)))
    known = Trained.of(table, its)
    assert known.said == "train of nowhere"
    assert np.array_equal(known.rows, table.in_split("train"))
    listed = np.arange(100) == 7
    known = Trained.of(table, its, TrainedOn("list.txt", listed, ()))
    assert known.said == "the slices of list.txt"
    assert np.array_equal(known.rows, listed)


def test_a_split_that_hilum_drew_says_nothing(table):
    drawn_split = replace(table, split_drawn=True)
    assert Trained.of(drawn_split, given(table, answers(np.arange(60, 100)))).said is None
    called = given(table, answers(np.arange(60, 100)), trained=np.arange(100) < 5)
    known = Trained.of(drawn_split, called)
    assert (known.said, known.count) == ("what a file calls train or valid", 5)


def test_folds_tell_of_the_rows_in_them(table):
    rows = np.arange(10, 90)
    its = answers(rows, folds=rows[None] % 4)
    known = Trained.of(table, given(table, its))
    assert known.said == "train of nowhere and the other folds"
    assert known.count == 90  # 20 of train, of which half are in folds, and 80 in folds
    assert np.flatnonzero(known.beside(its)).tolist() == list(range(10))


def test_groups_of_what_was_trained_on_are_seen():
    slices = make_slices(3)
    rows = np.flatnonzero(slices.split == 2)
    known = Trained(slices.split < 2, 0, "")
    expected = [slices.strict[row] in set(slices.strict[slices.split < 2]) for row in rows]
    assert known.seen(answers(rows), slices.strict).tolist() == expected


@drawn(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=40))
def test_groups_in_several_folds(pairs):
    groups, folds = np.array(pairs).T
    held = [len({fold for group, fold in pairs if group == own}) > 1 for own in groups]
    assert in_several(groups, folds).tolist() == held
