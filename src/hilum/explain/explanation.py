"""What explains a prediction on one slice: the activation map and the nearest training slices."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.explain.evidence import Evidence, evidence_of, regions_of
from hilum.explain.methods import default_method, warning_of
from hilum.explain.placing import seen_box
from hilum.model.reader import Reader, Reading
from hilum.predict.inputs import Input
from hilum.predict.rows import Row, Square, answer, frame_facts
from hilum.predict.run import square_of
from hilum.records.model import ModelRecord
from hilum.slices.body import Box
from hilum.slices.frames import Frame, read_frame
from hilum.slices.read import UnreadableSlice
from hilum.trust.abstention import Limits

_DECIMALS = 6  # precision of float32

Mapper = Callable[[NDArray[np.float32], int], NDArray[np.float32]]
"""Function from a grey square `[size, size]` and a class index to a map `[h, w]`."""


@dataclass(frozen=True)
class ActivationMap:
    """The contribution of each place in a slice to the score of one class.

    Attributes:
        method: One of `hilum.explain.methods.METHODS`.
        label: Name of the class.
        box: Part of the slice that the map covers and the model saw, in pixels.
        values: Map, float32 `[h, w]`. For `linear`, the mean plus the offset of the class is its logit, and negative
            values are evidence against the class. Other methods give values in `[0, 1]`. They are as the method gave
            them, not cut to the body.
        evidence: The map as it is drawn, cut to the body, and where its positive part lies.
    """

    method: str
    label: str
    box: Box
    values: NDArray[np.float32]
    evidence: Evidence


@dataclass(frozen=True)
class Neighbour:
    """A training slice near the explained slice.

    Attributes:
        path: Path in the training folder.
        label: Name of the class.
        content: SHA-256 of the content.
        distance: Distance of the features.
    """

    path: str
    label: str
    content: str
    distance: float


@dataclass(frozen=True)
class Explained:
    """A prediction with its explanation.

    Attributes:
        row: Prediction, as a row of `hilum predict`.
        pixels: Slice, grey levels `[height, width]` in `[0, 1]`.
        map: Map of the class with the highest probability, even if the model abstains.
        neighbours: Nearest training slices, in order of distance.
        prediction_set: Conformal set of classes, or None if the model has no limit for it.
    """

    row: Row
    pixels: NDArray[np.float32]
    map: ActivationMap
    neighbours: tuple[Neighbour, ...]
    prediction_set: tuple[str, ...] | None = None

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences about where the map's evidence lies, and about the method if it did not pass its trials."""
        warning = warning_of(self.map.method)
        return (*self.map.evidence.remarks, *([warning] if warning else []))

    def as_json(self) -> dict[str, Any]:
        """The row of `hilum predict` with what explains it. All numbers are finite.

        Example:
            >>> explanation.as_json()["map"]["shape"]
            [14, 14]
        """
        drawn, outside = self.map, self.map.evidence.outside_lungs
        return {
            **self.row.as_json(),
            "prediction_set": None if self.prediction_set is None else list(self.prediction_set),
            "map": {
                "method": drawn.method,
                "class": drawn.label,
                "box": list(drawn.box),
                "shape": list(drawn.values.shape),
                "values": [[round(float(value), _DECIMALS) for value in line] for line in drawn.values],
            },
            "outside_lungs": None if outside is None else round(outside, _DECIMALS),
            "remarks": list(self.remarks),
            "neighbours": [vars(one) for one in self.neighbours],
        }


def frame_of(path: Path, window: str, number: int | None = None) -> Frame:
    """One frame of a file.

    Args:
        path: File to read.
        window: Window for DICOM, one of `hilum.slices.windows.WINDOWS`.
        number: Frame number (1-based), or None for the first.

    Raises:
        HilumError: The file cannot be read, or does not have the frame.
    """
    name = Input(str(path)).name
    if number is not None and number < 1:
        raise HilumError(f"Frames are counted from 1, so --frame cannot be {number}.")
    try:
        first = read_frame(path, None, window)
        if number is None or number == 1:
            return first
        if first.number is None:
            raise HilumError(f"{name} has only one frame. Leave out --frame.")
        return read_frame(path, number, window)
    except UnreadableSlice as error:
        raise HilumError(f"{name} cannot be explained: {error}.") from error


def explain(
    reader: Reader,
    frame: Frame,
    path: str,
    limits: Limits,
    method: str | None = None,
    mapper: Mapper | None = None,
) -> Explained:
    """Predicts one frame and explains the prediction.

    Args:
        reader: Model to explain.
        frame: Frame to explain.
        path: Name of the file in the row.
        limits: Thresholds for abstaining.
        method: Name of the method, one of `hilum.explain.methods.METHODS`, or None for that of the model's own map.
        mapper: Function that makes the map, or None for the model's own map, which the reading contains.

    Raises:
        HilumError: The model's answer is not a number.
    """
    facts, square = reader.facts, square_of(frame, reader.facts)
    (row,), reading = answer(reader, [Square(path, square, **frame_facts(frame))], limits)
    if row.decision == "unreadable":
        raise HilumError(f"{path} cannot be explained: {row.reason}.")
    best = int(reading.probabilities[0].argmax())
    label = facts.classes[best]
    values = reading.maps[0, best] if mapper is None else mapper(square, best)
    likely = facts.prediction_set(reading.probabilities[0])
    drawn = ActivationMap(
        method or default_method(facts),
        label,
        seen_box(frame.pixels, facts.preparation.crop),
        values,
        evidence_of(values, regions_of(square), label),
    )
    return Explained(row, frame.pixels, drawn, neighbours_of(reading, facts), likely)


def neighbours_of(reading: Reading, facts: ModelRecord) -> tuple[Neighbour, ...]:
    """The training slices nearest to the first slice of a reading, nearest first."""
    near = zip(reading.neighbours[0], reading.distances[0], strict=True)
    found = ((facts.index[place], round(float(distance), _DECIMALS)) for place, distance in near)
    return tuple(Neighbour(one.path, one.label, one.content, distance) for one, distance in found)
