"""Why a model answered as it did on one slice: its activation map and its nearest training slices beside the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.explain.placing import seen_box
from hilum.model.reader import Reader, Reading
from hilum.predict.inputs import Input
from hilum.predict.rows import Limits, Row, Square, answer, frame_facts
from hilum.predict.run import square_of
from hilum.records.model import ModelRecord
from hilum.slices.body import Box
from hilum.slices.frames import Frame, read_frame
from hilum.slices.read import UnreadableSlice

LINEAR = "linear"
METHODS = (
    LINEAR,
    *("gradcam", "gradcam++", "gradcamelementwise", "hirescam", "layercam", "xgradcam", "scorecam"),
)
_DECIMALS = 6  # what float32 carries

Mapper = Callable[[NDArray[np.float32], int], NDArray[np.float32]]
"""From a grey square `[size, size]` and the number of a class to a map `[h, w]`."""


@dataclass(frozen=True)
class ActivationMap:
    """What the places of a slice add to the score of one class.

    Attributes:
        method: One of `METHODS`.
        label: The class.
        box: The part of the slice that the map covers, in pixels: what the model saw.
        values: float32 `[h, w]`. Of `linear`, their mean and the class's offset add up to its logit, and what is
            negative speaks against the class; other methods give `[0, 1]`.
    """

    method: str
    label: str
    box: Box
    values: NDArray[np.float32]


@dataclass(frozen=True)
class Neighbour:
    """A training slice near the one explained: path below the training folder, label, SHA-256, feature distance."""

    path: str
    label: str
    content: str
    distance: float


@dataclass(frozen=True)
class Explanation:
    """An answer with its reasons.

    Attributes:
        row: The answer, as `hilum predict` gives it.
        pixels: The slice, grey levels `[height, width]` in `[0, 1]`.
        map: Of the class with the highest probability, also where that is not the decision.
        neighbours: The nearest training slices, nearest first.
        prediction_set: Classes that are not unlikely, by how held-out slices scored; None where the model has no limit.
    """

    row: Row
    pixels: NDArray[np.float32]
    map: ActivationMap
    neighbours: tuple[Neighbour, ...]
    prediction_set: tuple[str, ...] | None = None

    def as_json(self) -> dict[str, Any]:
        """The row as `hilum predict` writes it, with `map` and `neighbours`; every number is finite."""
        drawn = self.map
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
            "neighbours": [vars(one) for one in self.neighbours],
        }


def check_method(method: str, model: Path) -> None:
    """Sees that a kind of map is known, and that this form of a model can make it.

    Raises:
        HilumError: It is not, or cannot.
    """
    if method not in METHODS:
        raise HilumError(f"There is no method {method!r}; --method takes {', '.join(METHODS)}.")
    if method != LINEAR and not model.is_dir():
        raise HilumError(
            f"{method} needs the network itself, and an exported file holds only its answers. "
            f"Give the model folder, or use --method {LINEAR}."
        )


def frame_of(path: Path, window: str, number: int | None = None) -> Frame:
    """One picture of a file; of several, the first unless `number`, counted from 1, says another.

    Raises:
        HilumError: The file cannot be read, or has no such frame.
    """
    name = Input(str(path)).name
    if number is not None and number < 1:
        raise HilumError(f"Frames are counted from 1; --frame {number} is none.")
    try:
        first = read_frame(path, None, window)
        if number is None or number == 1:
            return first
        if first.number is None:
            raise HilumError(f"{name} has one frame only. Leave out --frame.")
        return read_frame(path, number, window)
    except UnreadableSlice as error:
        raise HilumError(f"{name} cannot be explained: {error}.") from error


def explain(
    reader: Reader, frame: Frame, path: str, limits: Limits, method: str = LINEAR, mapper: Mapper | None = None
) -> Explanation:
    """Answers on one picture and says why.

    Args:
        reader: The model.
        frame: The picture.
        path: What the answer calls the file.
        limits: When not to answer.
        method: What the map is called, one of `METHODS`.
        mapper: Makes the map; None takes the linear head's, which comes with every answer.

    Raises:
        HilumError: The model's answer is no number.
    """
    facts, square = reader.facts, square_of(frame, reader.facts)
    (row,), reading = answer(reader, [Square(path, square, **frame_facts(frame))], limits)
    if row.decision == "unreadable":
        raise HilumError(f"{path} cannot be explained: {row.reason}.")
    best = int(reading.probabilities[0].argmax())
    values = reading.maps[0, best] if mapper is None else mapper(square, best)
    box = seen_box(frame.pixels, facts.preparation.crop)
    least = facts.thresholds.set
    shares = zip(facts.classes, reading.probabilities[0], strict=True)
    likely = None if least is None else tuple(name for name, share in shares if share >= least)
    drawn = ActivationMap(method, facts.classes[best], box, values)
    return Explanation(row, frame.pixels, drawn, neighbours_of(reading, facts), likely)


def neighbours_of(reading: Reading, facts: ModelRecord) -> tuple[Neighbour, ...]:
    """The training slices nearest to the first slice of a reading, nearest first."""
    near = zip(reading.neighbours[0], reading.distances[0], strict=True)
    found = ((facts.index[place], round(float(distance), _DECIMALS)) for place, distance in near)
    return tuple(Neighbour(one.path, one.label, one.content, distance) for one, distance in found)
