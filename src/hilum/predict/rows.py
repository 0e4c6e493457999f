"""The answer on one slice: which class, or why none. Whatever answers makes its rows here."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from hilum.model.reader import Reader, Reading
from hilum.records.model import ModelRecord
from hilum.slices.frames import Frame

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

    @classmethod
    def of(cls, facts: ModelRecord) -> Self:
        """The model's own."""
        return cls(facts.thresholds.answer, facts.thresholds.outlier)


@dataclass(frozen=True)
class Square:
    """A slice as a model takes it.

    Attributes:
        path: The file, as text.
        grey: Grey levels, float32 `[size, size]` in `[0, 1]`.
        number: Frame number (1-based) in a DICOM file with several; None otherwise.
        doubt: Why it is no axial CT slice, or None.
        series: A salted hash of the DICOM series and its patient, or None.
        position: Place along the normal of the slice in mm, or None.
    """

    path: str
    grey: NDArray[np.float32]
    number: int | None = None
    doubt: str | None = None
    series: str | None = None
    position: float | None = None


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
    label: Annotated[str | None, Field(alias="class")]
    probabilities: Mapping[str, float] | None
    outlier_score: float | None
    reason: str
    series: str | None = None
    __pydantic_config__: ClassVar = ConfigDict(allow_inf_nan=False)

    def as_json(self) -> dict[str, Any]:
        """The row as a JSON line holds it; every number is finite."""
        return {name: value for name, value in as_written(vars(self)).items() if name != "series"}


def as_written(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields by the names that they are written under: `label` as `class`, which Python keeps for itself."""
    return {"class" if name == "label" else name: value for name, value in fields.items()}


WRITTEN = tuple(as_written({field.name: None for field in fields(Row) if field.name != "series"}))
"""Written names of a row's fields, in the order of `Row`."""


def frame_facts(frame: Frame) -> dict[str, Any]:
    """What an answer takes from a frame beside its pixels: fields of a `Square`."""
    return {"number": frame.number, "doubt": frame.doubt, "series": frame.scan, "position": frame.position}


def unreadable(path: str, reason: str, frame: int | None = None, series: str | None = None) -> Row:
    """The row of a slice that cannot be read."""
    return Row(path, frame, "unreadable", None, None, None, reason, series)


def answer(reader: Reader, squares: Sequence[Square], limits: Limits) -> tuple[list[Row], Reading]:
    """Reads slices with a model, all at once.

    Args:
        reader: The model.
        squares: The slices, at least one.
        limits: The model's own, or as the user chose them.

    Returns:
        A row a slice, and the reading that the rows stand on.
    """
    reading = reader.read(np.stack([square.grey for square in squares]))
    return rows_of(reading, squares, reader.facts.classes, limits), reading


def rows_of(reading: Reading, squares: Sequence[Square], classes: Sequence[str], limits: Limits) -> list[Row]:
    """The rows of slices that were read, as `answer` gives them."""
    answers = zip(squares, reading.probabilities, reading.outlier_scores, strict=True)
    return [decided(square, shares, float(score), classes, limits) for square, shares, score in answers]


def decided(
    square: Square, probabilities: NDArray[np.float32], outlier_score: float, classes: Sequence[str], limits: Limits
) -> Row:
    """Decides on one slice: a doubt comes first, then the outlier score, then the top probability.

    Args:
        square: The slice.
        probabilities: Calibrated, `[classes]`.
        outlier_score: The higher, the less like the training slices.
        classes: Their names, in the order of the probabilities.
        limits: The model's own, or as the user chose them.
    """
    if not (np.isfinite(probabilities).all() and math.isfinite(outlier_score)):
        return unreadable(square.path, "the model's answer on it is no number", square.number, square.series)
    best = int(probabilities.argmax())
    top = float(probabilities[best])
    decision: Decision
    if square.doubt is not None:
        decision, reason = "outlier", square.doubt
    elif outlier_score > limits.outlier:
        score, limit = _apart(outlier_score, limits.outlier)
        decision, reason = "outlier", f"unlike the training slices: score {score}, limit {limit}"
    else:
        sure, limit = _apart(top, limits.answer)
        decision = "abstain" if top < limits.answer else "class"
        reason = f"{'not sure' if decision == 'abstain' else 'sure'} enough: {sure}, limit {limit}"
    return Row(
        square.path,
        square.number,
        decision,
        classes[best] if decision == "class" else None,
        {name: round(float(share), _DECIMALS) for name, share in zip(classes, probabilities, strict=True)},
        round(float(outlier_score), _DECIMALS),
        reason,
        square.series,
    )


def _apart(value: float, limit: float) -> tuple[str, str]:
    """Both with two decimals, or with as many more as it takes to tell them apart."""
    places = (places for places in range(2, _DECIMALS + 1) if f"{value:.{places}f}" != f"{limit:.{places}f}")
    decimals = next(places, 2)
    return f"{value:.{decimals}f}", f"{limit:.{decimals}f}"
