"""Parts of a shard, the pieces of work of a job: read anywhere, answered by a worker, done again without harm."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hilum.cluster.buckets import content, in_bucket
from hilum.model.reader import Reader
from hilum.predict.found import Found, found_in, rows_on
from hilum.predict.rows import Row, Square, unreadable
from hilum.predict.run import BATCH
from hilum.slices.frames import Frame
from hilum.slices.pool import may_be_read_later
from hilum.slices.read import UnreadableSlice
from hilum.slices.resize import body_square
from hilum.trust.abstention import Limits

INPUTS = 32  # most inputs of a part
SLICES = 32  # most slices of a part


@dataclass(frozen=True)
class Listed:
    """An input as a job lists it.

    Attributes:
        path: Path that any machine can open: absolute, or an address such as `s3://bucket/slice.png`.
        name: Path as rows name it.
        reason: Reason why the input cannot be read, if known without opening it.
    """

    path: str
    name: str
    reason: str | None = None


@dataclass(frozen=True)
class Part:
    """Consecutive inputs of a shard.

    Attributes:
        shard: Number of the shard.
        order: Place of the first input in the shard, counted from 0.
        inputs: The inputs, at most `INPUTS`.
        begin: Number of frames of the first input that are already answered.
    """

    shard: int
    order: int
    inputs: tuple[Listed, ...]
    begin: int = 0


@dataclass(frozen=True)
class PartSettings:
    """How the parts of a job are read and answered.

    Attributes:
        size: Side of the model's input in pixels.
        interpolation: Interpolation of resizing.
        crop: Whether slices are cropped to the body.
        window: Window for DICOM files.
        limits: Limits outside which the model does not answer.
        salt: Salt of the hashes of DICOM patients and series, the same on all machines.
    """

    size: int
    interpolation: str
    crop: bool
    window: str
    limits: Limits
    salt: bytes


@dataclass(frozen=True)
class Read:
    """A part that was read.

    Attributes:
        found: Slices as the model takes them, or rows that say why there are none; at most `SLICES`.
        rest: What is left of the part, or None.
    """

    found: tuple[Square | Row, ...]
    rest: Part | None


@dataclass(frozen=True)
class Answered:
    """A part that was answered.

    Attributes:
        rows: One row per slice, in order.
        rest: What is left of the part, or None.
    """

    rows: tuple[Row, ...]
    rest: Part | None


def read_part(part: Part, settings: PartSettings, most: int = SLICES) -> Read:
    """Reads, decodes, crops and resizes the slices of a part, hostile files in guarded processes.

    Args:
        part: The part.
        settings: How slices are read and answered.
        most: Largest number of slices.
    """
    found = list[Found]()
    for place, source in enumerate(part.inputs):
        if len(found) >= most:
            return Read(tuple(found), _left(part, place, 0))
        begin = 0 if place else part.begin
        pieces = list(islice(_found(source, settings, begin), most - len(found)))
        found += pieces
        last = pieces[-1] if pieces else None
        if isinstance(last, Square) and last.number is not None and len(found) >= most:  # there may be more frames
            return Read(tuple(found), _left(part, place, begin + len(pieces)))
    return Read(tuple(found), None)


def answer_part(reader: Reader, read: Read, limits: Limits) -> Answered:
    """Answers on what was read."""
    batches = (read.found[first : first + BATCH] for first in range(0, len(read.found), BATCH))
    return Answered(tuple(row for batch in batches for row in rows_on(reader, batch, limits)), read.rest)


def parts_of(shard: int, inputs: Sequence[Listed], most: int = INPUTS) -> list[Part]:
    """The parts of a shard, in order, of at most so many inputs."""
    return [Part(shard, first, tuple(inputs[first : first + most])) for first in range(0, len(inputs), most)]


def _left(part: Part, place: int, begin: int) -> Part:
    return Part(part.shard, part.order + place, part.inputs[place:], begin)


def _found(source: Listed, settings: PartSettings, begin: int) -> Iterator[Found]:
    """What is in a file from a frame on; where the machine was at fault, a second try goes on."""
    given = 0
    for found in _tried(source, settings, begin):
        if isinstance(found, Row) and may_be_read_later(found.reason):
            yield from _tried(source, settings, begin + given)
        else:
            yield found
            given += 1


def _tried(source: Listed, settings: PartSettings, begin: int) -> Iterator[Found]:
    if source.reason is not None:
        yield unreadable(source.name, source.reason)
        return
    try:
        file = content(source.path) if in_bucket(source.path) else Path(source.path)
    except UnreadableSlice as error:
        yield unreadable(source.name, str(error), begin + 1 if begin else None)
        return

    def prepare(frame: Frame) -> NDArray[np.float32]:
        return body_square(frame.pixels, settings.size, settings.interpolation, settings.crop)

    # The last answered frame is read once more: only so is it known whether the file has further ones.
    first = max(0, begin - 1)
    pieces = found_in(file, source.name, prepare, settings.window, first=first, salt=settings.salt)
    if begin and isinstance(again := next(pieces), Row):
        yield replace(again, frame=begin + 1)
    yield from pieces
