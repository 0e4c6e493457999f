"""One process that decodes, and the time that it may take per file."""

import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from hilum.processes import Message, command_of, receive, send, start
from hilum.slices.read import UnreadableSlice

SECONDS = 60.0  # time for one picture
WHOLE = 600.0  # time for all pictures of a file
COMMAND = command_of("hilum.slices.pool_worker")


class Allowance:
    """The time that one file may take.

    Args:
        each: Seconds for one answer; None is `SECONDS`.
        whole: Seconds for all answers together; None is `WHOLE`.
    """

    def __init__(self, each: float | None = None, whole: float | None = None) -> None:
        self._each = SECONDS if each is None else each
        self._whole = self._left = WHOLE if whole is None else whole

    @property
    def next(self) -> float:
        """Seconds for the next answer."""
        return max(0.0, min(self._each, self._left))

    @property
    def exceeded(self) -> float:
        """The limit that was exceeded, in seconds."""
        return self._each if self._left > 0 else self._whole

    def spend(self, seconds: float) -> None:
        """Deducts time that was spent."""
        self._left -= seconds


class Gone(Exception):
    """A process ended in the middle of a job."""


class Worker:
    """One process.

    Attributes:
        process: The process itself.
        key: Key of the file that the process has open.
        used: Whether the process has answered before.
        at_rest: Whether the process has answered its last request.
        late: Whether the process was ended because it took too long.

    Args:
        memory: Bytes that the process may use.

    Raises:
        UnreadableSlice: The process cannot be started.
    """

    def __init__(self, memory: int) -> None:
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        try:
            self.process = start([*COMMAND, str(memory)], threads)
        except OSError as error:
            raise UnreadableSlice(f"the process that decodes cannot be started ({error.strerror})") from error
        self.key: str | None = None
        self.used, self.at_rest, self.late = False, True, False

    @property
    def alive(self) -> bool:
        """Whether the process can take a job."""
        return self.process.poll() is None

    def answer(self, request: Mapping[str, Any], data: bytes | bytearray, allowance: Allowance) -> Message:
        """The answer to a request.

        Raises:
            Gone: The process ended or took too long.
        """
        questions, answers = self.process.stdin, self.process.stdout
        assert questions is not None
        assert answers is not None
        known = request["key"] is not None and request["key"] == self.key
        self.key, self.at_rest, self.late = None, False, False
        timer, begun = threading.Timer(allowance.next, self._end_late), time.monotonic()
        timer.daemon = True
        timer.start()
        try:
            send(questions, {**request, "seconds": allowance.next}, b"" if known else data)
            fields, blob = receive(answers)
        except (OSError, EOFError) as error:
            raise Gone from error
        finally:
            timer.cancel()
            allowance.spend(time.monotonic() - begun)
        self.used = self.at_rest = True
        self.key = None if "reason" in fields else request["key"]
        return fields, blob

    def kill(self) -> None:
        """Sends SIGKILL."""
        self.process.kill()

    def status(self) -> int:
        """Exit status of a process that no longer answers."""
        try:
            return self.process.wait(1)
        except subprocess.TimeoutExpired:  # it closed its output but still runs
            return 0

    def end(self) -> None:
        """Ends the process."""
        self.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(OSError):  # unsent data raises an error
                    stream.close()

    def _end_late(self) -> None:
        self.late = True
        self.kill()
