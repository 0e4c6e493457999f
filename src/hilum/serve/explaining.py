"""Why a model answered as it did on one upload: the slice, its maps, and the training slices nearest to it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.backbones.zoo import ZOO
from hilum.errors import HilumError
from hilum.explain.explanation import LINEAR, Mapper, Neighbour, neighbours_of
from hilum.explain.neighbours import shown
from hilum.model.reader import Reading
from hilum.predict.rows import Square
from hilum.records.model import ModelRecord
from hilum.serve.batches import BatchedReader
from hilum.serve.decoders import Decoders
from hilum.serve.drawing import grey_png, map_png
from hilum.serve.forms import Upload
from hilum.serve.predicting import squares_job
from hilum.serve.problems import Problem
from hilum.serve.settings import Settings
from hilum.slices.body import Box
from hilum.slices.read import UnreadableSlice

# Not Score-CAM, which takes minutes a slice.
GRADIENTS = ("gradcam", "gradcam++", "layercam")
_NEIGHBOUR = 96  # pixels of a neighbour's picture


class Explainer:
    """Explains uploads with one model.

    Args:
        settings: Of the server.
        facts: Of its model.
        reader: The model.
        decoders: What decodes.
    """

    def __init__(self, settings: Settings, facts: ModelRecord, reader: BatchedReader, decoders: Decoders) -> None:
        self._settings, self._facts, self._reader, self._decoders = settings, facts, reader, decoders
        # One at a time: the methods hook into the network.
        self._thread = ThreadPoolExecutor(1, "gradients")
        self._mappers: dict[str, Mapper] = {}

    @property
    def methods(self) -> tuple[str, ...]:
        """The maps that this form of the model can make here."""
        folder = self._settings.model is not None and self._settings.model.is_dir()
        layer = any(row.name == self._facts.backbone.name and row.cam_layer for row in ZOO)
        able = folder and layer and all(find_spec(name) for name in ("torch", "timm", "pytorch_grad_cam"))
        return (LINEAR, *GRADIENTS) if able else (LINEAR,)

    def close(self) -> None:
        """Ends the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def explain(
        self, upload: Upload, window: str, method: str, number: int | None, count: Callable[[str], None]
    ) -> dict[str, Any]:
        """What `POST /api/explain` gives.

        Args:
            upload: The file.
            window: Of DICOM.
            method: Of the maps, one of `methods`.
            number: Of the frame, counted from 1; None is the first.
            count: Called with the decision.

        Raises:
            Problem: The file cannot be read (422).
        """
        facts = self._facts
        job = squares_job("shown", facts, window, frame=number)
        try:
            async with aclosing(self._decoders.messages(job, upload.data)) as messages:
                with self._reader.coming():
                    fields, blob = await anext(messages)
        except UnreadableSlice as error:
            raise Problem(422, f"The file cannot be explained: {error}.") from error
        square = np.frombuffer(blob, np.float32).reshape(facts.preparation.size, facts.preparation.size)
        row, reading = await self._reader.answer(Square(upload.name, square, **fields["frames"][0]))
        if row.decision == "unreadable":
            raise Problem(422, f"The file cannot be explained: {row.reason}.")
        count(row.decision)
        loop = asyncio.get_running_loop()
        maps = reading.maps[0]
        if method != LINEAR:
            try:
                maps = await loop.run_in_executor(self._thread, self._mapped, method, square)
            except HilumError as error:  # the weights have gone, say
                raise Problem(422, f"{method} cannot be made: {error}") from error
        box, (width, height) = Box(*fields["box"]), fields["size"]
        drawn = await asyncio.to_thread(_drawn, facts.classes, maps, box, (width, height))
        return {
            "row": row.as_json(),
            "size": [width, height],
            "picture": fields["picture"],
            "values": fields["values"],
            "window": fields["window"],
            "maps": drawn,
            "method": method,
            "neighbours": await asyncio.to_thread(self._neighbours, reading),
        }

    def _mapped(self, method: str, square: NDArray[np.float32]) -> NDArray[np.float32]:
        if (mapper := self._mappers.get(method)) is None:
            from hilum.explain.gradients import gradient_mapper

            assert self._settings.model is not None
            mapper = self._mappers[method] = gradient_mapper(self._settings.model, self._settings.weights, method)
        return np.stack([mapper(square, number) for number in range(len(self._facts.classes))])

    def _neighbours(self, reading: Reading) -> list[dict[str, Any]]:
        return [
            {
                "label": one.label,
                "distance": round(one.distance, 6),
                "path": one.path,
                "thumbnail": self._picture(one),
            }
            for one in neighbours_of(reading, self._facts)
        ]

    def _picture(self, neighbour: Neighbour) -> str | None:
        model = self._settings.model or Path()
        pixels = shown(neighbour, self._facts, model, self._settings.slices).pixels
        return None if pixels is None else grey_png(pixels, _NEIGHBOUR)


def _drawn(classes: tuple[str, ...], maps: NDArray[np.float32], box: Box, size: tuple[int, int]) -> dict[str, str]:
    return {name: map_png(values, box, size) for name, values in zip(classes, maps, strict=True)}
