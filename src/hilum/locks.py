"""Locks on files that the system gives back when their process ends, however it ends."""

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

_HELD_ELSEWHERE = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


def take_lock(descriptor: int) -> bool | None:
    """Takes the lock of an open file, which is held until the file is closed.

    Returns:
        False where another open file holds it; None where the file system has no locks.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, 2**62, os.SEEK_SET)  # there, a locked byte cannot be read: one that no file has
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in _HELD_ELSEWHERE else None
    return True


def claim(path: Path) -> int | None:
    """Makes a file, or takes over one whose maker is dead.

    Returns:
        A descriptor that holds the file's lock until it is closed; None where the maker is alive, or may be: without
        locks only a new file can be claimed.

    Raises:
        OSError: The file can be neither made nor opened.
    """
    while True:
        try:
            descriptor, held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666), True
        except FileExistsError:
            try:
                descriptor, held = os.open(path, os.O_RDWR), False
            except FileNotFoundError:  # its maker has just removed it
                continue
        lock = take_lock(descriptor)
        if not (held if lock is None else lock):
            os.close(descriptor)
            return None
        if os.fstat(descriptor).st_nlink and _is_at(descriptor, path):
            return descriptor
        os.close(descriptor)  # its maker removed it before the lock was ours


def remove_abandoned(path: Path) -> None:
    """Removes a file that `claim` made, if its maker is dead."""
    with suppress(OSError):  # not ours to touch
        if (descriptor := claim(path)) is not None:
            try:
                path.unlink(missing_ok=True)
            finally:
                os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
