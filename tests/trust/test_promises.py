"""The answer threshold and what it promises."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.trust.abstention import threshold_for_accuracy
from hilum.trust.promises import FEWEST_GROUPS, answer_threshold, evidence


def _population(random, groups, ease, each=2):
    """Two classes whose top probability is honest; slices of a group share most of their luck."""
    members = np.repeat(np.arange(groups), each)
    logits = ease + 1.5 * random.normal(size=groups)[members] + 0.5 * random.normal(size=len(members))
    top = 0.5 + 0.5 / (1 + np.exp(-logits))
    right = random.random(len(members)) < 1 / (1 + np.exp(-logits))
    return np.where(right, 0, 1), members, np.stack([top, 1 - top], 1)[None]


def test_the_fewest_groups_are_those_that_show_it_without_an_error():
    assert FEWEST_GROUPS == 45
    assert 0.95**45 < 0.1 < 0.95**44


@pytest.mark.parametrize("groups", [10, 44])
def test_few_groups_promise_nothing_even_without_an_error(groups):
    probabilities = np.tile([0.9, 0.1], (1, groups, 1))
    threshold, promise = answer_threshold(np.zeros(groups, int), np.arange(groups), probabilities)
    assert (promise.shown, promise.groups, promise.fewest_groups) == (False, groups, 45)
    assert threshold == 0
    assert "at least 45 groups" in str(promise)


def test_a_model_without_errors_promises_and_answers_everything():
    labels, groups = np.zeros(160, int), np.arange(160) // 2
    tops = np.linspace(0.6, 1, 160)
    threshold, promise = answer_threshold(labels, groups, np.stack([tops, 1 - tops], 1)[None])
    assert promise.shown
    assert threshold == 0
    assert "at least 95% is right" in str(promise)


def test_the_threshold_lies_where_the_errors_begin():
    tops = np.linspace(0.5, 1, 400)
    labels = np.where((tops < 0.6) & (np.arange(400) % 2 == 0), 1, 0)
    threshold, promise = answer_threshold(labels, np.arange(400), np.stack([tops, 1 - tops], 1)[None])
    assert promise.shown
    assert 0.55 < threshold < 0.65


def test_where_nothing_is_shown_the_threshold_is_the_one_of_the_slices_themselves():
    labels, groups, probabilities = _population(np.random.default_rng(0), 100, 1.0)
    threshold, promise = answer_threshold(labels, groups, probabilities)
    assert not promise.shown
    assert threshold == threshold_for_accuracy(labels, probabilities, 0.95)
    assert "its 100 groups show for no limit" in str(promise)


def test_a_group_counts_once_however_many_slices_it_has():
    """One chest with many wrong slices is one mistake; as many chests with one wrong slice each are many."""
    groups = np.concatenate([np.arange(120), np.full(30, 120)])
    labels, tops = np.where(groups < 120, 0, 1), np.linspace(0.99, 0.9, 150)
    probabilities = np.stack([tops, 1 - tops], 1)[None]
    assert answer_threshold(labels, groups, probabilities)[0] == 0
    assert answer_threshold(labels, np.arange(150), probabilities)[0] > 0.9


def test_repeats_of_a_slice_are_no_new_evidence():
    labels, groups, probabilities = _population(np.random.default_rng(1), 120, 4.0)
    once, five = (answer_threshold(labels, groups, np.repeat(probabilities, n, 0)) for n in (1, 5))
    assert five == once


@given(st.integers(0, 10_000), st.floats(-1, 6), st.integers(45, 120))
@settings(max_examples=30)
def test_names_of_groups_and_slices_that_are_not_answered_are_no_evidence(seed, ease, groups):
    labels, members, probabilities = _population(np.random.default_rng(seed), groups, ease)
    threshold, promise = answer_threshold(labels, members, probabilities)
    assert 0 <= threshold <= 1
    assert (threshold, promise) == answer_threshold(labels, 7 * members + 3, probabilities)
    assert evidence(np.zeros(groups), 0.05) == 1


@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_evidence_against_what_is_true_is_rarely_large(spread):
    """Losses whose mean is nought: evidence of 10 or more comes in at most one of ten draws."""
    random = np.random.default_rng(0)
    answered = random.random((600, 150)) > spread
    losses = np.where(answered, (random.random((600, 150)) < 0.05) - 0.05, 0)
    found = evidence(losses, 0.05)
    assert (found >= 10).mean() <= 0.1
    assert evidence(losses[:, :15], 0.05).mean() == pytest.approx(1, abs=0.05)


def test_promises_are_kept_on_the_population():
    """With an accuracy of 87 %, in 60 draws of 171 groups: broken in fewer than one of ten."""
    random = np.random.default_rng(2)
    truth, _, all_of = _population(random, 20_000, 3.0)
    top, right = all_of[0].max(-1), all_of[0].argmax(-1) == truth
    shown = broken = 0
    for _ in range(60):
        threshold, promise = answer_threshold(*_population(random, 171, 3.0))
        shown += promise.shown
        broken += promise.shown and right[top >= threshold].mean() < 0.95
    assert shown >= 15
    assert broken <= 6
