"""Decoded pictures that are kept while there is room, so that not every reader of a table decodes them again."""

import threading
from pathlib import Path

from hilum.slices.frames import file_key
from hilum.slices.levels import Levels
from hilum.slices.read import UnreadableSlice

MOST = 2**28  # bytes of all pictures; 1,000 slices of 8 bits with 512 x 512 pixels


class Kept:
    """The pictures of a table that were decoded first, each held once however many files show it.

    A picture is given out only while its file is the one that was read, by its size, time and number.

    Args:
        most: Bytes of all pictures together.
    """

    def __init__(self, most: int = MOST) -> None:
        self._room, self._lock = most, threading.Lock()
        self._files: dict[tuple[str, int | None], str] = {}
        self._pictures: dict[str, Levels] = {}

    def add(self, path: Path, number: int | None, digest: str, levels: Levels | None = None) -> None:
        """Keeps a frame if there is room.

        Args:
            path: The file.
            number: Frame number (1-based); None if the file has only one.
            digest: Digest of the frame's pixels.
            levels: The frame's levels; None if another file's picture may have been kept that has the same pixels.

        Raises:
            UnreadableSlice: The file is gone.
        """
        with self._lock:
            if digest not in self._pictures:
                if levels is None or levels.nbytes > self._room:
                    return
                self._room -= levels.nbytes
                self._pictures[digest] = levels = levels.view()
                levels.flags.writeable = False  # whoever takes it shares it
            self._files[file_key(path), number] = digest

    def levels(self, path: Path, number: int | None, digest: str) -> Levels | None:
        """The levels of a frame, or None if they are not kept or the file is no longer the same.

        Args:
            path: The file.
            number: Frame number (1-based); None if the file has only one.
            digest: Digest of the frame's pixels.
        """
        try:
            found = self._files.get((file_key(path), number))
        except UnreadableSlice:
            return None
        return self._pictures.get(digest) if found == digest else None
