"""The answer on one slice: its class, or why it has none. Every caller makes its rows here."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from hilum.model.reader import Reader, Reading
from hilum.slices.frames import Frame
from hilum.trust.abstention import Decision, Limits, decide

_DECIMALS = 6  # what float32 carries


@dataclass(frozen=True)
class Square:
    """A slice, prepared for a model.

    Attributes:
        path: Path of the file, as text.
        grey: Grey levels, float32 `[size, size]` in `[0, 1]`.
        number: Frame number (1-based) in a multi-frame DICOM file, or None.
        doubt: Reason to think that this is not an axial CT slice, or None.
        series: Salted hash of the DICOM series and its patient, or None.
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
        path: Path of the file, as text.
        frame: Frame number (1-based) in a multi-frame DICOM file, or None.
        decision: `class`, `abstain`, `outlier` or `unreadable`.
        label: Name of the class, or None unless the decision is `class`.
        probabilities: Calibrated probabilities by class name, or None for an unreadable slice.
        outlier_score: Distance from the training slices (higher is less alike), or None for an unreadable slice.
        reason: Reason for the decision.
        series: Salted hash of the DICOM series and its patient, for summaries; never written.
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
        """The row as a JSON object; every number is finite."""
        return {name: value for name, value in as_written(vars(self)).items() if name != "series"}


def as_written(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields under their written names: `label` becomes `class`, which is a keyword in Python."""
    return {"class" if name == "label" else name: value for name, value in fields.items()}


WRITTEN = tuple(as_written({field.name: None for field in fields(Row) if field.name != "series"}))
"""Written names of a row's fields, in the order of `Row`."""


def frame_facts(frame: Frame) -> dict[str, Any]:
    """The facts of a frame that an answer needs, as fields of a `Square`."""
    return {"number": frame.number, "doubt": frame.doubt, "series": frame.scan, "position": frame.position}


def unreadable(path: str, reason: str, frame: int | None = None, series: str | None = None) -> Row:
    """The row of a slice that cannot be read."""
    return Row(path, frame, "unreadable", None, None, None, reason, series)


def answer(reader: Reader, squares: Sequence[Square], limits: Limits) -> tuple[list[Row], Reading]:
    """Answers on slices, all at once.

    Args:
        reader: The model.
        squares: The slices, at least one.
        limits: Limits of the model or of the user.

    Returns:
        One row per slice, and the reading behind the rows.
    """
    reading = reader.read(np.stack([square.grey for square in squares]))
    return rows_of(reading, squares, reader.facts.classes, limits), reading


def rows_of(reading: Reading, squares: Sequence[Square], classes: Sequence[str], limits: Limits) -> list[Row]:
    """One row per slice, from a reading of the slices."""
    answers = zip(squares, reading.probabilities, reading.outlier_scores, strict=True)
    return [decided(square, shares, float(score), classes, limits) for square, shares, score in answers]


def decided(
    square: Square, probabilities: NDArray[np.float32], outlier_score: float, classes: Sequence[str], limits: Limits
) -> Row:
    """Decides on one slice: a doubt comes first, then the outlier score, then the top probability.

    Args:
        square: The slice.
        probabilities: Calibrated probabilities, `[classes]`.
        outlier_score: Distance from the training slices; higher is less alike.
        classes: Class names, in the order of the probabilities.
        limits: Limits of the model or of the user.
    """
    if not (np.isfinite(probabilities).all() and math.isfinite(outlier_score)):
        return unreadable(square.path, "the model's answer on it is not a number", square.number, square.series)
    best = int(probabilities.argmax())
    top = float(probabilities[best])
    decision, reason = decide(top, outlier_score, square.doubt, limits)
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
