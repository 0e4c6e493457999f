"""Processes that decode uploads. A decompression bomb, a crash or a hang ends one of them and never the server."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from hilum.processes import Message
from hilum.slices.pool import Pool, Stop
from hilum.slices.process import Allowance
from hilum.slices.pseudonyms import salt_or_another

_MEMORY = 4 * 2**30  # bytes per process
T = TypeVar("T")


class Decoders:
    """A fixed number of processes. A process that crashes, hangs or is killed is replaced.

    Args:
        count: Number of processes.
        chunk_seconds: Time limit for a picture, or for a few frames of a file.
        file_seconds: Time limit for all frames of a file.
        replaced: Called when a process is replaced.
    """

    def __init__(
        self, count: int, chunk_seconds: float, file_seconds: float, replaced: Callable[[], None] = lambda: None
    ) -> None:
        self.pool = Pool(count, _MEMORY, replaced)
        self._chunk_seconds, self._file_seconds = chunk_seconds, file_seconds
        self._room, self._threads = asyncio.Semaphore(count), ThreadPoolExecutor(count, "decoding")
        self._stops = set[Stop]()
        self._salt = salt_or_another().hex()

    async def start(self) -> None:
        """Starts the processes."""
        await asyncio.to_thread(self.pool.start)

    async def close(self) -> None:
        """Ends the processes."""
        for stop in self._stops:  # the waiting tasks clean up
            stop.now()
        await asyncio.to_thread(self.pool.end)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def messages(self, job: Mapping[str, Any], data: bytes | bytearray) -> AsyncGenerator[Message, None]:
        """The answers of a process to a job of `hilum.serve.jobs` on a file. The process is free between two answers.

        Raises:
            UnreadableSlice: The file cannot be decoded.
        """
        about = {"key": secrets.token_hex(8), "path": None, "salt": self._salt}  # a key keeps the file open
        request = {**about, **job, "job": f"hilum.serve.jobs:{job['job']}"}
        allowance, stop, more = Allowance(self._chunk_seconds, self._file_seconds), Stop(), True
        self._stops.add(stop)
        try:
            while more:
                async with self._room:
                    answer = await self._in_thread(lambda: self.pool.answer(request, data, allowance, stop), stop)
                more = answer[0].get("more", False)
                request.update(answer[0].get("next", {}))
                yield answer
        finally:
            self._stops.discard(stop)

    async def _in_thread(self, work: Callable[[], T], stop: Stop) -> T:
        """Runs blocking work in a thread. If the wait is cancelled, the work is stopped first."""
        doing = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            stop.now()
            await asyncio.wait({doing})
            raise
