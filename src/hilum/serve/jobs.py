"""Jobs that the processes of `hilum.slices.pool` run on uploads. Nothing else imports this module."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.explain.placing import seen_box
from hilum.predict.rows import frame_facts
from hilum.processes import Message
from hilum.serve.drawing import LARGEST, THUMBNAIL, grey_png, values_of
from hilum.slices.formats import is_dicom
from hilum.slices.frames import Frame
from hilum.slices.jobs import Source
from hilum.slices.read import UnreadableSlice, read_slice
from hilum.slices.resize import body_square

CHUNK = 8  # frames per answer

Job = dict[str, Any]
Found = tuple[Frame, NDArray[np.float32] | None]


def squares(source: Source, job: Job) -> Iterator[Message]:
    """Frames from `first` on, as input of the model, in chunks. `more` says whether there is a `next` chunk.

    Frames before an unreadable one are still answered.
    """
    first, facts, thumbnails, greys = job["first"], list[dict[str, Any]](), list[str](), list[bytes]()

    def answer(more: bool) -> Message:
        fields = {"frames": facts, "thumbnails": thumbnails, "more": more, "next": {"first": first + len(facts)}}
        return fields, b"".join(greys)

    try:
        for frame, _ in _frames(source, job, first):
            facts.append(frame_facts(frame))
            thumbnails.append(grey_png(frame.pixels, THUMBNAIL))
            greys.append(_square(frame, job))
            if len(facts) == CHUNK:
                yield answer(True)
                first, facts, thumbnails, greys = first + CHUNK, [], [], []
    except Exception:
        if facts:
            yield answer(True)
        raise
    yield answer(False)


def shown(source: Source, job: Job) -> Iterator[Message]:
    """One frame as input of the model, with the pictures that the page shows."""
    frame, values = _frame(source, job)
    height, width = frame.pixels.shape
    window = frame.facts.get("window")
    fields = {
        "frames": [frame_facts(frame)],
        "size": [width, height],
        "box": list(seen_box(frame.pixels, job["crop"])),
        "picture": grey_png(frame.pixels, LARGEST),
        "values": None if values is None else values_of(values),
        "window": None if window is None else dict(zip(("center", "width"), window, strict=True)),  # type: ignore[call-overload]
    }
    yield fields, _square(frame, job)


def thumbnail(source: Source, job: Job) -> Iterator[Message]:
    """A small picture of one frame."""
    frame, _ = _frame(source, job)
    yield {"thumbnail": grey_png(frame.pixels, job["side"])}, b""


def _square(frame: Frame, job: Job) -> bytes:
    return body_square(frame.pixels, job["size"], job["interpolation"], job["crop"]).tobytes()


def _frame(source: Source, job: Job) -> Found:
    number = job["frame"] or 1
    found = next(_frames(source, job, number - 1), None) if number == 1 or is_dicom(source.content) else None
    if found is None:
        raise UnreadableSlice(f"it has no frame {number}")
    return found


def _frames(source: Source, job: Job, first: int) -> Iterator[Found]:
    if not is_dicom(source.content):
        slice_ = read_slice(source.content)
        yield Frame(slice_.pixels, slice_.format, slice_.mode, slice_.coloured), None
        return
    from hilum.serve.values import ValuedFile

    file = source.opened(ValuedFile)
    for number in range(first, file.frames):
        pixels, fields = file.frame(number, job["window"], bytes.fromhex(job["salt"]))
        yield Frame(pixels, "DICOM", **fields), file.values
