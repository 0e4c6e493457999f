"""The files of a job in a folder, on a local disk or a network share."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from hilum.cluster.store_errors import unreadable, unwritable
from hilum.errors import HilumError
from hilum.locks import take_lock
from hilum.storage import ASIDE, remove_left_aside, writing_aside

_LOCK = ".lock"


class FolderStore:
    """The files of a job in a folder, which is made when it is first written to.

    Args:
        folder: The folder.

    Attributes:
        label: Name of the folder in messages.
        aside: Folder where files are while they are being written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.label = self.aside = str(folder)

    def read(self, name: str) -> bytes | None:
        """The content of a file, or None if there is none."""
        with unreadable(f"{self.label}/{name}"):
            try:
                return (self._folder / name).read_bytes()
            except FileNotFoundError:
                return None

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """A file that is open for reading, with random access."""
        with unreadable(f"{self.label}/{name}"), (self._folder / name).open("rb") as file:
            yield file

    def write(self, name: str, data: bytes) -> None:
        """Writes a file in one step, replacing an earlier one."""
        with self.writing(name) as file:
            file.write(data)

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """A file that takes its place in one step at the end of the block, unless the block fails."""
        with unwritable(self.label), writing_aside(self._folder / name) as file:
            yield file

    def names(self, folder: str) -> list[str]:
        """Names of what is in a folder, sorted; without files that are being written."""
        with unreadable(self.label):
            try:
                found = sorted(entry.name for entry in os.scandir(self._folder / folder))
            except FileNotFoundError:
                return []
        prefix = f"{folder}/" if folder else ""
        return [prefix + name for name in found if name != _LOCK and not name.startswith(ASIDE)]

    def remove(self, name: str) -> None:
        """Removes a file, if it is there."""
        with unwritable(self.label):
            (self._folder / name).unlink(missing_ok=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """A block during which no other process may write to the folder, where the system has locks.

        Raises:
            HilumError: Another process holds it, or it cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            reason = f"{self.label} cannot be written ({error.strerror})"
            raise HilumError(f"{reason}. Make it writable, or give another --out.") from error
        try:
            if take_lock(descriptor) is False:
                raise HilumError(
                    f"Another hilum is writing to {self.label}. Wait for it to end, or give another --out."
                )
            for folder in ("", "inputs", "rows"):
                remove_left_aside(self._folder / folder)
            yield
        finally:
            os.close(descriptor)
