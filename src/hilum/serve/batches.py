"""A queue in front of the model, which batches the slices of all requests in one thread."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from hilum.model.reader import Reader, Reading
from hilum.predict.rows import Row, Square, rows_of
from hilum.predict.run import BATCH
from hilum.trust.abstention import Limits

_LINGER = 0.004  # seconds; clients that get their answers together send their next requests together

_Item = tuple[NDArray[np.float32], asyncio.Future[Reading]]


class BatchedReader:
    """Collects slices into batches.

    A batch is read when it is full, when no other slice is announced within `_LINGER`, or when its first slice has
    waited for `wait` seconds. A single slice is therefore read soon, and many are read together, which is faster.

    Args:
        reader: The model.
        wait: Maximum seconds that a slice waits for announced slices.
        seen: Called with the size of each batch.
    """

    def __init__(self, reader: Reader, wait: float, seen: Callable[[int], None] = lambda size: None) -> None:
        self._reader, self._wait, self._seen = reader, wait, seen
        self._waiting, self._coming, self._changed = deque[_Item](), 0, asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "model")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts reading, in the running event loop."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Stops reading and cancels all slices that still wait."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        while self._waiting:
            self._waiting.popleft()[1].cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Announces slices; they have to be passed to `read` right after the context ends."""
        self._coming += 1
        self._changed.set()
        try:
            yield
        finally:
            self._coming -= 1
            self._changed.set()

    def read(self, square: NDArray[np.float32]) -> asyncio.Future[Reading]:
        """The reading of one slice, grey levels `[size, size]` in `[0, 1]`, as an awaitable with n = 1."""
        answer: asyncio.Future[Reading] = asyncio.get_running_loop().create_future()
        self._waiting.append((square, answer))
        self._changed.set()
        return answer

    async def answer(self, square: Square) -> tuple[Row, Reading]:
        """The row and the reading of one slice, with the thresholds of the model."""
        facts, reading = self._reader.facts, await self.read(square.grey)
        (row,) = rows_of(reading, [square], facts.classes, Limits.of(facts))
        return row, reading

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = [item for item in await self._gathered() if not item[1].done()]  # done: its request was cancelled
            if not batch:
                continue
            self._seen(len(batch))
            squares = np.stack([square for square, _ in batch])
            try:
                reading = await loop.run_in_executor(self._thread, self._reader.read, squares)
            except BaseException as error:  # also when the server stops, so that no request waits forever
                for _, answer in batch:
                    if not answer.done():
                        answer.set_exception(error)
                if isinstance(error, Exception):
                    continue
                raise
            for place, (_, answer) in enumerate(batch):
                if not answer.done():
                    answer.set_result(_part(reading, place))

    async def _gathered(self) -> list[_Item]:
        while not self._waiting:
            await self._changes(None)
        end = asyncio.get_running_loop().time() + self._wait
        while len(self._waiting) < BATCH:
            left = end - asyncio.get_running_loop().time()
            if not await self._changes(left if self._coming else min(left, _LINGER)):
                break
        return [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]

    async def _changes(self, seconds: float | None) -> bool:
        """Waits for a slice or an announcement, and returns whether one came in time."""
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True


def _part(reading: Reading, place: int) -> Reading:
    """The reading of one slice, copied because a view would keep the whole batch in memory."""
    return Reading(**{name: values[place : place + 1].copy() for name, values in vars(reading).items()})
