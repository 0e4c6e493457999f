"""An exported network in a process of its own, limited in time and memory.

A graph can loop forever or ask for any amount of memory, both when it is loaded and when it runs, even within one node.
ONNX Runtime can stop only between two nodes, and never while it loads. A process can be ended at any moment.
"""

import os
import signal
import subprocess
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.model.onnx_worker import arrays_of, message_of
from hilum.processes import Message, command_of, receive, send, start

SECONDS = 60  # to load a file, and again for the first answer
SECONDS_A_SLICE = 20
_COMMAND = command_of("hilum.model.onnx_worker")

Shapes = Sequence[tuple[str, list[int]]]
"""Types and shapes of arrays, such as `[("float32", [16, 4])]`."""


class Network:
    """A network that runs in another process. If the process ends, a new one is started.

    Args:
        path: The ONNX file.
        threads: Number of ONNX Runtime threads; by default ONNX Runtime chooses.

    Attributes:
        about: Description of the file: its `metadata`, `inputs` and `outputs`.

    Raises:
        HilumError: The file cannot be loaded within the limits.
    """

    def __init__(self, path: Path, threads: int | None) -> None:
        self._path, self._threads = path, threads or 0
        self._lock = threading.Lock()
        self._process: _Process | None = _Process(self._path, self._threads)
        self.about = self._process.about

    def attempt(self, greys: NDArray[np.float32]) -> None:
        """Runs the network once and discards its outputs.

        Raises:
            HilumError: The network fails, or exceeds its limit of time or memory.
        """
        self._ask(greys, SECONDS, None)

    def run(self, greys: NDArray[np.float32], check: Callable[[Shapes], None]) -> list[NDArray[Any]]:
        """The network's outputs, in the order of `hilum.model.onnx_worker.OUTPUTS`.

        Args:
            greys: Grey levels, `[n, 1, size, size]`.
            check: Function that raises an error if outputs of these types and shapes are not acceptable.

        Raises:
            HilumError: The network fails, or exceeds its limit of time or memory.
        """
        return self._ask(greys, SECONDS_A_SLICE * len(greys), check)

    def _ask(
        self, greys: NDArray[np.float32], seconds: int, check: Callable[[Shapes], None] | None
    ) -> list[NDArray[Any]]:
        with self._lock:
            # Set aside until its answer is complete: the rest of an answer must not be read as the next one.
            process, self._process = self._process, None
            if process is None or process.owner != os.getpid():  # a forked child must not share its parent's process
                process = _Process(self._path, self._threads)
            try:
                answers = process.ask(greys, seconds, check)
            except _Gone:  # perhaps for another reason than this request
                process = _Process(self._path, self._threads)
                answers = process.ask(greys, seconds, check)
            self._process = process
            return answers


class _Gone(HilumError):
    """The process ended for a reason other than hilum's time limit."""


class _Process:
    """One process, which ends with this object.

    Attributes:
        about: Description of the file, from its first answer.
        owner: Id of the process that started it.
    """

    def __init__(self, path: Path, threads: int) -> None:
        self._path, self.owner = path, os.getpid()
        try:
            process = start([*_COMMAND, str(path), str(threads), str(SECONDS)])
        except OSError as error:
            raise HilumError(f"The process that runs a model cannot be started ({error.strerror}).") from error
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._requests, self._answers = process, process.stdin, process.stdout
        weakref.finalize(self, _end, process, self.owner)
        self.about, _ = self._answer(SECONDS, "is not a readable ONNX file")

    def ask(
        self, greys: NDArray[np.float32], seconds: int, check: Callable[[Shapes], None] | None
    ) -> list[NDArray[Any]]:
        with suppress(OSError):  # if the process is gone, reading its answer reports why
            send(self._requests, *message_of({"seconds": seconds, "tried": check is None}, [greys]))
        answer, data = self._answer(seconds, "fails on a slice")
        if check is not None:
            check(answer["arrays"])
        return arrays_of(answer, data)

    def _answer(self, seconds: int, failed: str) -> Message:
        try:
            answer, data = receive(self._answers)
        except EOFError:
            raise self._gone(seconds) from None
        if answer.get("reason") == "memory":
            raise HilumError(f"{self._path} needs more than half of this machine's memory. Use a larger machine.")
        if "reason" in answer:
            raise HilumError(f"{self._path} {failed}. Export the model again.")
        return answer, data

    def _gone(self, seconds: int) -> HilumError:
        code = self._process.wait()
        if code == -getattr(signal, "SIGALRM", 0):
            return HilumError(
                f"{self._path} was stopped after {seconds} seconds: hilum did not export it, or this machine is too "
                "slow for it. Export the model again, or use a faster machine."
            )
        return _Gone(
            f"The process that runs {self._path} was ended ({_cause(code)}): the system is short of memory, or the "
            "file is damaged. Close other programs, or export the model again."
        )


def _cause(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit code {code}"


def _end(process: subprocess.Popen[bytes], owner: int) -> None:
    if os.getpid() == owner:
        process.kill()
        process.communicate()
