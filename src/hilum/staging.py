"""Staging folders: outputs are put together beside their place and then take it in one step.

A staging folder holds a lock while its process lives, which keeps other writers out. The next process that stages in
the same folder removes what a killed one left.
"""

import ctypes
import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

from hilum.locks import claim, take_lock

_PREFIX = ".hilum-"
_LOCK, _NEW, _EARLIER = "lock", "new", "earlier"
_SHOWN = 40  # characters of a place's name, up to four bytes each: the name may have the maximum length already


class Held(Exception):
    """A living process is staging for the same place."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is held by another process")
        self.folder = folder


class Staging:
    """A staging folder, made or taken over from a dead process.

    It lies in the folder of the place or, if that does not exist, in the nearest existing one above.

    Args:
        place: Absolute path without links. A folder that a dead process was about to replace is first put back.

    Attributes:
        new: Path of the new folder or file, before it takes the place.

    Raises:
        Held: Another process is staging for the place.
        OSError: The place cannot be written.
    """

    def __init__(self, place: Path) -> None:
        above = place.parent
        while not is_there(above):
            above = above.parent
        digest = hashlib.blake2b(os.fsencode(place.relative_to(above)), digest_size=4).hexdigest()
        self._place, self._folder = place, above / f"{_PREFIX}{place.name[:_SHOWN]}-{digest}"
        self.new = self._folder / _NEW
        self._lock = self._claim()
        try:
            os.write(self._lock, b"hilum")
            self._clear()
            (self.new / place.relative_to(above)).mkdir(parents=True)  # a name that is too long fails now
            self._clear()
            _remove_abandoned(above)
        except BaseException:
            self.remove()
            raise

    def take_place(self) -> None:
        """Moves the new folder or file into the place, in one step if the system supports that."""
        self._place.parent.mkdir(parents=True, exist_ok=True)
        if is_there(self._place):
            shutil.copymode(self._place, self.new)
            _flush(self.new)  # a power cut must not lose the new once the old is gone
        if self.new.is_file():
            self.new.replace(self._place)
        elif not is_there(self._place):
            self.new.rename(self._place)
        elif not _exchange(self.new, self._place):
            self._place.rename(self._folder / _EARLIER)  # put back if the process ends here
            self.new.rename(self._place)

    def remove(self) -> None:
        """Removes the staging folder and gives up the lock."""
        try:
            self._clear()
            _remove(self._folder)
        finally:
            os.close(self._lock)

    def _claim(self) -> int:
        while True:
            self._folder.mkdir(exist_ok=True)
            try:
                lock = claim(self._folder / _LOCK)
            except FileNotFoundError:  # its last owner has just removed the folder
                continue
            if lock is None:
                raise Held(self._folder)
            return lock

    def _clear(self) -> None:
        if is_there(self._folder / _EARLIER) and not is_there(self._place):
            (self._folder / _EARLIER).rename(self._place)
        for left in (self.new, self._folder / _EARLIER):
            _discard(left)


def is_there(path: Path) -> bool:
    """Whether a path exists; a broken link does.

    Raises:
        OSError: The path is invalid or not accessible.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def files_in(folder: Path) -> set[str]:
    """Names of all files and links below a folder, with forward slashes; links are not followed."""

    def fail(error: OSError) -> None:
        raise error

    found = set()
    for parent, folders, files in os.walk(folder, onerror=fail):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        found |= {Path(parent, name).relative_to(folder).as_posix() for name in (*files, *links)}
    return found


def _flush(made: Path) -> None:
    for path in [made] if made.is_file() else [made / name for name in files_in(made)]:
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def _exchange(one: Path, other: Path) -> bool:
    """Swaps two folders in one step if the system supports it, as Linux does on most file systems."""
    try:
        renameat2 = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    at_working_folder, exchange = -100, 2
    done: int = renameat2(at_working_folder, os.fsencode(one), at_working_folder, os.fsencode(other), exchange)
    return done == 0


def _discard(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _remove(folder: Path) -> None:
    (folder / _LOCK).unlink(missing_ok=True)
    with suppress(OSError):  # another process has just taken it over, or something in it cannot be removed
        folder.rmdir()


def _remove_abandoned(above: Path) -> None:
    """Removes what killed processes left of other places."""
    for folder in above.glob(f"{_PREFIX}*"):
        try:
            lock = os.open(folder / _LOCK, os.O_RDWR)
        except OSError:  # just removed or made, or another user's
            with suppress(OSError):
                folder.rmdir()  # only if it is empty; a process that has just made it makes it again
            continue
        try:
            # An empty lock was made just now. An earlier folder can be put back only by a process that knows its place.
            if os.read(lock, 1) and not is_there(folder / _EARLIER) and take_lock(lock):
                _discard(folder / _NEW)
                _remove(folder)
        finally:
            os.close(lock)
