"""Predictions on uploads: the rows of `hilum predict`, in the order of the files and their frames."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Any

from hilum.predict.rows import Row, unreadable
from hilum.predict.run import BATCH
from hilum.predict.series import Tally
from hilum.serve.forms import Upload
from hilum.serve.problems import Problem
from hilum.serve.served import Served
from hilum.slices.read import UnreadableSlice

_AHEAD = BATCH  # files of a request that are processed at a time

_Answered = tuple[Row, float | None, str | None]
"""A row, the position of its slice in mm, and a small picture of the slice."""


async def predict(served: Served, uploads: Sequence[Upload], window: str) -> dict[str, Any]:
    """Predicts uploads with a model.

    Args:
        served: Model to use.
        uploads: Files to predict.
        window: Window for DICOM, one of `hilum.slices.windows.WINDOWS`.

    Returns:
        `rows`, `series`, `row_series`, `positions` and `thumbnails`, the answer of `POST /api/predict`.

    Raises:
        Problem: The files have too many slices (413).
    """
    room, n_slices, most = asyncio.Semaphore(_AHEAD), 0, served.settings.caps.n_slices

    def counted(more: int) -> None:
        nonlocal n_slices
        n_slices += more
        if n_slices > most:
            raise Problem(413, f"A request may have at most {most:,} slices. Send fewer files at a time.")

    async def answers(upload: Upload) -> list[_Answered]:
        async with room:
            return await _answers(served, upload, window, counted)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(answers(upload)) for upload in uploads]
    except BaseExceptionGroup as group:  # report the first error
        raise group.exceptions[0] from group
    rows, positions, thumbnails = zip(*(one for task in tasks for one in task.result()), strict=True)
    tally = Tally(served.facts.classes)
    for row in rows:
        tally.add(row)
        served.meters.slices.labels(row.decision).inc()
    return {
        "rows": [row.as_json() for row in rows],
        "series": [summary.as_json() for summary in tally.summaries()],
        "row_series": [row.series for row in rows],
        "positions": positions,
        "thumbnails": thumbnails,
    }


async def _answers(served: Served, upload: Upload, window: str, counted: Callable[[int], None]) -> list[_Answered]:
    answered = list[_Answered]()
    try:
        async with aclosing(served.squares("squares", upload, window, first=0)) as chunks:
            async for fields, squares in chunks:
                counted(len(squares))
                answers = await asyncio.gather(*map(served.reader.answer, squares))
                for (row, _), square, thumbnail in zip(answers, squares, fields["thumbnails"], strict=True):
                    answered.append((row, square.position, thumbnail))
    except UnreadableSlice as error:
        last = answered[-1][0] if answered else None
        number = None if last is None or last.frame is None else last.frame + 1
        row = unreadable(upload.name, str(error), number, None if last is None else last.series)
        answered.append((row, None, None))
    return answered
