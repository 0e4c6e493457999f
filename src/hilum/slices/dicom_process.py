"""Processes that read DICOM for hilum: started when needed, used again, replaced when one crashes or hangs."""

import atexit
import hashlib
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.slices.dicom_worker import receive, send
from hilum.slices.pseudonyms import salt
from hilum.slices.read import UnreadableSlice

MAX_BYTES = 2**30
SECONDS = 60.0  # for one frame
COMMAND = (sys.executable or "python3", "-P", "-m", "hilum.slices.dicom_worker")

_MOST = min(4, os.cpu_count() or 1)


def dicom_frames(
    source: Path | bytes, window: str, first: int = 0
) -> Iterator[tuple[NDArray[np.float32], dict[str, Any]]]:
    """The frames of a DICOM file, one at a time, as `hilum.slices.dicom.DicomFile.frame` gives them.

    Args:
        source: The file, or its bytes.
        window: One of `hilum.slices.windows.WINDOWS`.
        first: The frame to begin with, counted from 0.

    Raises:
        UnreadableSlice: The file, or its next frame, cannot be read.
    """
    path, key = (None, hashlib.sha256(source).hexdigest()) if isinstance(source, bytes) else _path_and_key(source)
    data = source if isinstance(source, bytes) else b""
    number, frames = first, first + 1
    while number < frames:
        request = {"key": key, "path": path, "frame": number, "window": window, "salt": _salt().hex()}
        answer, blob = _POOL.ask(request, data)
        if "reason" in answer:
            raise UnreadableSlice(answer["reason"])
        number, frames, shape = number + 1, answer.pop("frames"), answer.pop("shape")
        yield np.frombuffer(bytearray(blob), "<f4").reshape(shape), answer


def dicom_size(path: Path) -> int:
    """The bytes of a file that is not too large.

    Raises:
        UnreadableSlice: It is, or cannot be opened.
    """
    return _state(path).st_size


def _state(path: Path) -> os.stat_result:
    try:
        state = path.stat()
    except OSError as error:
        raise UnreadableSlice(f"the file cannot be opened ({error.strerror})") from error
    if state.st_size > MAX_BYTES:
        raise UnreadableSlice(f"the file has {state.st_size / 2**20:.0f} MB, more than {MAX_BYTES // 2**20}")
    return state


def _path_and_key(path: Path) -> tuple[str, str]:
    state = _state(path)
    absolute = os.path.abspath(path)  # noqa: PTH100 - resolve would follow links
    return absolute, f"{absolute} {state.st_ino} {state.st_size} {state.st_mtime_ns}"


def _salt() -> bytes:
    try:
        return salt()
    except HilumError:  # no place to keep one: groups hold within this run only
        return _salt_of_run()


@cache
def _salt_of_run() -> bytes:
    return secrets.token_bytes(32)


class _Worker:
    """One process.

    Attributes:
        key: Of the file that it has open.
        late: Whether it was ended because it took too long.
        used: Whether it has answered before.
    """

    def __init__(self) -> None:
        places = os.pathsep.join(place for place in sys.path if place)
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        try:
            self._process = subprocess.Popen(
                COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **threads, "PYTHONPATH": places},
                start_new_session=True,  # an interrupt at the terminal is for hilum
            )
        except OSError as error:
            raise UnreadableSlice(f"the process that reads DICOM cannot be started ({error.strerror})") from error
        self.key: str | None = None
        self.used = self.late = False

    def ask(self, request: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], bytes] | None:
        """The answer, or None from a process that is gone."""
        known, self.key = request["key"] == self.key, None
        questions, answers = self._process.stdin, self._process.stdout
        if questions is None or answers is None:
            return None
        timer = threading.Timer(SECONDS, self._end_late)
        timer.daemon = True
        timer.start()
        try:
            send(questions, request, b"" if known else data)
            answer, blob = receive(answers)
        except (OSError, EOFError):
            return None
        finally:
            timer.cancel()
        self.used = True
        self.key = None if "reason" in answer else request["key"]
        return answer, blob

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _end_late(self) -> None:
        self.late = True
        self._process.kill()


class _Pool:
    """The processes that wait for a question."""

    def __init__(self) -> None:
        self._lock, self._room = threading.Lock(), threading.BoundedSemaphore(_MOST)
        self.idle: list[_Worker] = []

    def ask(self, request: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        with self._room:
            while True:
                worker = self._take(request["key"])
                used = worker.used
                answer = None
                try:
                    answer = worker.ask(request, data)
                finally:
                    if answer is None:
                        worker.end()
                if answer is not None:
                    with self._lock:
                        self.idle.append(worker)
                    return answer
                if worker.late:
                    raise UnreadableSlice(f"it could not be decoded within {SECONDS:.0f} seconds")
                if not used:  # else it may have died of something else, and a fresh one is asked
                    raise UnreadableSlice("its pixels are damaged: decoding them crashed")

    def _take(self, key: str) -> _Worker:
        """The process that has a file open, or the last used one, or a new one."""
        with self._lock:
            for worker in self.idle:
                if worker.key == key:
                    self.idle.remove(worker)
                    return worker
            if self.idle:
                return self.idle.pop()
        return _Worker()

    def end(self) -> None:
        with self._lock:
            while self.idle:
                self.idle.pop().end()

    def forget(self) -> None:
        """Leaves the processes of a parent to it."""
        self.__init__()  # type: ignore[misc]


_POOL = _Pool()
atexit.register(_POOL.end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_POOL.forget)
