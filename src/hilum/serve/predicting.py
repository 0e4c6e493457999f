"""Answers on uploads: the same rows as `hilum predict`, in the order of the files and their frames."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import numpy as np

from hilum.predict.rows import Row, Square, unreadable
from hilum.predict.run import BATCH
from hilum.predict.series import Tally
from hilum.processes import Message
from hilum.records.model import ModelRecord
from hilum.serve.batches import BatchedReader
from hilum.serve.decoders import Decoders
from hilum.serve.forms import Upload
from hilum.serve.problems import Problem
from hilum.slices.read import UnreadableSlice

_AHEAD = BATCH  # files of a request that are worked on at a time


@dataclass(frozen=True)
class Answered:
    """A row with what the page shows beside it: where the slice lies in mm, and a small picture of it."""

    row: Row
    position: float | None = None
    thumbnail: str | None = None


async def predict(
    uploads: Sequence[Upload],
    window: str,
    facts: ModelRecord,
    reader: BatchedReader,
    decoders: Decoders,
    most: int,
    count: Callable[[str], None] = lambda decision: None,
) -> dict[str, Any]:
    """Reads uploads with a model.

    Args:
        uploads: The files.
        window: For DICOM, one of `hilum.slices.windows.WINDOWS`.
        facts: Of the model.
        reader: The model.
        decoders: What decodes.
        most: Slices that are answered.
        count: Called with each decision.

    Returns:
        `rows`, `series`, `row_series`, `positions` and `thumbnails`, as `POST /api/predict` gives them.

    Raises:
        Problem: The files have more slices than `most` (413).
    """
    room, slices = asyncio.Semaphore(_AHEAD), 0

    def counted(more: int) -> None:
        nonlocal slices
        slices += more
        if slices > most:
            raise Problem(413, f"A request may have {most:,} slices. Send fewer files at a time.")

    async def answers(upload: Upload) -> list[Answered]:
        async with room:
            return await _answers(upload, window, facts, reader, decoders, counted)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(answers(upload)) for upload in uploads]
    except BaseExceptionGroup as group:  # the first says it
        raise group.exceptions[0] from group
    answered = [one for task in tasks for one in task.result()]
    tally = Tally(facts.classes)
    for one in answered:
        tally.add(one.row)
        count(one.row.decision)
    return {
        "rows": [one.row.as_json() for one in answered],
        "series": [summary.as_json() for summary in tally.summaries()],
        "row_series": [one.row.series for one in answered],
        "positions": [one.position for one in answered],
        "thumbnails": [one.thumbnail for one in answered],
    }


def squares_job(name: str, facts: ModelRecord, window: str, **more: object) -> dict[str, Any]:
    """A job of `hilum.serve.jobs` that asks for slices as a model takes them."""
    preparation = facts.preparation.model_dump(include={"size", "interpolation", "crop"})
    return {"job": name, "window": window, **preparation, **more}


async def _answers(
    upload: Upload,
    window: str,
    facts: ModelRecord,
    reader: BatchedReader,
    decoders: Decoders,
    counted: Callable[[int], None],
) -> list[Answered]:
    answered = list[Answered]()
    try:
        job = squares_job("squares", facts, window, first=0)
        async with aclosing(decoders.messages(job, upload.data)) as messages:
            while (message := await _next(messages, reader)) is not None:
                fields, blob = message
                frames = fields["frames"]
                counted(len(frames))
                squares = np.frombuffer(blob, np.float32).reshape(
                    len(frames), facts.preparation.size, facts.preparation.size
                )
                thumbnails = [frame.pop("thumbnail") for frame in frames]
                taken = [Square(upload.name, grey, **frame) for grey, frame in zip(squares, frames, strict=True)]
                answers = await asyncio.gather(*map(reader.answer, taken))
                for (row, _), square, thumbnail in zip(answers, taken, thumbnails, strict=True):
                    answered.append(Answered(row, square.position, thumbnail))
    except UnreadableSlice as error:
        last = answered[-1].row if answered else None
        number = None if last is None or last.frame is None else last.frame + 1
        row = unreadable(upload.name, str(error), number, None if last is None else last.series)
        answered.append(Answered(row))
    return answered


async def _next(messages: AsyncIterator[Message], reader: BatchedReader) -> Message | None:
    with reader.coming():
        return await anext(messages, None)
