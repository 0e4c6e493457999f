"""Protocols: what may train, stop and be scored, on tables drawn by Hypothesis."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.protocol_slices import make_slices
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from hilum.scoring.protocols import (
    FOLDS,
    PROTOCOLS,
    RULES,
    Slices,
    development_rows,
    distinct_rows,
    folds,
    given,
    no_copies,
    no_look_alikes,
)
from hilum.scoring.scoring import plans_for

slices_drawn = st.integers(0, 100_000).map(make_slices)


def test_every_protocol_is_declared_once_and_named_as_its_plan():
    assert tuple(RULES) == PROTOCOLS
    plans, left_out = plans_for(make_slices(0), PROTOCOLS, repeats=2, seed=0)
    assert {name: plan.name for name, plan in plans.items()} == {name: name for name in PROTOCOLS}
    assert left_out == []


@drawn(slices_drawn)
def test_given_is_the_split_as_it_came(slices):
    plan = given(slices)
    assert plan.folds is None
    for (fit,) in plan.repeats:
        for rows, split in ((fit.train, 0), (fit.stop, 1), (fit.score, 2)):
            np.testing.assert_array_equal(rows, np.flatnonzero(slices.split == split))


@drawn(slices_drawn)
def test_no_copies_scores_what_nothing_was_learnt_from(slices):
    plan = no_copies(slices)
    if plan is None:
        return
    (fit,) = plan.repeats[0]
    development = np.concatenate([fit.train, fit.stop])
    assert len(np.unique(slices.picture[development])) == len(development)
    assert len(np.unique(slices.picture[fit.score])) == len(fit.score)
    assert not slices.conflicting[np.concatenate([development, fit.score])].any()
    in_development = slices.same_slice[slices.split < 2]
    assert not np.isin(slices.same_slice[fit.score], in_development).any()
    # and nothing that could be scored is left out
    left = (slices.split == 2) & ~slices.conflicting & ~np.isin(slices.same_slice, in_development)
    assert set(slices.picture[left]) == set(slices.picture[fit.score])


@settings(max_examples=20)
@drawn(slices_drawn)
def test_fewer_repeats_begin_a_plan_of_more(slices):
    rows = distinct_rows(slices)
    fewer, more, others = (
        folds("grouped", slices, rows, slices.same_slice, repeats=repeats, seed=seed)
        for repeats, seed in ((2, 0), (3, 0), (3, 1))
    )
    if fewer is None:
        return
    assert fewer.begins(more)
    assert fewer.begins(fewer)
    assert not more.begins(fewer)
    assert not fewer.begins(others)
    assert not fewer.begins(replace(more, inner=more.inner[::-1] + 1))


@settings(max_examples=20)
@drawn(slices_drawn)
def test_no_look_alikes_trains_as_no_copies_and_scores_a_part_of_it(slices):
    part, whole, other = no_look_alikes(slices), no_copies(slices), given(slices)
    if part is None or whole is None:
        return
    assert part.begins(whole)
    assert whole.begins(part) == (len(part.scored) == len(whole.scored))
    ours, theirs = part.repeats[0][0], other.repeats[0][0]
    alike = [np.array_equal(getattr(ours, name), getattr(theirs, name)) for name in ("train", "stop")]
    assert part.begins(other) == all(alike)


@settings(max_examples=20)
@drawn(slices_drawn, st.sampled_from(["same_slice", "strict"]))
def test_folds_keep_groups_on_one_side(slices, kind):
    rows, groups = distinct_rows(slices), getattr(slices, kind)
    plan = folds("grouped", slices, rows, groups, repeats=2)
    if plan is None:
        return
    assert len({tuple(fit.score.tolist()) for fits in plan.repeats for fit in fits}) > len(plan.repeats[0])
    for fits in plan.repeats:
        np.testing.assert_array_equal(np.sort(np.concatenate([fit.score for fit in fits])), rows)
        for fit in fits:
            assert not set(groups[fit.score]) & set(groups[np.concatenate([fit.train, fit.stop])])
            assert not set(fit.train) & set(fit.stop)
            assert not set(slices.strict[fit.train]) & set(slices.strict[fit.stop])
            everything = np.concatenate([fit.train, fit.stop, fit.score])
            np.testing.assert_array_equal(np.sort(everything), rows)


def test_fewer_folds_are_said():
    slices = make_slices(0)
    few = Slices(**{**vars(slices), "strict": np.where(slices.labels == 0, slices.strict % 3, slices.strict)})
    rows = distinct_rows(few)
    groups = len(np.unique(few.strict[rows][few.labels[rows] == 0]))
    plan = folds("strict", few, rows, few.strict)
    if groups < FOLDS:
        assert len(plan.repeats[0]) == groups
        assert plan.notes[0] == f"{groups} folds instead of 5: there are {groups} groups only with slices of class 0."
    else:
        pytest.fail("the made-up slices should have a class of few groups")


def test_one_group_in_a_class_makes_no_folds():
    slices = make_slices(1)
    alone = np.where(slices.labels == 0, 10_000, slices.strict)
    one = Slices(**{**vars(slices), "strict": alone, "classes": ("large_cell", "b", "c")})
    plans, missing = plans_for(one, PROTOCOLS, repeats=2, seed=0)
    assert "strict" not in plans
    (sentence,) = missing
    assert "fewer than two groups of look-alikes (or ids) with slices of large cell," in sentence
    assert "strict (0.87) is left out" in sentence


def few_slices(labels, split, groups):
    alone = np.arange(len(labels))
    return Slices(
        np.array(labels), np.array(split), alone, np.array(groups), np.array(groups), False,
        np.zeros(len(labels), np.bool_), classes=("a_b", "c", "d"),
    )  # fmt: skip


def test_a_class_that_vanishes_from_no_copies_is_said():
    # Class c of test is a copy of train; d is in test alone.
    slices = few_slices([0, 1, 0, 1, 2, 0], [0, 0, 1, 2, 2, 2], [0, 1, 2, 1, 3, 4])
    plan = no_copies(slices)
    assert plan.scored.tolist() == [4, 5]
    assert plan.notes == (
        "No slice of d is left to train on, so the model can never predict it.",
        "No slice of c is left to score, so macro means are of the other classes and there is no macro AUC.",
    )
    only = few_slices([0, 1, 2, 0], [0, 0, 0, 2], range(4))
    assert no_copies(only).notes[0].startswith("No slice of c or d is left to score")
    whole = few_slices([0, 1, 2, 0, 1, 2], [0, 0, 0, 2, 2, 2], range(6))
    assert no_copies(whole).notes == ()


def test_a_class_that_a_scored_fold_lacks_is_said():
    """Each class has slices in five of eight groups or more, but groups are so uneven that a fold lacks one."""
    groups = [5, 6, 0, 6, 3, 4, 5, 2, 7, 0, 2, 3, 4, 3, 1, 0, 0, 0, 1, 7, 1, 5, 6, 1]
    slices = few_slices(np.repeat([0, 1, 2], 8), [0] * 24, groups)
    plan = folds("grouped", slices, np.arange(24), slices.strict, repeats=1)
    lacked = {name for fit in plan.repeats[0] for number, name in enumerate(("a b", "c", "d"))
              if number not in slices.labels[fit.score]}  # fmt: skip
    assert lacked
    (note,) = [note for note in plan.notes if note.startswith("In some folds no slice of")]
    assert note.endswith("is scored; its AUC is of the other folds.")
    assert {name for name in ("a b", "c", "d") if f" {name} " in f"{note.replace(',', ' ')} "} == lacked


def test_a_class_in_two_groups_is_named_where_folds_are_fewer():
    slices = few_slices([0] * 10 + [1, 1], [0] * 12, [*range(10), 0, 1])
    plan = folds("grouped", slices, np.arange(12), slices.strict, repeats=5)
    assert "2 folds instead of 5: there are 2 groups only with slices of c." in plan.notes


@drawn(slices_drawn)
def test_no_look_alikes_scores_what_looks_like_nothing_that_was_learnt_from(slices):
    plan, looser = no_look_alikes(slices), no_copies(slices)
    if plan is None:
        return
    in_development = slices.strict[slices.split < 2]
    assert not np.isin(slices.strict[plan.scored], in_development).any()
    left = (slices.split == 2) & ~slices.conflicting & ~np.isin(slices.strict, in_development)
    assert set(slices.picture[left]) == set(slices.picture[plan.scored])
    np.testing.assert_array_equal(plan.repeats[0][0].train, looser.repeats[0][0].train)


def test_strict_says_its_likeness():
    slices = make_slices(2)
    assert slices.title("strict") == "strict (0.87)"
    assert Slices(**{**vars(slices), "likeness": None}).title("strict") == "strict (ids)"
    assert slices.title("no-look-alikes") == "no look-alikes"


def test_development_rows_are_no_test_rows():
    slices = make_slices(3)
    rows = development_rows(slices)
    assert (slices.split[rows] < 2).all()
    assert len(np.unique(slices.picture[rows])) == len(rows)
