"""What is said when the place of a job cannot be read or written."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from hilum.errors import HilumError
from hilum.text import first_sentence

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Top-level modules of errors that come from a bucket.
_OF_BUCKETS = ("botocore", "aiobotocore", "aiohttp", "s3fs", "fsspec")


@contextmanager
def unwritable(label: str) -> Iterator[None]:
    """A block that writes to a place.

    Raises:
        HilumError: The place cannot be written.
    """
    try:
        yield
    except Exception as error:
        if not _of_place(error):
            raise
        full = getattr(error, "errno", None) in _FULL
        remedy = "make room there" if full else "make it writable"
        raise HilumError(
            f"{label} cannot be written ({why(error)}). What was answered is kept; {remedy} and run the same command "
            "again."
        ) from error


@contextmanager
def unreadable(label: str) -> Iterator[None]:
    """A block that reads from a place.

    Raises:
        HilumError: The place cannot be read.
    """
    try:
        yield
    except Exception as error:
        if not _of_place(error):
            raise
        raise HilumError(f"{label} cannot be read ({why(error)}). Run the same command again when it can.") from error


def _of_place(error: Exception) -> bool:
    """Whether an error comes from a disk, a connection or a bucket rather than from a bug."""
    return isinstance(error, OSError) or type(error).__module__.partition(".")[0] in _OF_BUCKETS


def why(error: Exception) -> str:
    """The reason for an error, to be put in brackets."""
    return getattr(error, "strerror", None) or first_sentence(error) or type(error).__name__
