"""What is found in the file of an input: slices as the model takes them, or a row that says why there are none."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hilum.model.reader import Reader
from hilum.predict.rows import Row, Square, answer, frame_facts, unreadable
from hilum.slices.frames import Frame, read_frames
from hilum.slices.read import UnreadableSlice
from hilum.trust.abstention import Limits

Found = Square | Row  # a frame as the model takes it, or the row that says why there is none


def found_in(
    source: Path | bytes,
    name: str,
    prepare: Callable[[Frame], NDArray[np.float32]],
    window: str,
    *,
    first: int = 0,
    salt: bytes | None = None,
) -> Iterator[Found]:
    """The frames of a file, one at a time; if one cannot be read, its row is the last.

    Args:
        source: The file, or its bytes.
        name: Path as rows name it.
        prepare: Function that makes the model's input `[size, size]` of a frame.
        window: Window for DICOM files, as `read_frames` takes it.
        first: Number of the first frame, counted from 0.
        salt: Salt of the hashes of series; by default that of this user on this machine.
    """
    number, series = first + 1 if first else None, None
    try:
        for frame in read_frames(source, window, first, salt=salt):
            yield Square(name, prepare(frame), **frame_facts(frame))
            number, series = None if frame.number is None else frame.number + 1, frame.scan
    except UnreadableSlice as error:
        reason = str(error)
    except Exception as error:  # one odd file must not stop the others
        reason = f"it cannot be read ({type(error).__name__})"
    else:
        return
    yield unreadable(name, reason, number, series)


def rows_on(reader: Reader, found: Sequence[Found], limits: Limits) -> Iterator[Row]:
    """One row for each of what was found, in order; the model answers on all slices at once."""
    squares = [one for one in found if isinstance(one, Square)]
    answered = iter(answer(reader, squares, limits)[0] if squares else ())
    for one in found:
        yield one if isinstance(one, Row) else next(answered)
