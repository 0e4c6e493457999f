"""Folders in which outputs are put together, beside the place that they then take at once.

A staging folder holds a lock while its process lives, so that a place has one writer at a time. What a killed process
left is removed by the next one that stages in the same folder.
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
_SHOWN = 40  # letters of a place's name, each at most four bytes: a place's name may be as long as names can be


class Held(Exception):
    """A living process is staging for the same place."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is held by another process")
        self.folder = folder


class Staging:
    """A staging folder, made or taken over from a dead process.

    It lies in the folder of the place, or in the nearest one above that exists: nothing else is made in advance.

    Args:
        place: An absolute path without links. A folder that a dead process was about to replace is put back first.

    Attributes:
        new: Where to put together what the place is to hold.

    Raises:
        Held: Another process is staging for the place.
        OSError: The place could not be written.
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
            (self.new / place.relative_to(above)).mkdir(parents=True)  # a name too long is found now, not at the end
            self._clear()
            _remove_abandoned(above)
        except BaseException:
            self.remove()
            raise

    def take_place(self) -> None:
        """Moves what is new into the place, in one step where the system can."""
        self._place.parent.mkdir(parents=True, exist_ok=True)
        if is_there(self._place):
            shutil.copymode(self._place, self.new)
            _flush(self.new)  # a power cut must not take the new when the old is gone
        if self.new.is_file():
            self.new.replace(self._place)
        elif not is_there(self._place):
            self.new.rename(self._place)
        elif not _exchange(self.new, self._place):
            self._place.rename(self._folder / _EARLIER)  # goes back if this is the last thing that the process does
            self.new.rename(self._place)

    def remove(self) -> None:
        """Removes the folder with all that is in it, and gives up the lock."""
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
            except FileNotFoundError:  # its last owner has just removed it
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
    """Whether a path exists; a link that leads nowhere does.

    Raises:
        OSError: The path cannot exist, or may not be looked at.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def files_in(folder: Path) -> set[str]:
    """All files and links below a folder, by names with forward slashes; links are not followed."""

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
    """Swaps two folders at once where the system can, as Linux can on most file systems."""
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
    with suppress(OSError):  # another process has just made it its own, or something in it cannot be removed
        folder.rmdir()


def _remove_abandoned(above: Path) -> None:
    """Removes what killed processes staged for other places."""
    for folder in above.glob(f"{_PREFIX}*"):
        try:
            lock = os.open(folder / _LOCK, os.O_RDWR)
        except OSError:  # just removed or made, or another user's
            with suppress(OSError):
                folder.rmdir()  # if it is empty; who has just made it makes it again
            continue
        try:
            # An empty lock was made just now. What has to be put back waits for a process that knows its place.
            if os.read(lock, 1) and not is_there(folder / _EARLIER) and take_lock(lock):
                _discard(folder / _NEW)
                _remove(folder)
        finally:
            os.close(lock)
