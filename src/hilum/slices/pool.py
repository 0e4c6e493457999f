"""Processes that decode files: started when needed, reused, and replaced when one crashes, hangs or is killed."""

import atexit
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from hilum.processes import Message
from hilum.slices.pool_worker import NO_MEMORY
from hilum.slices.process import Allowance, Gone, Worker
from hilum.slices.read import UnreadableSlice

MEMORY = 6 * 2**30  # bytes that a process may use
MOST = min(4, os.cpu_count() or 1)
CRASHED = "its pixels are damaged: decoding them crashed"
# In these cases the machine or its network is at fault, not the file.
TOO_LARGE = "it needs more memory than there is"
ENDED = "the system ended the process that read it, as it does when memory runs short; try again"
UNREACHED = "the place where it is kept could not be reached; try again"

_FAULTS = (
    "SIGSEGV",
    "SIGBUS",
    "SIGABRT",
    "SIGFPE",
    "SIGILL",
    "SIGTRAP",
    "SIGSYS",
)  # signals that a process causes itself


def may_be_read_later(reason: str) -> bool:
    """Whether a reason for not reading a file lies with the machine: another try may then read it."""
    return reason in (TOO_LARGE, ENDED, UNREACHED)


class Stop:
    """Ends, from another thread, the jobs that were started under it."""

    def __init__(self) -> None:
        self._stopped, self._workers = False, set[Worker]()

    def now(self) -> None:
        """Ends the running jobs, and any later one as soon as it starts."""
        self._stopped = True
        for worker in tuple(self._workers):
            worker.kill()

    @contextmanager
    def over(self, worker: Worker) -> Iterator[None]:
        """A block during which `now` ends a process."""
        self._workers.add(worker)
        try:
            self.check()
            yield
        finally:
            self._workers.discard(worker)

    def check(self) -> None:
        """Checks that the jobs have not been ended.

        Raises:
            UnreadableSlice: They have been.
        """
        if self._stopped:
            raise UnreadableSlice("reading was stopped")


class Pool:
    """A pool of processes; one that crashes, hangs or is killed is replaced.

    Args:
        most: Largest number of processes at a time.
        memory: Bytes that each process may use.
        replaced: Called whenever a process has to be replaced.
    """

    def __init__(self, most: int = MOST, memory: int = MEMORY, replaced: Callable[[], None] = lambda: None) -> None:
        self._most, self._memory, self._replaced = most, memory, replaced
        self._lock, self._room = threading.Lock(), threading.BoundedSemaphore(most)
        self.idle: list[Worker] = []
        self.busy: set[Worker] = set()

    def start(self) -> None:
        """Starts all processes before they are needed."""
        with self._lock:
            while len(self.idle) + len(self.busy) < self._most:
                self.idle.append(Worker(self._memory))

    def end(self) -> None:
        """Ends the processes; threads that wait for an answer get an error."""
        with self._lock:
            for worker in self.busy:
                worker.kill()
            idle, self.idle = self.idle, []
        for worker in idle:
            worker.end()

    def forget(self) -> None:
        """Forgets the processes, in a forked child: they belong to its parent."""
        self.__init__(self._most, self._memory, self._replaced)  # type: ignore[misc]

    def answer(
        self, request: Mapping[str, Any], data: bytes | bytearray, allowance: Allowance, stop: Stop | None = None
    ) -> Message:
        """The answer of a process to a request about a file.

        If a process ends that has answered before, the file need not be the cause, and a fresh process gets it. If a
        fresh process is killed from outside, one more gets the file.

        Args:
            request: Request, in the form that `hilum.slices.pool_worker` describes.
            data: Bytes of the file, if it has no path.
            allowance: Time that the file may take.
            stop: Stop that ends the job; None is that of the thread.

        Raises:
            UnreadableSlice: The file cannot be decoded, crashes a fresh process, needs too much memory or takes too
                long, or the job was stopped.
        """
        stop, killed, fresh = stop or getattr(_THREAD, "stop", None) or Stop(), 0, False
        while True:
            with self._lent(request["key"], fresh, stop) as worker:
                fresh = not worker.used
                try:
                    fields, blob = worker.answer(request, data, allowance)
                except Gone as error:
                    status = worker.status()
                    stop.check()
                    if worker.late:
                        reason = f"it could not be decoded within {allowance.exceeded:g} seconds"
                        raise UnreadableSlice(reason) from error
                    if fresh:
                        _check_killed(status, killed)
                        killed += 1
                    fresh = True
                    continue
            if "reason" in fields:
                raise UnreadableSlice(fields["reason"])
            return fields, blob

    @contextmanager
    def _lent(self, key: str | None, fresh: bool, stop: Stop) -> Iterator[Worker]:
        """A process for one request; it is replaced if it has not finished afterwards."""
        with self._room:
            worker = self._take(key, fresh)
            try:
                with stop.over(worker):
                    yield worker
            finally:
                if not worker.at_rest:
                    self._replaced()
                    worker.end()
                with self._lock:
                    self.busy.discard(worker)
                    if worker.at_rest:
                        self.idle.append(worker)

    def _take(self, key: str | None, fresh: bool) -> Worker:
        """The process that has the file open, otherwise the last used one, otherwise a new one."""
        while True:
            with self._lock:
                self.idle.sort(key=lambda worker: key is not None and worker.key == key)  # the last used one stays last
                worker = self.idle.pop() if self.idle and not fresh else None
            if worker is None or worker.alive:
                worker = worker or Worker(self._memory)
                self.busy.add(worker)
                return worker
            self._replaced()
            worker.end()


def _check_killed(status: int, killed: int) -> None:
    """Decides whether a file may be tried again after its fresh process ended: only once, after a kill from outside.

    Raises:
        UnreadableSlice: The file ended the process, or this was the second kill.
    """
    faults = {-getattr(signal, name) for name in _FAULTS if hasattr(signal, name)}
    if status in faults:
        raise UnreadableSlice(CRASHED)
    if status >= 0 and status != NO_MEMORY:
        raise UnreadableSlice(f"the process that decodes it ended with status {status}")
    if killed:
        raise UnreadableSlice(TOO_LARGE if status == NO_MEMORY else ENDED)


@contextmanager
def reading_threads(most: int | None = None) -> Iterator[ThreadPoolExecutor]:
    """Threads that read slices. If an exception ends the block, the jobs that they wait for are ended too.

    Args:
        most: Number of threads; None is one per processor.
    """
    stop = Stop()
    threads = ThreadPoolExecutor(most or os.cpu_count(), "reading", lambda: setattr(_THREAD, "stop", stop))
    try:
        yield threads
    except BaseException:
        stop.now()
        raise
    finally:
        threads.shutdown(cancel_futures=True)


_THREAD = threading.local()
POOL = Pool()
atexit.register(POOL.end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=POOL.forget)
