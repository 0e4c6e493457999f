"""The files of a job, in a folder or in a bucket; each appears whole, in one step."""

import stat
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

from hilum.cluster.bucket_store import BucketStore
from hilum.cluster.buckets import in_bucket
from hilum.cluster.folder_store import FolderStore
from hilum.cluster.store_errors import why
from hilum.errors import HilumError


class Store(Protocol):
    """Files by name, such as `rows/000000.parquet`.

    Attributes:
        label: Name of the place in messages.
        aside: Name in messages of the folder where files are while they are being written.
    """

    label: str
    aside: str

    def read(self, name: str) -> bytes | None:
        """The content of a file, or None if there is none."""

    def opened(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A file that is open for reading, with random access."""

    def write(self, name: str, data: bytes) -> None:
        """Writes a file in one step, replacing an earlier one."""

    def writing(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A file that takes its place in one step at the end of the block, unless the block fails."""

    def names(self, folder: str) -> list[str]:
        """Names of the files and folders in a folder, sorted; without those that are being written.

        They begin with the name of the folder, which is `""` for the whole store.
        """

    def remove(self, name: str) -> None:
        """Removes a file, if it is there."""

    def held(self) -> AbstractContextManager[None]:
        """A block during which no other process may write to the store, where the system has locks."""


def open_store(out: str) -> Store:
    """The store at a path, or at an address such as `s3://bucket/job`. Nothing is written.

    Raises:
        HilumError: The place is a file, or cannot be reached.
        MissingExtra: A package for buckets is missing.
    """
    if in_bucket(out):
        return BucketStore(out)
    if "://" in out:
        raise HilumError(
            f"{out} cannot be written by hilum. Give --out a folder, or an address such as s3://bucket/job."
        )
    try:
        is_folder = stat.S_ISDIR(Path(out).stat().st_mode)
    except FileNotFoundError:
        is_folder = True  # a new one
    except (OSError, ValueError) as error:  # the latter: a NUL in the name
        raise HilumError(f"{out} cannot be used ({why(error)}). Give another --out.") from error
    if not is_folder:
        raise HilumError(f"{out} is a file. Give --out the name of a folder.")
    return FolderStore(Path(out))
