"""Progress of work that takes more than a second: a bar on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import partial

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

Advance = Callable[[], None]
Tracker = Callable[[str, int], AbstractContextManager[Advance]]

_SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def silent(title: str, total: int) -> Iterator[Advance]:
    """A tracker that shows nothing."""
    yield lambda: None


class Steps:
    """A tracker that shows each step of a command with its number and the time since the tracker was made.

    Args:
        console: Console; a terminal gets bars, anything else plain lines.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._start = time.perf_counter()
        self._number = 0

    def __call__(self, title: str, total: int) -> AbstractContextManager[Advance]:
        """Shows a step while it runs.

        Args:
            title: What the step does.
            total: How often the step will advance.
        """
        self._number += 1
        show = self._bar if self._console.is_terminal else self._lines
        return show(f"step {self._number}, {title}", total)

    @property
    def _elapsed(self) -> timedelta:
        return timedelta(seconds=int(time.perf_counter() - self._start))

    @contextmanager
    def _bar(self, title: str, total: int) -> Iterator[Advance]:
        columns = (
            _Column(lambda task: str(self._elapsed)),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            _Column(lambda task: _pace(task.speed) if task.speed else ""),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._console, transient=True) as progress:
            task = progress.add_task(title, total=total)
            yield lambda: progress.advance(task)

    @contextmanager
    def _lines(self, title: str, total: int) -> Iterator[Advance]:
        start = last = time.perf_counter()
        done, say = 0, partial(self._console.print, highlight=False, soft_wrap=True, markup=False)

        def advance() -> None:
            nonlocal done, last
            done += 1
            now = time.perf_counter()
            if now - last >= _SECONDS_BETWEEN_LINES and done < total:
                last, rate = now, done / (now - start)
                left = (total - done) / rate
                say(f"{self._elapsed} {title}: {done} of {total}, {_pace(rate)}, {left:.0f} s left")

        yield advance
        seconds = time.perf_counter() - start
        if seconds >= 1:
            say(f"{self._elapsed} {title}: {done} in {seconds:.1f} s")


class _Column(ProgressColumn):
    """A column with a text about the task."""

    def __init__(self, text: Callable[[Task], str]) -> None:
        super().__init__()
        self._text = text

    def render(self, task: Task) -> Text:
        return Text(self._text(task))


def _pace(rate: float) -> str:
    """A rate a second, or the seconds of each for slow work, whose rate would read as nothing."""
    return f"{rate:.1f}/s" if rate >= 1 else f"{1 / rate:.1f} s each"
