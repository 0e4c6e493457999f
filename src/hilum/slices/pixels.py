"""A row of a table as a network takes it: read again, cropped, resized."""

import io
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hilum.errors import HilumError
from hilum.progress import Tracker
from hilum.slices.file_info import pixels_digest
from hilum.slices.frames import Frame, file_of, read_frame
from hilum.slices.pool import reading_threads
from hilum.slices.resize import crop_and_resize
from hilum.slices.table import SliceRow, SliceTable


def frame_of(table: SliceTable, slice_row: SliceRow) -> Frame:
    """Reads a row's picture again, through the window that the table was read with.

    Raises:
        HilumError: The file can no longer be read.
    """
    facts = slice_row.facts
    path = table.root / file_of(slice_row.path, facts.frame)
    try:
        return read_frame(path, facts.frame, facts.window or "auto")
    except HilumError as error:
        raise HilumError(f"{path} can no longer be read ({error}). Run again when the folder is at rest.") from error


def pixels_of(table: SliceTable, slice_row: SliceRow) -> NDArray[np.float32]:
    """Reads a slice of a table again, as grey levels `[height, width]` in `[0, 1]`.

    Raises:
        HilumError: The file is no longer what it was when the table was read.
    """
    pixels = frame_of(table, slice_row).pixels
    if pixels_digest(pixels) != slice_row.facts.pixels:  # else another picture's features would be kept as this one's
        raise HilumError(
            f"{table.root / slice_row.path} changed while it was being used. Run again when the folder is at rest."
        )
    return pixels


def prepare(table: SliceTable, slice_row: SliceRow, size: int, interpolation: str, crop: bool) -> NDArray[np.float32]:
    """Reads a slice of a table as a grey square `[size, size]` in `[0, 1]`, cropped to the body if wanted.

    Raises:
        HilumError: The file is no longer what it was when the table was read.
    """
    return crop_and_resize(pixels_of(table, slice_row), slice_row.facts.body if crop else None, size, interpolation)


def prepare_all(table: SliceTable, size: int, crop: bool, title: str, track: Tracker) -> NDArray[np.float32]:
    """Reads all slices of a table as `prepare` does, bilinearly, each distinct picture once: `[rows, size, size]`.

    Args:
        table: As `read_table` gives it.
        size: Side in pixels.
        crop: Whether slices are cropped to the body.
        title: Name of the work, for its progress.
        track: Shows progress.

    Raises:
        HilumError: A file is no longer what it was when the table was read.
    """
    alike: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(table.rows):
        alike[row.facts.pixels].append(number)
    squares = np.empty((len(table.rows), size, size), np.float32)

    def first(numbers: list[int]) -> NDArray[np.float32]:
        return prepare(table, table.rows[numbers[0]], size, "bilinear", crop)

    with track(title, len(alike)) as advance, reading_threads() as pool:
        for numbers, square in zip(alike.values(), pool.map(first, alike.values()), strict=True):
            squares[numbers] = square
            advance()
    return squares


def thumbnail(table: SliceTable, slice_row: SliceRow, size: int, kind: str, **options: int) -> bytes | None:
    """A small picture of a slice of a table, or None where the file can no longer be read.

    Args:
        table: As `read_table` gives it.
        slice_row: One of its rows.
        size: The longer side in pixels, at most.
        kind: `PNG` or `JPEG`.
        **options: How Pillow saves it.
    """
    try:
        pixels = frame_of(table, slice_row).pixels
    except HilumError:
        return None
    image = Image.fromarray(np.round(pixels * 255).astype(np.uint8))
    image.thumbnail((size, size))
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
