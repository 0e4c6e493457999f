"""The fixed picture by which near-duplicates are told: versioned, and changed by no setting."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from hilum.progress import Tracker, silent
from hilum.slices import body
from hilum.slices.prepared import prepare
from hilum.slices.table import SliceTable
from hilum.storage import Shards, cache_folder

VERSION = 1  # of everything below; two versions are never compared
SIDE = 96
_ROWS_A_SHARD = 1024


def signatures(table: SliceTable, track: Tracker = silent) -> NDArray[np.uint8]:
    """The grey body crop of every distinct picture, stretched to 96 x 96 by averaging; cached.

    Args:
        table: As `read_table` gives it.
        track: Shows progress.

    Returns:
        `[distinct, 96, 96]`, in the order in which `distinct_rows` has them.

    Raises:
        HilumError: A file changed since the table was read, or the cache cannot be written.
    """
    rows = [table.rows[number] for number in distinct_rows(table)[0]]
    recipe = f"signature-{VERSION}-body-{body.VERSION}"
    shards = Shards(cache_folder() / "slices" / recipe, ".safetensors")
    known: dict[bytes, NDArray[np.uint8]] = {}
    for shard in shards.load():
        tensors = load(shard)
        known.update(zip(map(bytes, tensors["keys"]), tensors["pictures"], strict=True))
    keys = [hashlib.sha256(row.facts.pixels.encode()).digest() for row in rows]
    missing = [number for number, key in enumerate(keys) if key not in known]
    if missing:
        with track("comparing slices", len(missing)) as advance, ThreadPoolExecutor(os.cpu_count()) as pool:
            for first in range(0, len(missing), _ROWS_A_SHARD):
                part = missing[first : first + _ROWS_A_SHARD]
                found = []
                for picture in pool.map(lambda number: prepare(table, rows[number], SIDE, "bilinear", True), part):
                    found.append(np.round(picture * 255).astype(np.uint8))
                    advance()
                pictures = np.stack(found)
                names = np.frombuffer(b"".join(keys[number] for number in part), np.uint8).reshape(-1, 32)
                shards.append(save({"keys": names, "pictures": pictures}))
                known.update(zip((keys[number] for number in part), pictures, strict=True))
    return np.stack([known[key] for key in keys])


def distinct_rows(table: SliceTable) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which rows are the first of their picture, `[distinct]`, and each row's place among those, `[rows]`."""
    place: dict[str, int] = {}
    first = []
    places = np.empty(len(table.rows), np.intp)
    for number, row in enumerate(table.rows):
        if row.facts.pixels not in place:
            place[row.facts.pixels] = len(place)
            first.append(number)
        places[number] = place[row.facts.pixels]
    return np.array(first, np.intp), places
