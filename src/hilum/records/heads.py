"""What a trained head chose, as records keep it."""

from typing import Literal

from hilum.records.base import Record


class ChosenScorer(Record):
    """The settings that one scorer of a head chose for itself.

    Attributes:
        question: What it was asked: `class`, or for a hierarchical head `cancer` or `type`.
        kind: `linear` or `kernel`.
        strength: Inverse penalty: C of a logistic regression, 1 over the penalty of a kernel machine.
        gamma: Width of the kernel; None for a linear scorer.
        at_edge: Whether the strength is the last one that was tried, so that a better one may lie beyond.
    """

    question: str
    kind: Literal["linear", "kernel"]
    strength: float
    gamma: float | None = None
    at_edge: bool = False
