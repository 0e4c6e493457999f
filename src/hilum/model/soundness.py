"""Checks of the arrays of a head that somebody else may have written."""

import math
from typing import Any

import numpy as np

from hilum.heads.questions import HeadArrays, Kernel, Scorer


def head_fits(head: HeadArrays, classes: int, width: int) -> bool:
    """Whether a head tells all classes apart, and all its arrays are finite and of the right types and shapes.

    Args:
        head: The head, from `HeadArrays.of_tensors`, with any arrays.
        classes: Number of classes.
        width: Number of features.
    """
    return (
        head.classes == classes
        and _tells_apart(head)
        and all(
            _scorer_fits(scorer, len(question.answers), width)
            for question in head.questions
            for scorer in question.scorers
        )
    )


def is_like(array: Any, shape: tuple[int, ...], kind: type = np.float32) -> bool:  # noqa: ANN401 - checked here
    """Whether a value is a finite array of a shape and a type."""
    right = isinstance(array, np.ndarray) and array.shape == shape and array.dtype == kind
    return right and bool(np.isfinite(array).all())


def _tells_apart(head: HeadArrays) -> bool:
    """Whether each question divides what is still together into its answers, until every class is alone."""
    together = {frozenset(range(head.classes))}
    for question in head.questions:
        parts = [frozenset(answer) for answer in question.answers]
        whole = frozenset[int]().union(*parts)
        apart = len(parts) > 1 and all(parts) and sum(map(len, parts)) == len(whole)
        if not (question.scorers and apart and whole in together):
            return False
        together = (together - {whole}) | set(parts)
    return all(len(part) == 1 for part in together)


def _scorer_fits(scorer: Scorer, answers: int, width: int) -> bool:
    if not isinstance(scorer, Kernel):
        return is_like(scorer.weights, (answers, width)) and is_like(scorer.offsets, (answers,))
    numbers = (scorer.spread, scorer.gamma)
    if not all(isinstance(number, float) and 0 < number < math.inf for number in numbers):
        return False
    count = len(scorer.rows) if isinstance(scorer.rows, np.ndarray) and scorer.rows.ndim else 0
    return (
        count > 0
        and is_like(scorer.centre, (width,))
        and is_like(scorer.rows, (count, width))
        and is_like(scorer.weights, (answers, count))
        and is_like(scorer.offsets, (answers,))
    )
