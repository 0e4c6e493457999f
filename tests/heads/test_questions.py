"""Heads as arrays."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import rbf_kernel

from hilum.heads.questions import HeadArrays, Kernel, Linear, Question

RANDOM = np.random.default_rng(0)
FEATURES = RANDOM.normal(size=(5, 7)).astype(np.float32)
EACH = ((0,), (1,), (2,))


def linear(answers: int) -> Linear:
    return Linear(RANDOM.normal(size=(answers, 7)).astype(np.float32), RANDOM.normal(size=answers).astype(np.float32))


def kernel(answers: int) -> Kernel:
    rows, weights = RANDOM.normal(size=(4, 7)), RANDOM.normal(size=(answers, 4))
    centre, offsets = RANDOM.normal(size=7), RANDOM.normal(size=answers)
    return Kernel(*map(np.float32, (centre,)), 0.5, 0.25, *map(np.float32, (rows, weights, offsets)))


def probabilities(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits)
    return powers / powers.sum(1, keepdims=True)


def test_a_kernel_scores_as_scikit_learns_does():
    scorer = kernel(3)
    unit = FEATURES / np.linalg.norm(FEATURES, axis=1, keepdims=True)
    compared = rbf_kernel((unit - scorer.centre) / 0.5, scorer.rows, gamma=0.25)
    np.testing.assert_allclose(scorer.scores(FEATURES), compared @ scorer.weights.T + scorer.offsets, rtol=1e-5)


def test_a_row_of_zeros_has_finite_scores():
    assert np.isfinite(kernel(3).scores(np.zeros((1, 7), np.float32))).all()


def test_scorers_of_a_question_are_averaged():
    first, second = linear(3), kernel(3)
    head = HeadArrays(3, (Question(EACH, (first, second)),))
    mean = (probabilities(first.scores(FEATURES)) + probabilities(second.scores(FEATURES))) / 2
    np.testing.assert_allclose(np.exp(head.logits(FEATURES)), mean, rtol=1e-12)


def test_questions_are_multiplied():
    """Not cancer (class 1), or cancer and then which: probabilities by hand."""
    first, second = linear(2), kernel(2)
    head = HeadArrays(3, (Question(((1,), (0, 2)), (first,)), Question(((0,), (2,)), (second,))))
    cancer, which = probabilities(first.scores(FEATURES)), probabilities(second.scores(FEATURES))
    by_hand = np.stack([cancer[:, 1] * which[:, 0], cancer[:, 0], cancer[:, 1] * which[:, 1]], 1)
    np.testing.assert_allclose(np.exp(head.logits(FEATURES)), by_hand, rtol=1e-12)


@pytest.mark.parametrize(
    "head",
    [
        HeadArrays(3, (Question(EACH, (linear(3), kernel(3))),)),
        HeadArrays(3, (Question(((1,), (0, 2)), (kernel(2),)), Question(((0,), (2,)), (linear(2), kernel(2))))),
    ],
)
def test_a_head_is_made_again_from_its_tensors(head):
    again = HeadArrays.of_tensors(head.as_tensors())
    assert [question.answers for question in again.questions] == [question.answers for question in head.questions]
    np.testing.assert_array_equal(again.logits(FEATURES), head.logits(FEATURES))


def test_a_head_of_an_earlier_model_is_linear():
    scorer = linear(3)
    head = HeadArrays.of_tensors({"head.weights": scorer.weights, "head.offsets": scorer.offsets})
    assert head.linear is not None
    np.testing.assert_array_equal(probabilities(head.logits(FEATURES)).argmax(1), scorer.scores(FEATURES).argmax(1))


def test_only_one_linear_scorer_has_a_linear_map():
    assert HeadArrays(3, (Question(EACH, (kernel(3),)),)).linear is None
    assert HeadArrays(3, (Question(EACH, (linear(3), linear(3))),)).linear is None
