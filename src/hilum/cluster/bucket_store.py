"""The files of a job in a bucket of S3. An object appears whole, at the end of its upload."""

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import BinaryIO, cast

from hilum.cluster.buckets import SCHEME, s3_files
from hilum.cluster.store_errors import unreadable, unwritable, why
from hilum.errors import HilumError

_LASTING = {"retries": {"mode": "standard"}}
# At first, an endpoint that does not answer is given up within 20 seconds: s3fs tries five times.
_FIRST = {"connect_timeout": 3, "read_timeout": 3, "retries": {"total_max_attempts": 1}}


class BucketStore:
    """The files of a job below an address such as `s3://bucket/job`.

    Args:
        address: The address.

    Attributes:
        label: Address in messages.
        aside: Folder where files are while they are being written.

    Raises:
        HilumError: There is no such bucket, or it cannot be reached or listed.
        MissingExtra: s3fs is not installed.
    """

    def __init__(self, address: str) -> None:
        self._root = address.removeprefix(SCHEME).rstrip("/")
        self.label, self.aside = f"{SCHEME}{self._root}", tempfile.gettempdir()
        if not self._root.partition("/")[0]:
            raise HilumError(f"{address} names no bucket. Give an address such as s3://bucket/job.")
        self._try()
        self._files = s3_files(skip_instance_cache=True, config_kwargs=_LASTING)

    def _try(self) -> None:
        try:
            s3_files(skip_instance_cache=True, config_kwargs=_FIRST).ls(self._root, refresh=True)
        except HilumError:
            raise
        except FileNotFoundError as error:
            if error.__cause__ is not None:  # an answer of the server; a prefix without objects is no error of it
                bucket = self._root.partition("/")[0]
                raise HilumError(
                    f"There is no bucket {bucket} ({self.label}). Make it, or give another --out."
                ) from error
        except Exception as error:
            raise HilumError(
                f"{self.label} cannot be reached ({why(error)}). Check the address, and the credentials and the "
                "endpoint in the variables AWS_..."
            ) from error

    def read(self, name: str) -> bytes | None:
        """The content of a file, or None if there is none."""
        with unreadable(f"{self.label}/{name}"):
            try:
                return cast("bytes", self._files.cat_file(self._path(name)))
            except FileNotFoundError:
                return None

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """A file that is open for reading, with random access."""
        with unreadable(f"{self.label}/{name}"), self._files.open(self._path(name), "rb") as file:
            yield file

    def write(self, name: str, data: bytes) -> None:
        """Writes a file in one step, replacing an earlier one."""
        with unwritable(self.label):
            self._files.pipe_file(self._path(name), data)

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """A file that takes its place in one step at the end of the block, unless the block fails."""
        # A file of fsspec would be uploaded as it is, cut short, when its block fails.
        with unwritable(self.aside), tempfile.NamedTemporaryFile() as file:
            yield cast("BinaryIO", file)
            file.flush()
            with unwritable(self.label):
                self._files.put_file(file.name, self._path(name))

    def names(self, folder: str) -> list[str]:
        """Names of what is in a folder, sorted."""
        with unreadable(self.label):
            try:
                found = self._files.ls(self._path(folder), detail=False, refresh=True)
            except FileNotFoundError:
                return []
        names = (path.removeprefix(self._root).strip("/") for path in found)
        return sorted(name for name in names if name not in ("", folder))  # some programs make an object for a folder

    def remove(self, name: str) -> None:
        """Removes a file, if it is there."""
        with unwritable(self.label):
            try:
                self._files.rm_file(self._path(name))
            except FileNotFoundError:
                return

    def held(self) -> AbstractContextManager[None]:
        """A block without any lock, for buckets have none. What two processes write is the same."""
        return nullcontext()

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}".rstrip("/")
