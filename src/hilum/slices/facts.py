"""Facts about one file's content, kept in the cache so that a known file is not decoded again."""

import dataclasses
import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL
from numpy.typing import NDArray

from hilum.slices import body
from hilum.slices.body import Box, body_box
from hilum.slices.read import decode, read_bytes
from hilum.storage import Shards, cache_folder


@dataclass(frozen=True)
class SliceFacts:
    """What is known of a file without looking at it again.

    Attributes:
        content: SHA-256 of the file's bytes.
        pixels: SHA-256 of the decoded grey pixels and their shape: equal for equal pictures in different files.
        width, height: In pixels.
        format: `PNG` or `JPEG`.
        mode: Pillow's mode.
        coloured: Whether any pixel's colour channels differ.
        bytes: Size of the file.
        body: The box around the body, or None where none was found.
        seconds: What decoding and looking for the body took.
    """

    content: str
    pixels: str
    width: int
    height: int
    format: str
    mode: str
    coloured: bool
    bytes: int
    body: Box | None
    seconds: float


def slice_facts(data: bytes, content: str) -> SliceFacts:
    """Decodes a file's bytes and gathers its facts.

    Raises:
        UnreadableSlice: As `hilum.slices.read.decode` says.
    """
    start = time.perf_counter()
    slice_ = decode(data)
    height, width = slice_.pixels.shape
    box = body_box(slice_.pixels)
    return SliceFacts(
        content=content,
        pixels=pixels_digest(slice_.pixels),
        width=width,
        height=height,
        format=slice_.format,
        mode=slice_.mode,
        coloured=slice_.coloured,
        bytes=len(data),
        body=box,
        seconds=time.perf_counter() - start,
    )


def pixels_digest(pixels: NDArray[np.float32]) -> str:
    """SHA-256 of grey pixels `[height, width]` and their shape, in hex."""
    height, width = pixels.shape
    return hashlib.sha256(f"{height}x{width}:".encode() + pixels.tobytes()).hexdigest()


class FactsCache:
    """Facts by the digest of a file's bytes, on disk."""

    _ROWS_A_SHARD = 256

    def __init__(self) -> None:
        recipe = f"read-1-body-{body.VERSION}-pillow-{PIL.__version__}"
        self._shards = Shards(cache_folder() / "slices" / recipe, ".json")
        self._known: dict[str, SliceFacts] = {}
        self._new: list[SliceFacts] = []
        for shard in self._shards.load():
            for row in json.loads(shard):
                row["body"] = Box(*row["body"]) if row["body"] else None
                self._known[row["content"]] = SliceFacts(**row)

    def facts(self, path: Path) -> SliceFacts:
        """The facts of a file, from the cache or by reading it.

        Raises:
            UnreadableSlice: The file cannot be used as a slice.
        """
        data = read_bytes(path)
        content = hashlib.sha256(data).hexdigest()
        known = self._known.get(content)
        return known if known is not None else slice_facts(data, content)

    def keep(self, facts: SliceFacts) -> None:
        """Notes facts, to be written when enough have come together or `flush` is called."""
        if facts.content not in self._known:
            self._known[facts.content] = facts
            self._new.append(facts)
        if len(self._new) >= self._ROWS_A_SHARD:
            self.flush()

    def flush(self) -> None:
        """Writes what is new."""
        if self._new:
            self._shards.append(json.dumps([dataclasses.asdict(facts) for facts in self._new]).encode())
            self._new = []
