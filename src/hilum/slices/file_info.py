"""Facts about the content of a file, cached by its digest: a known file is not decoded again."""

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import PIL

from hilum.slices import body
from hilum.slices.body import Box
from hilum.slices.frames import Frame, read_frame, read_frames, size_of
from hilum.slices.kept import Kept
from hilum.slices.levels import Levels
from hilum.slices.pseudonyms import pseudonym
from hilum.slices.read import read_bytes
from hilum.slices.store import Store
from hilum.storage import Shards, cache_folder, sha256_of_file

VERSION = 5  # of how a file's bytes become grey pixels and doubts


Keep = Callable[[int | None, str, Levels], None]


def unkept(number: int | None, digest: str, levels: Levels) -> None:
    """Keeps nothing of a frame but its facts."""


@dataclass(frozen=True)
class SliceFacts:
    """What is known about a file, or about a frame of one.

    Attributes:
        content: SHA-256 of the file's bytes; for DICOM, SHA-256 of that digest with the frame's number and the window.
        pixels: SHA-256 of the decoded grey pixels and their shape: the same for equal pictures in different files.
        width, height: Size in pixels.
        format: `PNG`, `JPEG` or `DICOM`.
        mode: Pillow's mode, or DICOM's photometric interpretation.
        coloured: Whether any pixel's colour channels differ.
        bytes: Size of the file in bytes.
        body: Box around the body, or None if none was found.
        seconds: Time that decoding and finding the body took.
        window: Window that was asked for; None unless the file is DICOM.
        frame: Frame number (1-based) in a multi-frame file; None otherwise.
        frames: Number of frames in the file.
        doubt: Why it may not be an axial CT slice, from DICOM header and values; None if there is no doubt.
        patient, series: Salted hashes, as in `hilum.slices.frames.Frame`; None unless the file is DICOM.
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
    window: str | None = None
    frame: int | None = None
    frames: int = 1
    doubt: str | None = None
    patient: str | None = None
    series: str | None = None


def slice_facts(data: bytes, content: str, keep: Keep = unkept) -> SliceFacts:
    """Decodes a file's bytes and gathers its facts.

    Args:
        data: The bytes.
        content: SHA-256 of the bytes.
        keep: Called with None, the digest of the pixels and the levels.

    Raises:
        UnreadableSlice: The file cannot be used as a slice.
    """
    start = time.perf_counter()
    frame = read_frame(data, facts=True)
    facts = _facts_of(frame, content, len(data), start)
    keep(None, facts.pixels, frame.levels)
    return facts


def dicom_facts(path: Path, content: str, window: str, keep: Keep = unkept) -> list[SliceFacts]:
    """Decodes the frames of a DICOM file and gathers the facts of each.

    Args:
        path: The file.
        content: SHA-256 of the file's bytes.
        window: One of `hilum.slices.windows.WINDOWS`.
        keep: Called with each frame's number, the digest of its pixels and its levels.

    Raises:
        UnreadableSlice: The file, or any of its frames, cannot be used as a slice.
    """
    found, start, size = list[SliceFacts](), time.perf_counter(), size_of(path)
    for frame in read_frames(path, window, facts=True):
        found.append(_facts_of(frame, frame_content(content, len(found) + 1, window), size, start, window))
        keep(frame.number, found[-1].pixels, frame.levels)
        start = time.perf_counter()
    return [dataclasses.replace(facts, frames=len(found)) for facts in found]


def _facts_of(frame: Frame, content: str, size: int, start: float, window: str | None = None) -> SliceFacts:
    height, width = frame.levels.shape
    assert frame.digest is not None
    return SliceFacts(
        content=content,
        pixels=frame.digest,
        width=width,
        height=height,
        format=frame.format,
        mode=frame.mode,
        coloured=frame.coloured,
        bytes=size,
        body=frame.body,
        seconds=time.perf_counter() - start,
        window=window,
        frame=frame.number,
        doubt=frame.doubt,
        patient=frame.group,
        series=frame.series,
    )


def recipe() -> str:
    """Versions of everything that a file's facts depend on besides its bytes; part of the key of all that is cached."""
    return f"read-{VERSION}-body-{body.VERSION}-pillow-{PIL.__version__}-pydicom-{version('pydicom')}"


class FactsCache:
    """Facts of files on disk, by the digest of their bytes.

    Args:
        kept: Where pictures that had to be decoded are kept.
    """

    _ROWS_A_SHARD = 256

    def __init__(self, kept: Kept | None = None) -> None:
        self._kept = kept or Kept(0)
        self._store = Store(Shards(cache_folder() / "slices" / recipe(), ".json"), _pack, _unpack)
        self._known = self._store.load()
        self._new: dict[str, SliceFacts] = {}

    def facts(self, path: Path) -> SliceFacts:
        """The facts of a file, from the cache or by reading it.

        Raises:
            UnreadableSlice: The file cannot be used as a slice.
        """
        data = read_bytes(path)
        content = hashlib.sha256(data).hexdigest()
        known = self._known.get(content)
        if known is None:
            return slice_facts(data, content, partial(self._kept.add, path))
        self._kept.add(path, None, known.pixels)
        return known

    def dicom_facts(self, path: Path, window: str) -> list[SliceFacts]:
        """The facts of a DICOM file's frames, from the cache or by reading it.

        Raises:
            UnreadableSlice: The file, or any of its frames, cannot be used as a slice.
        """
        size_of(path)  # before a huge file is read to its end
        content = sha256_of_file(path)
        first = self._known.get(frame_content(content, 1, window))
        contents = [frame_content(content, number + 1, window) for number in range(first.frames if first else 1)]
        if all(each in self._known for each in contents):
            return [self._known[each] for each in contents]
        return dicom_facts(path, content, window, partial(self._kept.add, path))

    def keep(self, facts: SliceFacts) -> None:
        """Keeps facts, which are written to disk in batches and when `flush` is called."""
        if facts.content not in self._known:
            self._known[facts.content] = self._new[facts.content] = facts
        if len(self._new) >= self._ROWS_A_SHARD:
            self.flush()

    def flush(self) -> None:
        """Writes the facts that are not on disk yet."""
        if self._new:
            self._store.append([*self._new], [*self._new.values()])
            self._new = {}


def _pack(_: Sequence[str], found: Sequence[SliceFacts]) -> bytes:
    rows = map(dataclasses.asdict, found)
    return json.dumps(
        [row if row["patient"] is None else {**row, "salted": pseudonym("salt")} for row in rows]
    ).encode()


def _unpack(data: bytes) -> Iterator[tuple[str, SliceFacts]]:
    for row in json.loads(data):
        salted = row.pop("salted", None)
        if salted is None or salted == pseudonym("salt"):  # otherwise its hashes are of another salt
            row["body"] = Box(*row["body"]) if row["body"] else None
            yield row["content"], SliceFacts(**row)


def frame_content(content: str, number: int, window: str) -> str:
    """The digest of a DICOM frame: SHA-256 over the file's digest, the frame's number (1-based) and the window."""
    return hashlib.sha256(f"{content}#{number} {window}".encode()).hexdigest()
