"""The pixels of a table's slices: the only module that opens the files of a table once it has been read.

Checks, signatures, shortcuts, backbones, the CNN and thumbnails all take their pixels from here. Files are decoded in
the processes of `hilum.slices.pool`, and decoded pictures are kept as long as there is room.
"""

import io
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hilum.errors import HilumError
from hilum.processes import Message
from hilum.progress import Tracker
from hilum.slices.body import Box
from hilum.slices.frames import file_of, read_colours, read_frame
from hilum.slices.levels import Levels, grey, pixels_digest
from hilum.slices.pool import POOL, reading_threads
from hilum.slices.process import WHOLE, Allowance
from hilum.slices.resize import crop_and_resize
from hilum.slices.rows import SliceRow
from hilum.slices.table import SliceTable

T = TypeVar("T")
PAINT = 0.5  # grey of a painted box: not the picture's own, which would tell of what it hides


def pixels_of(table: SliceTable, row: SliceRow) -> NDArray[np.float32]:
    """The grey levels of a slice, `[height, width]` in `[0, 1]`, through the window that the table was read with.

    Raises:
        HilumError: The file can no longer be read, or has changed since the table was read.
    """
    return grey(_levels_of(table, row))


def job_on(table: SliceTable, row: SliceRow, job: str, **fields: object) -> Message:
    """Does a job with a slice in a process of the pool, and returns its answer.

    Args:
        table: Table of `read_table`.
        row: Row of the slice.
        job: Function that does it (`hilum.module:name`), which gets the levels from `hilum.slices.jobs.levels_in`.
        **fields: Further fields of the request.

    Raises:
        HilumError: The file can no longer be read, or has changed since the table was read; or the job failed.
    """
    levels = _levels_of(table, row)
    request = {"job": job, "key": None, "path": None, "shape": levels.shape, "type": levels.dtype.str, **fields}
    return _read(table, row, lambda _: POOL.answer(request, levels.tobytes(), Allowance(WHOLE)))


def colours_of(table: SliceTable, row: SliceRow) -> NDArray[np.uint8]:
    """The colours of a slice that is a PNG or JPEG file, `[height, width, 3]`.

    Raises:
        HilumError: The file can no longer be read.
    """
    return _read(table, row, read_colours)


def square_of(
    table: SliceTable, row: SliceRow, size: int, interpolation: str, crop: bool, painted: Box | None = None
) -> NDArray[np.float32]:
    """A slice as a network takes it: a grey square `[size, size]` in `[0, 1]`.

    Args:
        table: Table of `read_table`.
        row: Row of the slice.
        size: Side of the square in pixels.
        interpolation: Name of the interpolation, as `crop_and_resize` takes it.
        crop: Whether the slice is cropped to the body.
        painted: Part of the picture that is painted over with `PAINT`.

    Raises:
        HilumError: The file can no longer be read, or has changed since the table was read.
    """
    pixels = pixels_of(table, row)
    if painted is not None:
        pixels = pixels.copy()
        pixels[painted.top : painted.bottom, painted.left : painted.right] = PAINT
    return crop_and_resize(pixels, row.facts.body if crop else None, size, interpolation)


def squares_of(
    table: SliceTable, size: int, crop: bool, title: str, track: Tracker, painted: Sequence[Box] | None = None
) -> NDArray[np.float32]:
    """All slices of a table as `square_of` gives them, with bilinear interpolation: `[rows, size, size]`.

    Each distinct picture is decoded once.

    Args:
        table: Table of `read_table`.
        size: Side of the squares in pixels.
        crop: Whether slices are cropped to the body.
        title: Name of the work, for its progress.
        track: Tracker of the progress.
        painted: Part of each row's picture that is painted over.

    Raises:
        HilumError: A file can no longer be read, or has changed since the table was read.
    """
    places: dict[str, list[int]] = defaultdict(list)  # of the rows that show the same picture
    for number, row in enumerate(table.rows):
        places[row.facts.pixels].append(number)
    squares = np.empty((len(table.rows), size, size), np.float32)

    def first(numbers: list[int]) -> NDArray[np.float32]:
        box = painted[numbers[0]] if painted else None
        return square_of(table, table.rows[numbers[0]], size, "bilinear", crop, box)

    with track(title, len(places)) as advance, reading_threads() as pool:
        for numbers, square in zip(places.values(), pool.map(first, places.values()), strict=True):
            squares[numbers] = square
            advance()
    return squares


def thumbnail_of(table: SliceTable, row: SliceRow, size: int, kind: str, **options: int) -> bytes | None:
    """A small picture of a slice as the bytes of a file.

    Args:
        table: Table of `read_table`.
        row: Row of the slice.
        size: Length of the longer side in pixels; smaller slices keep their size.
        kind: Format of the file: `PNG` or `JPEG`.
        **options: Options of Pillow's `save`.

    Returns:
        The file, or None if the slice can no longer be read or has changed since the table was read.
    """
    try:
        pixels = pixels_of(table, row)
    except HilumError:
        return None
    image = Image.fromarray(np.round(pixels * 255).astype(np.uint8))
    image.thumbnail((size, size))
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def thumbnails_of(
    table: SliceTable, size: int, kind: str, name: Callable[[str], str], **options: int
) -> Callable[[str], bytes | None]:
    """A function from the name of a slice to its `thumbnail_of`.

    Args:
        table: Table of `read_table`.
        size: Length of the longer side in pixels.
        kind: Format of the files: `PNG` or `JPEG`.
        name: Function from the path of a slice to its name.
        **options: Options of Pillow's `save`.
    """
    rows = {name(row.path): row for row in table.rows}
    return lambda named: thumbnail_of(table, rows[named], size, kind, **options)


def _levels_of(table: SliceTable, row: SliceRow) -> Levels:
    facts = row.facts
    kept = table.kept.levels(_file(table, row), facts.frame, facts.pixels)
    if kept is not None:
        return kept
    frame = _read(table, row, lambda path: read_frame(path, facts.frame, facts.window or "auto"))
    if pixels_digest(frame.pixels) != facts.pixels:  # else another picture's features would be cached as this one's
        raise HilumError(
            f"{table.root / row.path} changed while it was being used. Run the command again when no other program "
            "is changing the folder."
        )
    table.kept.add(_file(table, row), facts.frame, facts.pixels, frame.levels)
    return frame.levels


def _file(table: SliceTable, row: SliceRow) -> Path:
    return table.root / file_of(row.path, row.facts.frame)


def _read(table: SliceTable, row: SliceRow, reader: Callable[[Path], T]) -> T:
    path = _file(table, row)
    try:
        return reader(path)
    except HilumError as error:
        raise HilumError(
            f"{path} can no longer be read ({error}). Run the command again when no other program is changing the "
            "folder."
        ) from error
