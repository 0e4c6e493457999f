"""Explanations of uploads: the slice, its maps and its nearest training slices."""

import asyncio
from contextlib import aclosing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.explain.evidence import evidence_of, regions_of
from hilum.explain.explanation import Neighbour, neighbours_of
from hilum.explain.methods import default_method, warning_of
from hilum.explain.neighbours import shown
from hilum.model.reader import Reading
from hilum.serve.drawing import grey_png, map_png
from hilum.serve.forms import Upload
from hilum.serve.problems import Problem
from hilum.serve.served import Served
from hilum.slices.body import Box
from hilum.slices.read import UnreadableSlice

# Score-CAM is left out because it takes minutes per slice.
GRADIENTS = ("gradcam", "gradcam++", "layercam")
_NEIGHBOUR = 96  # pixels on the longer side of a neighbour's picture


def methods_of(served: Served) -> tuple[str, ...]:
    """The map methods that this server supports for the model, the model's own first."""
    folder = served.settings.model is not None and served.settings.model.is_dir()
    able = folder and all(find_spec(name) for name in ("torch", "timm", "pytorch_grad_cam"))
    own = default_method(served.facts)
    return (own, *GRADIENTS) if able else (own,)


async def explain(served: Served, upload: Upload, window: str, method: str, number: int | None) -> dict[str, Any]:
    """The answer of `POST /api/explain`.

    Args:
        served: Model to use.
        upload: File to explain.
        window: Window for DICOM, one of `hilum.slices.windows.WINDOWS`.
        method: Map method, one of `methods_of`.
        number: Frame number (1-based), or None for the first.

    Raises:
        Problem: The file cannot be read (422).
    """
    try:
        async with aclosing(served.squares("shown", upload, window, frame=number)) as found:
            fields, (square,) = await anext(found)
    except UnreadableSlice as error:
        raise Problem(422, f"The file cannot be explained: {error}.") from error
    row, reading = await served.reader.answer(square)
    if row.decision == "unreadable":
        raise Problem(422, f"The file cannot be explained: {row.reason}.")
    served.meters.slices.labels(row.decision).inc()
    maps = reading.maps[0]
    if method != default_method(served.facts):
        running = asyncio.get_running_loop()
        try:
            maps = await running.run_in_executor(served.gradients, _mapped, served, method, square.grey)
        except HilumError as error:  # for example, the weights are gone
            raise Problem(422, f"The {method} map cannot be made: {error}") from error
    drawn = await asyncio.to_thread(_drawn, served, square.grey, maps, fields)
    return {
        "row": row.as_json(),
        **{name: fields[name] for name in ("size", "picture", "values", "window")},
        **drawn,
        "method": method,
        "warning": warning_of(method),
        "neighbours": await asyncio.to_thread(_neighbours, served, reading),
    }


def _drawn(
    served: Served, square: NDArray[np.float32], maps: NDArray[np.float32], fields: dict[str, Any]
) -> dict[str, Any]:
    """The map of each class, the share of its evidence outside the lungs, and what is said about it."""
    classes, seen = served.facts.classes, regions_of(square)
    found = {label: evidence_of(values, seen, label) for label, values in zip(classes, maps, strict=True)}
    box, size = Box(*fields["box"]), fields["size"]
    return {
        "maps": {label: map_png(one.drawn, box, size) for label, one in found.items()},
        "outside_lungs": {label: one.outside_lungs for label, one in found.items()},
        "remarks": {label: one.remarks for label, one in found.items()},
    }


def _mapped(served: Served, method: str, square: NDArray[np.float32]) -> NDArray[np.float32]:
    if (mapper := served.mappers.get(method)) is None:
        from hilum.explain.gradients import gradient_mapper

        assert served.settings.model is not None
        mapper = served.mappers[method] = gradient_mapper(served.settings.model, served.settings.weights, method)
    return np.stack([mapper(square, number) for number in range(len(served.facts.classes))])


def _neighbours(served: Served, reading: Reading) -> list[dict[str, Any]]:
    settings = served.settings

    def picture(one: Neighbour) -> str | None:
        pixels = shown(one, served.facts, settings.model or Path(), settings.slices_folder).pixels
        return None if pixels is None else grey_png(pixels, _NEIGHBOUR)

    return [
        {"label": one.label, "distance": one.distance, "path": one.path, "thumbnail": picture(one)}
        for one in neighbours_of(reading, served.facts)
    ]
