"""The pictures in a file of any format: one in a PNG or JPEG, one or more in a DICOM file.

The processes of `hilum.slices.pool` decode them. Files of a table are read through `hilum.slices.pixels`.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hilum.slices.body import Box
from hilum.slices.formats import is_dicom
from hilum.slices.levels import Levels, grey
from hilum.slices.pool import POOL
from hilum.slices.process import Allowance
from hilum.slices.pseudonyms import hashed, salt_or_another
from hilum.slices.read import UnreadableSlice
from hilum.slices.walking import leads_out
from hilum.slices.windows import check_window
from hilum.text import found_below

MAX_DICOM_BYTES = 2**30


@dataclass(frozen=True)
class Frame:
    """One picture of a file.

    Attributes:
        levels: Grey levels `[height, width]`, of 8 or 16 bits or in `[0, 1]`; for DICOM, after the window.
        format: `PNG`, `JPEG` or `DICOM`, by content.
        mode: Pillow's mode, or DICOM's photometric interpretation.
        coloured: Whether any pixel's colour channels differ.
        number: Frame number (1-based) in a multi-frame file; None otherwise.
        facts: `modality`, `size` (width and height in pixels), `spacing` (mm between rows and between columns, or None)
            and `window` (centre and width, or None if the whole range is shown). Empty unless the file is DICOM.
        doubt: Why it may not be an axial CT slice, or None.
        group: Salted hash of the patient, or of the series if no patient is named; None unless the file is DICOM.
        series: Salted hash of the series; None unless the file is DICOM and names one.
        position: Position of the slice along its normal in mm; None if it is not known.
        digest: Digest of the pixels; None unless the frame was read with `facts`.
        body: Box around the body; None if none was found, or unless the frame was read with `facts`.
    """

    levels: Levels
    format: str
    mode: str
    coloured: bool
    number: int | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    doubt: str | None = None
    group: str | None = None
    series: str | None = None
    position: float | None = None
    digest: str | None = None
    body: Box | None = None

    @cached_property
    def pixels(self) -> NDArray[np.float32]:
        """Grey levels, float32 `[height, width]` in `[0, 1]`."""
        return grey(self.levels)

    @property
    def scan(self) -> str | None:
        """Hash of patient and series together, since two patients may have the same series number.

        A file that names no patient goes by its series alone. None if the file is not DICOM or names no series.
        """
        return scan_of(self.group, self.series)


def scan_of(group: str | None, series: str | None) -> str | None:
    """The `scan` of a frame from its `group` and `series`."""
    return None if group is None or series is None else hashed(group.encode(), series)


def read_frames(
    source: Path | bytes, window: str = "auto", first: int = 0, *, facts: bool = False, salt: bytes | None = None
) -> Iterator[Frame]:
    """Reads the pictures of a file, one at a time.

    Args:
        source: The file, or its bytes.
        window: Window for DICOM files: `lung` (-600/1500), `mediastinum` (40/400), `bone` (300/1500), `file` (the first
            that the file names) or `auto`: the file's own window if it has one, otherwise `lung` for CT and the whole
            range of values for anything else.
        first: Number of the first picture to read, counted from 0.
        facts: Whether to give the frames' `digest` and `body` too.
        salt: Salt of the hashes of patients and series; by default that of this user on this machine.

    Raises:
        UnreadableSlice: The file, or its next picture, cannot be used; the message is the reason, without the path.
        HilumError: There is no such window.
    """
    check_window(window)
    path, data = (None, source) if isinstance(source, bytes) else (_absolute(source), b"")
    request = {"job": "hilum.slices.jobs:frame", "key": None, "path": path, "window": window, "facts": facts}
    if is_dicom(source):
        request |= {"key": file_key(source), "salt": (salt or salt_or_another()).hex()}
    allowance, number, frames = Allowance(), first, first + 1
    while number < frames:
        fields, blob = POOL.answer({**request, "frame": number}, data, allowance)
        frames, shape, kind = (fields.pop(name) for name in ("frames", "shape", "type"))
        number += 1
        body = fields.pop("body", None)
        yield Frame(np.frombuffer(bytearray(blob), kind).reshape(shape), body=body and Box(*body), **fields)


def read_frame(source: Path | bytes, number: int | None = None, window: str = "auto", *, facts: bool = False) -> Frame:
    """Reads one picture of a file.

    Args:
        source: The file, or its bytes.
        number: Frame number (1-based); None reads the first.
        window: Window for DICOM files, as `read_frames` takes it.
        facts: Whether to give the frame's `digest` and `body` too.

    Raises:
        UnreadableSlice: The picture cannot be used; the message is the reason, without the path.
        HilumError: There is no such window.
    """
    return next(read_frames(source, window, (number or 1) - 1, facts=facts))


def read_colours(path: Path) -> NDArray[np.uint8]:
    """The colours of a PNG or JPEG, `[height, width, 3]`.

    Raises:
        UnreadableSlice: The file cannot be used; the message is the reason, without the path.
    """
    request = {"job": "hilum.slices.jobs:colours", "key": None, "path": _absolute(path)}
    fields, blob = POOL.answer(request, b"", Allowance())
    return np.frombuffer(blob, np.uint8).reshape(fields["shape"])


def frame_path(file: str, number: int | None) -> str:
    """The name of a frame in a table: `scan.dcm#3`, or the name of the file if it has only one."""
    return file if number is None else f"{file}#{number}"


def file_of(path: str, number: int | None) -> str:
    """The name of the file that holds a frame which `frame_path` named."""
    return path if number is None else path.removesuffix(f"#{number}")


def frame_below(folder: Path, path: str) -> tuple[Path, int | None] | None:
    """The file of a frame that a record names, and the frame's number; None if it is not in the folder.

    Raises:
        ValueError: The name cannot be that of a file.
    """
    place, number = found_below(folder, path), None
    if not place.is_file() and (frame := re.search(r"#(\d{1,9})$", path)):
        number = int(frame[1])
        place = found_below(folder, file_of(path, number))
    return (place, number) if place.is_file() and not leads_out(place, folder) else None


def size_of(path: Path) -> int:
    """The size of a DICOM file in bytes.

    Raises:
        UnreadableSlice: The file is larger than `MAX_DICOM_BYTES`, or cannot be opened.
    """
    return _state(path).st_size


def _absolute(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - resolve would follow links


def check_size(size: int) -> None:
    """Checks that a file of a size in bytes may be read.

    Raises:
        UnreadableSlice: It is larger than `MAX_DICOM_BYTES`.
    """
    if size > MAX_DICOM_BYTES:
        raise UnreadableSlice(f"the file has {size / 2**20:.0f} MB, more than {MAX_DICOM_BYTES // 2**20}")


def file_key(source: Path | bytes) -> str:
    """A key that differs whenever the content does.

    Raises:
        UnreadableSlice: The file is larger than `MAX_DICOM_BYTES`, or cannot be opened.
    """
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    state = _state(source)
    return f"{_absolute(source)} {state.st_ino} {state.st_size} {state.st_mtime_ns}"


def _state(path: Path) -> os.stat_result:
    try:
        state = path.stat()
    except OSError as error:
        raise UnreadableSlice(f"the file cannot be opened ({error.strerror})") from error
    check_size(state.st_size)
    return state
