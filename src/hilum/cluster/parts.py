"""Parts of a shard, the pieces of work of a job: a part is read anywhere, answered by a worker, and may be done again."""

from collections.abc import Sequence
from dataclasses import dataclass

from hilum.model.reader import Reader
from hilum.predict.rows import Row, Square
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
        order: Place among the parts of the shard. What is left of a part has its place and a later `begin`.
        inputs: The inputs, at most `INPUTS`.
        begin: Number of frames of the first input that are already answered.
    """

    shard: int
    order: int
    inputs: tuple[Listed, ...]
    begin: int = 0


@dataclass(frozen=True)
class How:
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


def read_part(part: Part, how: How) -> Read:
    """Reads, decodes, crops and resizes the slices of a part, hostile files in guarded processes."""
    raise NotImplementedError


def answer_part(reader: Reader, read: Read, limits: Limits) -> Answered:
    """Answers on what was read."""
    raise NotImplementedError


def parts_of(shard: int, inputs: Sequence[Listed]) -> list[Part]:
    """The parts of a shard, in order."""
    return [
        Part(shard, order, tuple(inputs[first : first + INPUTS]))
        for order, first in enumerate(range(0, len(inputs), INPUTS))
    ]
