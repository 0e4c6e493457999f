"""The cache, whose files survive a kill at any moment: they are written aside and then renamed."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hilum.errors import HilumError
from hilum.locks import claim, remove_abandoned

ASIDE = ".aside-"  # begins the names of files that are being written


def cache_folder() -> Path:
    """The folder of cached facts, features and converted weights: `HILUM_CACHE`, or the user's cache folder."""
    if chosen := os.environ.get("HILUM_CACHE"):
        return Path(chosen).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "hilum"


def offline() -> bool:
    """Whether `HILUM_OFFLINE` forbids every connection."""
    return os.environ.get("HILUM_OFFLINE", "") not in ("", "0")


def sha256_of_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def writing_aside(path: Path) -> Iterator[BinaryIO]:
    """A file that replaces `path` in one step at the end of the block, and never if the block fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = None
    while lock is None:
        # Not mkstemp: its files are readable only by their owner.
        aside = path.parent / f"{ASIDE}{secrets.token_hex(8)}"
        lock = claim(aside)
    try:
        with os.fdopen(lock, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def remove_left_aside(folder: Path) -> None:
    """Removes the files that killed processes left aside in a folder."""
    for left in folder.glob(f"{ASIDE}*"):
        remove_abandoned(left)


def write_aside(path: Path, data: bytes) -> None:
    """Replaces a file in one step: `path` holds either all of `data` or its earlier content.

    Files that killed processes left aside are removed.
    """
    remove_left_aside(path.parent)
    with writing_aside(path) as file:
        file.write(data)


def write_to_cache(path: Path, data: bytes) -> None:
    """Writes a file of the cache as `write_aside` does.

    Raises:
        HilumError: The cache folder cannot be written.
    """
    try:
        write_aside(path, data)
    except OSError as error:
        raise HilumError(
            f"The cache {path.parent} cannot be written ({error.strerror}). "
            "Set HILUM_CACHE to a writable folder, or free some space with: hilum cache --clear"
        ) from error


@dataclass(frozen=True)
class Shards:
    """A folder of write-once files, each named by the digest of its content.

    Writers never touch each other's files, so simultaneous runs need no lock. A file whose content no longer matches
    its name is removed, and its values are computed again.
    """

    folder: Path
    suffix: str

    def append(self, data: bytes) -> None:
        """Adds one shard.

        Raises:
            HilumError: The cache folder cannot be written.
        """
        write_to_cache(self.folder / (hashlib.sha256(data).hexdigest() + self.suffix), data)

    def paths(self) -> Iterator[Path]:
        """The path of every undamaged shard, in the order of their names."""
        for path in sorted(self.folder.glob(f"*{self.suffix}")):
            with suppress(OSError):  # another process cleared it in the meantime
                if sha256_of_file(path) == path.name.removesuffix(self.suffix):
                    yield path
                else:
                    path.unlink(missing_ok=True)

    def load(self) -> Iterator[bytes]:
        """The content of every undamaged shard, in the order of their names."""
        for path in sorted(self.folder.glob(f"*{self.suffix}")):
            try:
                data = path.read_bytes()
            except OSError:  # another process cleared it in the meantime
                continue
            if hashlib.sha256(data).hexdigest() == path.name.removesuffix(self.suffix):
                yield data
            else:
                path.unlink(missing_ok=True)


@dataclass(frozen=True)
class CacheUse:
    """How much one part of the cache holds."""

    part: str
    files: int
    bytes: int


def cache_use() -> list[CacheUse]:
    """The use of the cache by part (`audit`, `features`, `matplotlib`, `models`, `slices`, `weights`)."""
    rows = []
    for part in sorted(path for path in cache_folder().glob("*") if path.is_dir()):
        sizes = [path.stat().st_size for path in part.rglob("*") if path.is_file()]
        rows.append(CacheUse(part.name, len(sizes), sum(sizes)))
    return rows


def clear_cache() -> None:
    """Removes the parts of the cache that hilum made and keeps anything else in the folder."""
    for part in ("audit", "features", "matplotlib", "models", "slices", "weights"):
        shutil.rmtree(cache_folder() / part, ignore_errors=True)
