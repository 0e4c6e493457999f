"""The processes that decode uploads, awaited: a bomb, a crash or a hang ends one of them and never the server."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from hilum.processes import Message
from hilum.slices.pool import Pool, Stop
from hilum.slices.process import Allowance
from hilum.slices.pseudonyms import salt_or_another

_MEMORY = 4 * 2**30  # bytes of a process
T = TypeVar("T")


class Decoders:
    """A fixed number of processes, each of which is replaced when it crashes, hangs or is killed.

    Args:
        count: How many.
        seconds: For a picture, or a few frames of a file.
        whole: Seconds for all frames of a file.
        replaced: Called when one has to be replaced.
    """

    def __init__(self, count: int, seconds: float, whole: float, replaced: Callable[[], None] = lambda: None) -> None:
        self.pool = Pool(count, _MEMORY, replaced)
        self._seconds, self._whole = seconds, whole
        self._room, self._threads = asyncio.Semaphore(count), ThreadPoolExecutor(count, "decoding")
        self._stops = set[Stop]()
        self._salt = salt_or_another().hex()

    async def start(self) -> None:
        """Starts the processes."""
        await asyncio.to_thread(self.pool.start)

    async def close(self) -> None:
        """Ends the processes."""
        for stop in self._stops:  # whoever waits sees to the rest
            stop.now()
        await asyncio.to_thread(self.pool.end)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def messages(self, job: Mapping[str, Any], data: bytes | bytearray) -> AsyncGenerator[Message, None]:
        """The answers of a process to a job of `hilum.serve.jobs` on a file; it is free while one is used.

        Raises:
            UnreadableSlice: As `hilum.slices.pool.Pool.answer` says.
        """
        about = {"key": secrets.token_hex(8), "path": None, "salt": self._salt}  # a key keeps the file open
        request = {**about, **job, "job": f"hilum.serve.jobs:{job['job']}"}
        allowance, stop, more = Allowance(self._seconds, self._whole), Stop(), True
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
        """Awaits work of the pool in a thread. Where the wait is cancelled, the work is stopped and holds nothing."""
        doing = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            stop.now()
            await asyncio.wait({doing})
            raise
