"""The files of a job, in a folder or in a bucket; each appears whole, in one step."""

from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol


class Store(Protocol):
    """Files by name, such as `rows/000000.parquet`.

    Attributes:
        label: The place as messages name it.
    """

    label: str

    def read(self, name: str) -> bytes | None:
        """The content of a file, or None if there is none."""

    def opened(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A file open for reading at any place."""

    def write(self, name: str, data: bytes) -> None:
        """Puts a file in its place in one step, instead of an earlier one."""

    def writing(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A file that takes its place in one step at the end of the block, and not at all if the block fails."""

    def names(self, folder: str) -> list[str]:
        """Names of the files in a folder, sorted; without those that are being written. `""` lists the whole store."""

    def remove(self, name: str) -> None:
        """Removes a file, if it is there."""

    def held(self) -> AbstractContextManager[None]:
        """A block during which no other process may write to the store, where the system has locks."""


def open_store(out: str) -> Store:
    """The store at a path, or at an address such as `s3://bucket/job`.

    Raises:
        HilumError: The place is a file, or cannot be reached or written, or a package for it is missing.
    """
    raise NotImplementedError
