"""A head that somebody else wrote: every question and array is checked."""

import dataclasses

import numpy as np
import pytest
from helpers.any_heads import any_heads, linear

from hilum.heads.questions import HeadArrays, Question, one_question
from hilum.model.soundness import head_fits

FEATURES = np.random.default_rng(0).random((6, 4), np.float32)
HEADS = any_heads(FEATURES)
KERNEL = HEADS["kernel"].questions[0].scorers[0]


@pytest.mark.parametrize("name", HEADS)
def test_sound_heads_fit_their_own_classes_and_width_alone(name):
    assert head_fits(HEADS[name], 3, 4)
    assert head_fits(HeadArrays.of_tensors(HEADS[name].as_tensors()), 3, 4)
    assert not head_fits(HEADS[name], 4, 4)
    assert not head_fits(HEADS[name], 3, 5)


@pytest.mark.parametrize(
    "change",
    [
        {"spread": 0.0}, {"spread": float("nan")}, {"spread": np.ones(2)}, {"gamma": -1.0}, {"gamma": float("inf")},
        {"rows": np.zeros((0, 4), np.float32), "weights": np.zeros((3, 0), np.float32)}, {"rows": 1.0},
        {"rows": KERNEL.rows.astype(np.float64)}, {"rows": KERNEL.rows[:, :3]}, {"rows": KERNEL.rows[:5]},
        {"rows": KERNEL.rows + np.float32("inf")}, {"centre": KERNEL.centre[:3]}, {"centre": KERNEL.centre[None]},
        {"weights": KERNEL.weights.T}, {"weights": KERNEL.weights[:2]}, {"offsets": KERNEL.offsets[:2]},
        {"offsets": KERNEL.offsets * np.float32("nan")}, {"weights": None},
    ],
    ids=str,
)  # fmt: skip
def test_an_array_that_does_not_fit(change):
    assert not head_fits(one_question((dataclasses.replace(KERNEL, **change),)), 3, 4)


@pytest.mark.parametrize(
    "asked",
    [
        [],
        [((0,), (1, 2))],  # nothing tells 1 from 2
        [((0,), (1,))],  # 2 is never asked about
        [((0,), (1,), (2,), ())],
        [((0, 1, 2),)],
        [((0, 1), (1, 2))],
        [((0,), (1,), (2,)), ((0,), (1,))],  # told apart twice
        [((0,), (1, 2)), ((0,), (1,))],
        [((0,), (1,), (3,))],
    ],
    ids=str,
)
def test_questions_that_do_not_tell_every_class_apart_once(asked):
    random = np.random.default_rng(0)
    questions = tuple(Question(answers, (linear(random, len(answers), 4),)) for answers in asked)
    assert not head_fits(HeadArrays(3, questions), 3, 4)


def test_a_question_without_scorers():
    assert not head_fits(HeadArrays(3, (Question(((0,), (1,), (2,)), ()),)), 3, 4)
