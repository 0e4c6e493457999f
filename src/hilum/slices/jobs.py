"""Jobs that a process of `hilum.slices.pool` does with a file of any format."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from hilum.processes import Message
from hilum.slices.body import body_box
from hilum.slices.formats import is_dicom
from hilum.slices.levels import Levels, grey, pixels_digest
from hilum.slices.read import decode, read_bytes, read_slice, upright

T = TypeVar("T")


class Source:
    """The file of a job.

    Attributes:
        content: Path of the file, or its bytes.
    """

    def __init__(self, content: Path | bytes) -> None:
        self.content = content
        self._opened: dict[object, Any] = {}

    def opened(self, kind: Callable[[Path | bytes], T]) -> T:
        """The file opened by a reader such as `DicomFile`, once for all consecutive requests about the file."""
        if kind not in self._opened:
            self._opened[kind] = kind(self.content)
        found: T = self._opened[kind]
        return found


def frame(source: Source, request: dict[str, Any]) -> Iterator[Message]:
    """One picture: in a DICOM file the one with the number `frame` (counted from 0), shown through `window`.

    The answer has the fields of a `hilum.slices.frames.Frame`, the `shape` and `type` of its levels, and the number of
    `frames` in the file. With `facts` it also has the digest of the pixels and the box around the body.
    """
    if is_dicom(source.content):
        from hilum.slices.dicom import DicomFile

        file = source.opened(DicomFile)
        levels: Levels
        levels, fields = file.frame(request["frame"], request["window"], bytes.fromhex(request["salt"]))
        fields, frames = {"format": "DICOM", **fields}, file.frames
    else:
        slice_ = read_slice(source.content)
        levels, frames = slice_.levels, 1
        fields = {"format": slice_.format, "mode": slice_.mode, "coloured": slice_.coloured}
    if request.get("facts"):
        pixels = grey(levels)
        fields |= {"digest": pixels_digest(pixels), "body": body_box(pixels)}
    yield {**fields, "frames": frames, "shape": levels.shape, "type": levels.dtype.str}, levels.tobytes()


def levels_in(source: Source, request: dict[str, Any]) -> Levels:
    """The levels that `hilum.slices.pixels.job_on` sends with a request."""
    assert isinstance(source.content, bytes)
    return np.frombuffer(source.content, request["type"]).reshape(request["shape"])


def colours(source: Source, request: dict[str, Any]) -> Iterator[Message]:
    """The colours of a PNG or JPEG, uint8 `[height, width, 3]`."""
    data = read_bytes(source.content)
    decode(data)  # checks that the picture is intact
    with upright(data) as image:
        rgb = np.asarray(image.convert("RGB"))
    yield {"shape": rgb.shape}, rgb.tobytes()
