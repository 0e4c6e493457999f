"""The answer on one slice: which class, or why none."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Decision = Literal["class", "abstain", "outlier", "unreadable"]
DECISIONS: tuple[Decision, ...] = get_args(Decision)
_DECIMALS = 6  # what float32 carries


@dataclass(frozen=True)
class Limits:
    """When a model does not answer.

    Attributes:
        answer: Top probability in `[0, 1]` below which it abstains.
        outlier: Outlier score above which a slice is an outlier.
    """

    answer: float
    outlier: float


@dataclass(frozen=True)
class Row:
    """The answer on one slice.

    Attributes:
        path: The file, as text.
        frame: Counted from 1 in a DICOM file with several; None otherwise.
        decision: `class`, `abstain`, `outlier` or `unreadable`.
        label: The class; None unless the decision is `class`.
        probabilities: Calibrated, by class name; None for an unreadable slice.
        outlier_score: The higher, the less like the training slices; None for an unreadable slice.
        reason: Of the decision.
        series: A salted hash of the DICOM series and its patient, for summaries; written nowhere.
    """

    path: str
    frame: int | None
    decision: Decision
    label: str | None
    probabilities: Mapping[str, float] | None
    outlier_score: float | None
    reason: str
    series: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The row as a JSON line holds it; every number is finite."""
        return {
            "path": self.path,
            "frame": self.frame,
            "decision": self.decision,
            "class": self.label,
            "probabilities": None if self.probabilities is None else dict(self.probabilities),
            "outlier_score": self.outlier_score,
            "reason": self.reason,
        }


def unreadable(path: str, reason: str, frame: int | None = None, series: str | None = None) -> Row:
    """The row of a slice that cannot be read."""
    return Row(path, frame, "unreadable", None, None, None, reason, series)


def decided(
    path: str,
    frame: int | None,
    doubt: str | None,
    probabilities: NDArray[np.float32],
    outlier_score: float,
    classes: Sequence[str],
    limits: Limits,
    series: str | None = None,
) -> Row:
    """Decides on one slice: a doubt comes first, then the outlier score, then the top probability.

    Args:
        path: The file, as text.
        frame: Counted from 1, or None.
        doubt: Why it is no axial CT slice, or None.
        probabilities: Calibrated, `[classes]`.
        outlier_score: The higher, the less like the training slices.
        classes: Their names, in the order of the probabilities.
        limits: Of the model, or as the user chose them.
        series: A salted hash of the DICOM series and its patient, or None.
    """
    if not (np.isfinite(probabilities).all() and math.isfinite(outlier_score)):
        return unreadable(path, "the model's answer on it is no number", frame, series)
    best = int(probabilities.argmax())
    top = float(probabilities[best])
    decision: Decision
    if doubt is not None:
        decision, reason = "outlier", doubt
    elif outlier_score > limits.outlier:
        score, limit = _apart(outlier_score, limits.outlier)
        decision, reason = "outlier", f"unlike the training slices: score {score}, limit {limit}"
    else:
        sure, limit = _apart(top, limits.answer)
        decision = "abstain" if top < limits.answer else "class"
        reason = f"{'not sure' if decision == 'abstain' else 'sure'} enough: {sure}, limit {limit}"
    return Row(
        path,
        frame,
        decision,
        classes[best] if decision == "class" else None,
        {name: round(float(share), _DECIMALS) for name, share in zip(classes, probabilities, strict=True)},
        round(float(outlier_score), _DECIMALS),
        reason,
        series,
    )


def _apart(value: float, limit: float) -> tuple[str, str]:
    """Both with two decimals, or with as many more as it takes to tell them apart."""
    places = (places for places in range(2, _DECIMALS + 1) if f"{value:.{places}f}" != f"{limit:.{places}f}")
    decimals = next(places, 2)
    return f"{value:.{decimals}f}", f"{limit:.{decimals}f}"
