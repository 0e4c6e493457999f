"""Processes that decode for hilum: started when needed, used again, replaced when one crashes, hangs or is killed."""

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

MEMORY = 6 * 2**30  # bytes that a process may take
MOST = min(4, os.cpu_count() or 1)
CRASHED = "its pixels are damaged: decoding them crashed"
# These two lie with the machine, not with the file.
TOO_LARGE = "it needs more memory than there is"
ENDED = "the system ended the process that read it, as it does when memory runs short; try again"

_FAULTS = ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL", "SIGTRAP", "SIGSYS")  # that a process brings on itself


def may_be_read_later(reason: str) -> bool:
    """Whether a reason why a file was not read lies with the machine, so that another try may read it."""
    return reason in (TOO_LARGE, ENDED)


class Stop:
    """Ends, from another thread, the jobs that were started with it."""

    def __init__(self) -> None:
        self._stopped, self._workers = False, set[Worker]()

    def now(self) -> None:
        """Ends them, and any later one as soon as it starts."""
        self._stopped = True
        for worker in tuple(self._workers):
            worker.kill()

    @contextmanager
    def over(self, worker: Worker) -> Iterator[None]:
        """While it lasts, a process can be ended."""
        self._workers.add(worker)
        try:
            self.check()
            yield
        finally:
            self._workers.discard(worker)

    def check(self) -> None:
        """Checks that the jobs are to go on.

        Raises:
            UnreadableSlice: They were ended.
        """
        if self._stopped:
            raise UnreadableSlice("reading was stopped")


class Pool:
    """A number of processes, each of which is replaced when it crashes, hangs or is killed.

    Args:
        most: How many there are at a time.
        memory: Bytes that each may take.
        replaced: Called when one has to be replaced.
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
        """Ends the processes; whoever waits for one finds it gone."""
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

        A process that had answered before may have ended for another reason than this file, which is then given to a
        fresh one. A file whose fresh process was killed from outside gets one more.

        Args:
            request: As `hilum.slices.pool_worker` takes it.
            data: The file, where it has no path.
            allowance: The time for it.
            stop: Ends it; None is that of the thread.

        Raises:
            UnreadableSlice: The file cannot be decoded, ends a fresh process, needs too much memory, takes too long, or
                was stopped.
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
        """A process for one request; replaced if it is not at rest afterwards."""
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
        """The process that has a file open, or the last used one, or a new one."""
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
    """Judges why a process that had only this file is gone; after a kill from outside the file may be tried once more.

    Raises:
        UnreadableSlice: The file ended it, or it was killed twice.
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
    """Threads that read slices. If the block ends early, as by an interrupt, so do the jobs that they wait for.

    Args:
        most: How many; None is one a processor.
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
