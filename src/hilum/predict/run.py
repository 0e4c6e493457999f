"""Answers on a stream of files, which are decoded ahead in threads, answered in batches and returned in order."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hilum.model.reader import Reader
from hilum.predict.found import Found, found_in, rows_on
from hilum.predict.inputs import Input
from hilum.predict.rows import Row, unreadable
from hilum.progress import Advance
from hilum.records.model import ModelRecord
from hilum.slices.frames import Frame
from hilum.slices.pool import reading_threads
from hilum.slices.resize import body_square
from hilum.trust.abstention import Limits

BATCH = 16
_AHEAD = 16  # files decoded ahead
_CHUNK = 4  # frames of one file decoded at a time
_THREADS = min(4, os.cpu_count() or 1)


_Chunk = tuple[list[Found], Iterator[Found] | None]


def answers(
    reader: Reader,
    inputs: Iterable[Input],
    limits: Limits,
    *,
    window: str | None = None,
    batch: int = BATCH,
    naming: Callable[[Input], str] = lambda source: source.name,
    advance: Advance = lambda: None,
) -> Iterator[Row]:
    """Answers on slices, one row per slice, in the order of the files and their frames.

    Only a fixed number of slices is in memory at a time, however many files or frames there are.

    Args:
        reader: The model.
        inputs: The files.
        limits: Limits outside which the model does not answer.
        window: Window for DICOM files, one of `hilum.slices.windows.WINDOWS`; by default that of the training.
        batch: Number of slices that the model reads at once.
        naming: Function that names a file in its rows.
        advance: Function called once per file.
    """
    chosen = window or reader.facts.preparation.window
    pending = deque[Future[_Chunk]]()

    def ready(most: int) -> Iterator[Found]:
        while len(pending) > most:
            squares, rest = pending.popleft().result()
            if rest is None:
                advance()
            else:
                pending.appendleft(pool.submit(_next_chunk, rest))
            yield from squares

    def squares() -> Iterator[Found]:
        for source in inputs:
            pending.append(pool.submit(_next_chunk, _found(source, naming(source), chosen, reader.facts)))
            yield from ready(_AHEAD)
        yield from ready(0)

    with reading_threads(_THREADS) as pool:
        found = squares()
        while waiting := list(islice(found, batch)):
            yield from rows_on(reader, waiting, limits)


def square_of(frame: Frame, facts: ModelRecord) -> NDArray[np.float32]:
    """A frame prepared as in training: cropped to the body if the model asks for it, and resized, `[size, size]`."""
    return body_square(frame.pixels, facts.preparation.size, facts.preparation.interpolation, facts.preparation.crop)


def _found(source: Input, name: str, window: str, facts: ModelRecord) -> Iterator[Found]:
    if source.reason is not None:
        return iter([unreadable(name, source.reason)])
    # The last frame with a row is read once more: if it cannot be read, that is what its row says.
    first = max(0, source.answered - 1)
    found = found_in(Path(source.path), name, partial(square_of, facts=facts), window, first=first)
    return islice(found, source.answered - first, None)


def _next_chunk(squares: Iterator[Found]) -> _Chunk:
    chunk = list(islice(squares, _CHUNK))
    return chunk, squares if len(chunk) == _CHUNK else None
