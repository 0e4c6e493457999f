"""The routes of runs: their list, records, slices and reports."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from hilum.serve import schemas
from hilum.serve.drawing import LARGEST
from hilum.serve.problems import Problem
from hilum.serve.response import Answer
from hilum.serve.runs import METRICS, REPORT, Run, find_runs, history_rows, prediction_rows
from hilum.serve.serving import Serving
from hilum.slices.frames import frame_below
from hilum.slices.read import UnreadableSlice, read_bytes

SHOWN = 200  # slices per answer
_SIDE = 192  # pixels on the longer side of their pictures, enough to look at
_AT_A_TIME = 4  # files in memory
# A report may come from elsewhere, so it may draw and nothing else.
REPORT_POLICY = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)


def run_routes(serving: Serving) -> APIRouter:
    """Creates the routes of runs."""
    router, folder, slices_folder = APIRouter(tags=["runs"]), serving.settings.runs, serving.settings.slices_folder
    room = asyncio.Semaphore(_AT_A_TIME)

    async def picture(path: str, side: int) -> str | None:
        """A picture of a slice, or None if it is not in the slices folder or cannot be read."""
        if slices_folder is None:
            return None
        try:
            async with room:  # a file is read completely before it is decoded
                if (found := await asyncio.to_thread(frame_below, slices_folder, path)) is None:
                    return None
                data = await asyncio.to_thread(read_bytes, found[0])
                job = {"job": "thumbnail", "window": "auto", "frame": found[1], "side": side}
                async with aclosing(serving.decoders.messages(job, data)) as messages:
                    return str((await anext(messages))[0]["thumbnail"])
        except (UnreadableSlice, OSError, ValueError):
            return None

    @router.get("/api/runs", response_model=schemas.Runs)
    async def runs() -> Answer:
        """The comparisons and evaluations in the folder of runs, newest first."""
        if folder is None:
            raise Problem(404, "This server was started without --runs, so it has no runs.")
        found = await asyncio.to_thread(find_runs, folder)
        return Answer(schemas.Runs(runs=[run.as_answer() for run in found.values()]))

    @router.get("/api/runs/{name}", response_model=schemas.RunRecord)
    async def run(name: str) -> Response:
        """The record of a run, its metrics.json."""
        return Response(_whole((await _found(folder, name)).file(METRICS)), media_type="application/json")

    @router.get("/api/runs/{name}/history", response_model=list[schemas.Step])
    async def history(name: str) -> Answer:
        """The learning curves of a run, the rows of its history.csv."""
        return Answer(await asyncio.to_thread(history_rows, await _found(folder, name)))

    @router.get("/api/runs/{name}/predictions", response_model=schemas.Predictions)
    async def predictions(
        name: str, model: str | None = None, label: str | None = None, predicted: str | None = None
    ) -> Answer:
        """The slices in a cell of a confusion matrix, with pictures if the server has --slices."""
        found = await _found(folder, name)
        rows = await asyncio.to_thread(lambda: sorted(prediction_rows(found, model, label, predicted), key=_surest))
        places = [row["path"] for row in rows[:SHOWN]]
        pictures = await asyncio.gather(*(picture(path, _SIDE) for path in places))
        shown = [{**row, "thumbnail": picture} for row, picture in zip(rows, pictures, strict=False)]
        return Answer({"rows": shown, "total": len(rows)})

    @router.get("/api/runs/{name}/slice", response_model=schemas.Slice)
    async def one_slice(name: str, path: str) -> Answer:
        """A slice of a confusion matrix in full size, if the server has --slices."""
        found = await _found(folder, name)
        known = await asyncio.to_thread(lambda: any(row["path"] == path for row in prediction_rows(found)))
        drawn = await picture(path, LARGEST) if known else None
        if drawn is None:
            raise Problem(404, "The slices folder does not have this slice of the run.")
        return Answer({"path": path, "picture": drawn})

    @router.get("/runs/{name}/report.html", response_class=Response)
    async def report(name: str) -> Response:
        """The report of a run, with its own content security policy."""
        page = _whole((await _found(folder, name)).file(REPORT))
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": REPORT_POLICY})

    return router


def _surest(row: Mapping[str, Any]) -> tuple[float, str]:
    return -(row["probabilities"].get(row["predicted"]) or 0.0), row["path"]


async def _found(folder: Path | None, name: str) -> Run:
    """The run of a name. The name is looked up and never used as a path."""
    found: Mapping[str, Run] = {} if folder is None else await asyncio.to_thread(find_runs, folder)
    if name not in found:
        raise Problem(404, "There is no run with this name.")
    return found[name]


def _whole(content: bytes | None) -> bytes:
    if content is None:
        raise Problem(404, "This run does not have this file.")
    return content
