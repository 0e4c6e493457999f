"""Processes that decode uploads: a bomb, a crash or a hang ends one of them and never the server."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

from hilum.errors import HilumError
from hilum.serve.messages import Message, packed, receive
from hilum.slices.pseudonyms import salt
from hilum.slices.read import UnreadableSlice

COMMAND = (sys.executable, "-P", "-m", "hilum.serve.worker")
CRASHED = "its pixels are damaged: decoding them crashed"
_BUFFER = 2**20  # bytes that are read ahead from a worker


class Gone(Exception):
    """A worker ended in the middle of a job."""


class Allowance:
    """The time that decoding one file may take.

    Args:
        each: Seconds for a picture, or a few frames.
        whole: Seconds for all frames together.
    """

    def __init__(self, each: float, whole: float) -> None:
        self._each, self._whole, self._left = each, whole, whole

    @asynccontextmanager
    async def spent(self) -> AsyncIterator[None]:
        """While it lasts, time is spent.

        Raises:
            TimeoutError: There is no more of it.
        """
        clock = asyncio.get_running_loop().time
        start = clock()
        try:
            async with asyncio.timeout(min(self._each, self._left)):
                yield
        finally:
            self._left -= clock() - start

    @property
    def exceeded(self) -> float:
        """The limit that was met, in seconds."""
        return self._each if self._left > 0 else self._whole


class Worker:
    """One process.

    Attributes:
        process: The process itself.
        used: Whether it has finished a job.
        at_rest: Whether it has answered all that it was asked.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process, self.used, self.at_rest = process, False, True

    @classmethod
    async def start(cls) -> "Worker":
        """Starts a process.

        Raises:
            UnreadableSlice: The system has no room for one.
        """
        places = os.pathsep.join(place for place in sys.path if place)
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                *COMMAND,
                stdin=pipe,
                stdout=pipe,
                stderr=asyncio.subprocess.DEVNULL,
                limit=_BUFFER,
                env={**os.environ, **threads, "PYTHONPATH": places},
                start_new_session=True,  # an interrupt at the terminal is for the server
            )
        except OSError as error:
            raise UnreadableSlice(f"the process that decodes cannot be started ({error.strerror})") from error
        return cls(process)

    @property
    def alive(self) -> bool:
        """Whether it can take a job."""
        return self.process.returncode is None

    async def messages(
        self, job: Mapping[str, Any], data: bytes, allowance: Allowance
    ) -> AsyncGenerator[Message, None]:
        """The answers to a job.

        Args:
            job: As `hilum.serve.worker` takes it.
            data: The file.
            allowance: The time for it; that in which answers wait to be taken does not count.

        Raises:
            Gone: The process ended.
            TimeoutError: It took too long.
        """
        questions, answers = self.process.stdin, self.process.stdout
        assert questions is not None
        assert answers is not None
        more, self.at_rest = True, False
        try:
            async with allowance.spent():
                questions.write(packed(job, data))
                questions.write(data)
                await questions.drain()
            while more:
                async with allowance.spent():
                    message = await receive(answers)
                more = message[0]["more"]
                self.used, self.at_rest = self.used or not more, not more
                yield message
        except (asyncio.IncompleteReadError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise Gone from error

    async def end(self) -> None:
        """Ends the process."""
        self.kill()
        if self.process.stdin is not None:
            self.process.stdin.close()
        await self.process.communicate()  # what it had answered is read, or its pipe would keep it

    def kill(self) -> None:
        """Sends the signal that nothing survives."""
        if self.alive:
            self.process.kill()


class Decoders:
    """A fixed number of processes, each of which is replaced when it crashes, hangs or is killed.

    Args:
        count: How many.
        seconds: For a picture, or a few frames of a file.
        whole: Seconds for all frames of a file.
        replaced: Called when one has to be replaced.
    """

    def __init__(self, count: int, seconds: float, whole: float, replaced: Callable[[], None] = lambda: None) -> None:
        self._count, self._seconds, self._whole, self._replaced = count, seconds, whole, replaced
        self._room = asyncio.Semaphore(count)
        self._idle: list[Worker] = []
        self.busy: set[Worker] = set()
        try:
            self._salt = salt().hex()
        except HilumError:  # no place to keep one: hashes hold while the server runs
            self._salt = secrets.token_hex(32)

    async def start(self) -> None:
        """Starts the processes."""
        self._idle += await asyncio.gather(*(Worker.start() for _ in range(self._count)))

    async def close(self) -> None:
        """Ends the processes."""
        for worker in self.busy:  # whoever waits for it sees to the rest
            worker.kill()
        idle, self._idle = self._idle, []
        await asyncio.gather(*(worker.end() for worker in idle))

    async def messages(self, job: Mapping[str, Any], data: bytes) -> AsyncGenerator[Message, None]:
        """The answers of a process to a job on a file.

        A process that has answered before and is gone may have been ended by something else than this file, which is
        then given to a fresh one, from the first frame on that was not answered.

        Raises:
            UnreadableSlice: The file cannot be decoded, or ends a fresh process, or takes too long.
        """
        job = {**job, "salt": self._salt, "seconds": self._seconds}
        allowance = Allowance(self._seconds, self._whole)
        while True:
            last: Message | None = None
            async with self._lent() as worker:
                fresh = not worker.used
                try:
                    async with aclosing(worker.messages(job, data, allowance)) as answers:
                        async for fields, blob in answers:
                            if "first" in job:
                                job["first"] += len(fields["frames"])
                            if fields["more"]:
                                yield fields, blob
                            else:
                                last = fields, blob
                except TimeoutError as error:
                    reason = f"it could not be decoded within {allowance.exceeded:g} seconds"
                    raise UnreadableSlice(reason) from error
                except Gone as error:
                    if fresh:
                        raise UnreadableSlice(CRASHED) from error
            if last is not None:  # given only now, when the process is free for another file
                if "reason" in last[0]:
                    raise UnreadableSlice(last[0]["reason"])
                yield last
                return

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[Worker]:
        """A process for one job; replaced where it has not come to rest, be it that nobody took its answers."""
        async with self._room:
            worker = await self._take()
            self.busy.add(worker)
            try:
                yield worker
            finally:
                self.busy.discard(worker)
                if worker.at_rest:
                    self._idle.append(worker)
                else:
                    self._replaced()
                    await worker.end()

    async def _take(self) -> Worker:
        while self._idle:
            if (worker := self._idle.pop()).alive:
                return worker
            self._replaced()
            await worker.end()
        return await Worker.start()
