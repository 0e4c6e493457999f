"""Fixed small pictures that tell near-duplicates; they have a version, and no setting changes them."""

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from safetensors.numpy import load

from hilum.processes import Message
from hilum.progress import Tracker, silent
from hilum.slices import body
from hilum.slices.body import Box, body_box
from hilum.slices.jobs import Source, levels_in
from hilum.slices.levels import grey
from hilum.slices.pixels import job_on
from hilum.slices.resize import crop_and_resize
from hilum.slices.rows import SliceRow
from hilum.slices.store import Store, pack_arrays
from hilum.slices.table import SliceTable
from hilum.storage import Shards, cache_folder

VERSION = 2  # version of everything below; two versions are never compared
SIDE = 96
_TURNABLE_SIDE = 512


class Signatures(NamedTuple):
    """The grey body crops of distinct pictures, stretched to 96 x 96 by averaging.

    Attributes:
        upright: Crops to the body as everywhere else in hilum, `[distinct, 96, 96]`. Their coarse grid starts in a
            corner, so the crop of a turned picture may be off by a pixel or two.
        turnable: Crops to the body found pixel by pixel, `[distinct, 96, 96]`. The crop of a turned picture is the
            turned crop.
    """

    upright: NDArray[np.uint8]
    turnable: NDArray[np.uint8]


def signatures(table: SliceTable, track: Tracker = silent) -> Signatures:
    """The signatures of every distinct picture, cached.

    Args:
        table: Table from `read_table`.
        track: Reports progress.

    Returns:
        Pictures in the order of `distinct_rows`.

    Raises:
        HilumError: A file changed since the table was read, or the cache cannot be written.
    """
    rows = [table.rows[number] for number in distinct_rows(table)[0]]
    shards = Shards(cache_folder() / "slices" / f"signature-{VERSION}-body-{body.VERSION}", ".safetensors")
    store = Store(shards, lambda keys, pairs: pack_arrays(keys, pictures=np.stack(pairs)), _unpack)
    keys = [hashlib.sha256(row.facts.pixels.encode()).digest() for row in rows]

    def made(row: SliceRow) -> NDArray[np.uint8]:
        _, blob = job_on(table, row, "hilum.audit.signature:pair", body=row.facts.body)
        return np.frombuffer(blob, np.uint8).reshape(2, SIDE, SIDE)

    pairs = store.values(keys, rows, lambda part, pool: pool.map(made, part), "comparing slices", track)
    return Signatures(*np.stack(pairs, axis=1))


def _unpack(data: bytes) -> Iterator[tuple[bytes, NDArray[np.uint8]]]:
    tensors = load(data)
    return zip(map(bytes, tensors["keys"]), tensors["pictures"], strict=True)


def pair(source: Source, request: dict[str, Any]) -> Iterator[Message]:
    """The job that makes a picture's upright and turnable signature, uint8 `[2, 96, 96]`, of its levels and `body`."""
    pixels, box = grey(levels_in(source, request)), request["body"]
    height, width = pixels.shape
    longest = max(height, width)
    fine = pixels
    if longest > _TURNABLE_SIDE:  # regions of a huge noisy picture would take minutes to find
        size = round(width * _TURNABLE_SIDE / longest), round(height * _TURNABLE_SIDE / longest)
        fine = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))
    boxes = box and Box(*box), body_box(fine, _TURNABLE_SIDE)
    crops = [crop_and_resize(part, at, SIDE) for part, at in zip((pixels, fine), boxes, strict=True)]
    yield {}, np.round(np.stack(crops) * 255).astype(np.uint8).tobytes()


def distinct_rows(table: SliceTable) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which rows are the first of their picture, `[distinct]`, and each row's place among those, `[rows]`."""
    pictures = [row.facts.pixels for row in table.rows]
    _, first, numbers = np.unique(pictures, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return first[order], np.argsort(order)[numbers]
