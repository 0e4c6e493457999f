"""The pictures in a file of any format: one in a PNG or JPEG, one or more in a DICOM file."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hilum.slices.dicom_process import dicom_frames
from hilum.slices.pseudonyms import hashed
from hilum.slices.read import MAX_BYTES, UnreadableSlice, decode, read_bytes
from hilum.slices.windows import WINDOWS, check_window

__all__ = ["WINDOWS", "Frame", "file_of", "frame_path", "is_dicom", "read_frame", "read_frames", "scan_of"]

_HEAD = 132  # bytes: the preamble and what follows it


@dataclass(frozen=True)
class Frame:
    """One picture of a file.

    Attributes:
        pixels: Grey levels, float32 `[height, width]` in `[0, 1]`; of DICOM, after the window.
        format: `PNG`, `JPEG` or `DICOM`, as the content says.
        mode: Pillow's mode, or DICOM's photometric interpretation.
        coloured: Whether any pixel's colour channels differ.
        number: Counted from 1 in a DICOM file with several; None where there is one.
        facts: Of DICOM: `modality`, `size` (width and height in pixels), `spacing` (mm between rows and between
            columns, or None), `window` (centre and width, or None where the whole range is shown). Empty otherwise.
        doubt: Why it is no axial CT slice, or None.
        group: Of DICOM, a salted hash of the patient, or of the series where no patient is named; None otherwise.
        series: Of DICOM, a salted hash of the series; None otherwise.
        position: Of DICOM, where the slice lies along its normal, in mm; None where that is not known.
    """

    pixels: NDArray[np.float32]
    format: str
    mode: str
    coloured: bool
    number: int | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    doubt: str | None = None
    group: str | None = None
    series: str | None = None
    position: float | None = None

    @property
    def scan(self) -> str | None:
        """Of DICOM, a hash of patient and series together, since two patients may carry one series number.

        Files that name no patient go by their series alone; None where there is no series.
        """
        return scan_of(self.group, self.series)


def scan_of(group: str | None, series: str | None) -> str | None:
    """`Frame.scan` from a frame's `group` and `series`."""
    return None if group is None or series is None else hashed(group.encode(), series)


def read_frames(source: Path | bytes, window: str = "auto") -> Iterator[Frame]:
    """Reads the pictures of a file, one at a time.

    Args:
        source: The file, or its bytes.
        window: Of DICOM, one of `WINDOWS`: `lung` (-600/1500), `mediastinum` (40/400), `bone` (300/1500); `file`, the
            first that the file names; `auto`, the same where there is one, else `lung` for CT and the whole range of
            values for anything else.

    Raises:
        UnreadableSlice: The file, or its next picture, cannot be used; the message is the reason, without the path.
        HilumError: There is no such window.
    """
    check_window(window)
    if is_dicom(source):
        yield from _dicom(source, window)
    else:
        slice_ = decode(_sized(source) if isinstance(source, bytes) else read_bytes(source))
        yield Frame(slice_.pixels, slice_.format, slice_.mode, slice_.coloured)


def read_frame(source: Path | bytes, number: int | None = None, window: str = "auto") -> Frame:
    """Reads one picture of a file: that of a number counted from 1, or the first.

    Raises:
        UnreadableSlice: As `read_frames` says.
        HilumError: There is no such window.
    """
    check_window(window)
    return next(_dicom(source, window, (number or 1) - 1) if is_dicom(source) else read_frames(source, window))


def frame_path(file: str, number: int | None) -> str:
    """What a frame of a file is called in a table: `scan.dcm#3`; the file's own name where it has one only."""
    return file if number is None else f"{file}#{number}"


def file_of(path: str, number: int | None) -> str:
    """The file of a frame that `frame_path` named."""
    return path if number is None else path.removesuffix(f"#{number}")


def is_dicom(source: Path | bytes) -> bool:
    """Whether a file's content begins as DICOM does, with or without its preamble; False where it cannot be opened."""
    if isinstance(source, bytes):
        head = source[:_HEAD]
    else:
        try:
            if not source.is_file():  # a pipe would be waited for
                return False
            with source.open("rb") as file:
                head = file.read(_HEAD)
        except (OSError, ValueError):
            return False
    if head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return False
    return head[128:] == b"DICM" or _begins_with_element(head)


def _sized(data: bytes) -> bytes:
    if not data:
        raise UnreadableSlice("the file is empty")
    if len(data) > MAX_BYTES:
        raise UnreadableSlice(f"the file has {len(data) / 2**20:.0f} MB, more than {MAX_BYTES // 2**20}")
    return data


def _begins_with_element(head: bytes) -> bool:
    """Whether a head without preamble is that of a DICOM data set: group 2 or 8, an element of it, a type or length."""
    if len(head) < 8:
        return False
    for order, groups in (("<", (2, 8)), (">", (8,))):
        group, element = struct.unpack(f"{order}HH", head[:4])
        if group in groups and element <= 0x0100:
            (length,) = struct.unpack(f"{order}I", head[4:8])
            return (head[4:6].isalpha() and head[4:6].isupper()) or (order == "<" and length <= 0x0400)
    return False


def _dicom(source: Path | bytes, window: str, first: int = 0) -> Iterator[Frame]:
    for pixels, fields in dicom_frames(source, window, first):
        yield Frame(pixels, "DICOM", **fields)
