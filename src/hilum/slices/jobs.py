"""What a process of `hilum.slices.pool` does with a file of any format. Nothing else imports this."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hilum.processes import Message
from hilum.slices.formats import is_dicom
from hilum.slices.pool_worker import Source
from hilum.slices.read import Slice, check_size, decode, read_bytes, upright


def frame(source: Source, request: dict[str, Any]) -> Iterator[Message]:
    """One picture, the one with the number `frame` (counted from 0) in a DICOM file, after `window`.

    The answer has the fields of a `hilum.slices.frames.Frame`, `shape`, and `frames`, how many the file has.
    """
    if is_dicom(source.content):
        from hilum.slices.dicom import DicomFile

        file = source.opened(DicomFile)
        grey, fields = file.frame(request["frame"], request["window"], bytes.fromhex(request["salt"]))
        fields, frames = {"format": "DICOM", **fields}, file.frames
    else:
        slice_ = picture(source.content)
        grey, frames = slice_.pixels, 1
        fields = {"format": slice_.format, "mode": slice_.mode, "coloured": slice_.coloured}
    yield {**fields, "frames": frames, "shape": grey.shape}, grey.astype("<f4", copy=False).tobytes()


def colours(source: Source, request: dict[str, Any]) -> Iterator[Message]:
    """The colours of a PNG or JPEG, uint8 `[height, width, 3]`."""
    data = _content(source.content)
    picture(data)  # sees that it is sound
    with upright(data) as image:
        rgb = np.asarray(image.convert("RGB"))
    yield {"shape": rgb.shape}, rgb.tobytes()


def picture(content: Path | bytes) -> Slice:
    """The picture of a PNG or JPEG.

    Raises:
        UnreadableSlice: As `read_bytes` and `decode` say.
    """
    return decode(_content(content))


def _content(content: Path | bytes) -> bytes:
    if isinstance(content, Path):
        return read_bytes(content)
    check_size(len(content))
    return content
