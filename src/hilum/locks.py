"""Locks on files, which the system releases when their process ends in any way."""

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

_HELD_ELSEWHERE = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


def take_lock(descriptor: int) -> bool | None:
    """Takes the lock of an open file and holds it until the file is closed.

    Returns:
        Whether the lock was taken: False if it is held elsewhere, None if the file system has no locks.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, 2**62, os.SEEK_SET)  # beyond any file: a locked byte cannot be read
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in _HELD_ELSEWHERE else None
    return True


def claim(path: Path) -> int | None:
    """Makes a file, or takes over the file of a process that is dead.

    Returns:
        A descriptor that holds the file's lock until it is closed, or None if the other process is or may be alive.
        Without locks only a new file can be claimed.

    Raises:
        OSError: The file can be neither made nor opened.
    """
    while True:
        try:
            descriptor, held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666), True
        except FileExistsError:
            try:
                descriptor, held = os.open(path, os.O_RDWR), False
            except FileNotFoundError:  # its owner has just removed it
                continue
        lock = take_lock(descriptor)
        if not (held if lock is None else lock):
            os.close(descriptor)
            return None
        if os.fstat(descriptor).st_nlink and _is_at(descriptor, path):
            return descriptor
        os.close(descriptor)  # its owner removed it before the lock was taken


def remove_abandoned(path: Path) -> None:
    """Removes a file that `claim` made, if its process is dead."""
    with suppress(OSError):  # not accessible
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
