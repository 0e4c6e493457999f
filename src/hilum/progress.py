"""Progress of work that takes more than a second: a bar on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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


def tracker_for(console: Console) -> Tracker:
    """The tracker for a console: bars on a terminal, plain lines otherwise."""
    return partial(_bar if console.is_terminal else _lines, console)


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


@contextmanager
def _bar(console: Console, title: str, total: int) -> Iterator[Advance]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda: progress.advance(task)


@contextmanager
def _lines(console: Console, title: str, total: int) -> Iterator[Advance]:
    start = last = time.perf_counter()
    done, say = 0, partial(console.print, highlight=False, soft_wrap=True)

    def advance() -> None:
        nonlocal done, last
        done += 1
        now = time.perf_counter()
        if now - last >= _SECONDS_BETWEEN_LINES and done < total:
            last, rate = now, done / (now - start)
            left = (total - done) / rate
            say(f"{title}: {done} of {total}, {rate:.1f}/s, {left:.0f} s left")

    yield advance
    seconds = time.perf_counter() - start
    if seconds >= 1:
        say(f"{title}: {done} in {seconds:.1f} s")
