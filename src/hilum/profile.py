"""Where the time of a command went."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from hilum.progress import Advance, Tracker

_OTHER = "other"


class Spent(NamedTuple):
    """Time of a step, in seconds.

    Attributes:
        title: Title of the step.
        seconds: Time that passed.
        processor: Processor time of hilum and of the processes that it started.
    """

    title: str
    seconds: float
    processor: float


class Profile:
    """A tracker that times the steps of another one.

    Args:
        track: Tracker that shows the steps.
    """

    def __init__(self, track: Tracker) -> None:
        self._track = track
        self._running = [_OTHER]
        self._spent: dict[str, Spent] = {}
        self._last = _now()

    @contextmanager
    def __call__(self, title: str, total: int | None) -> Iterator[Advance]:
        """Times a step while it runs; the arguments are those of the other tracker."""
        self._charge()
        self._running.append(title)
        try:
            with self._track(title, total) as advance:
                yield advance
        finally:
            self._charge()
            self._running.pop()

    def steps(self) -> list[Spent]:
        """The time of the steps so far, of equal titles together, then of what was in no step (`other`).

        A step inside another is not counted in that one.
        """
        self._charge()
        return sorted(self._spent.values(), key=lambda spent: spent.title == _OTHER)

    def _charge(self) -> None:
        """Adds the time since the last call to the innermost step that is running."""
        title, last, self._last = self._running[-1], self._last, _now()
        _, seconds, processor = self._spent.get(title, Spent(title, 0.0, 0.0))
        self._spent[title] = Spent(title, seconds + self._last[0] - last[0], processor + self._last[1] - last[1])


def _now() -> tuple[float, float]:
    """The time, and the processor time so far of this process and those that it started, in seconds."""
    processor = sum(os.times()[:4])  # of the other processes, only those that ended
    with suppress(OSError):  # a process may end while it is looked at
        for children in Path("/proc/self/task").glob("*/children"):  # on Linux alone
            for process in children.read_text().split():
                user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
                processor += (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return time.perf_counter(), processor
