"""Progress of work that takes more than a second: a bar on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
from rich.text import Text

Advance = Callable[[], None]
Tracker = Callable[[str, int | None], AbstractContextManager[Advance]]

_SECONDS_BETWEEN_LINES = 5.0
_LONG = 100.0  # seconds from which a time is told in minutes


@contextmanager
def silent(title: str, total: int | None) -> Iterator[Advance]:
    """A tracker that shows nothing."""
    yield lambda: None


@dataclass
class _Step:
    """A step that has begun: its title, its number among those that were planned, its time, and what it has done."""

    title: str
    number: str
    seconds: float = 0.0
    done: int = 0


class Steps:
    """A tracker that shows each step of a command with the time since the tracker was made.

    Steps that were planned are numbered, and keep a line with their time once they are over; other steps keep one if
    they took a second. A title may have a comma and the name of a part: the parts of a step that follow each other are
    one step. Of what comes from the cache, the total is 0.

    Args:
        console: Console; a terminal gets bars, anything else plain lines.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._start = time.perf_counter()
        self._plan: tuple[str, ...] = ()
        self._begun = 0
        self._step: _Step | None = None

    def plan(self, *titles: str) -> None:
        """Says which steps are to come, in their order."""
        self._plan, self._begun, self._step = titles, 0, None

    @contextmanager
    def __call__(self, title: str, total: int | None) -> Iterator[Advance]:
        """Shows a step while it runs.

        Args:
            title: What the step does.
            total: How often the step will advance, or None if nobody knows.
        """
        step = self._step_of(title.partition(", ")[0])
        show = self._bar if self._console.is_terminal else self._lines
        start = time.perf_counter()
        try:
            with show(f"{step.number}{title}", total) as advance:
                yield advance
        except BaseException:
            self._step = None  # it did not come to its end
            raise
        step.seconds += time.perf_counter() - start
        step.done += 1 if total is None else total

    def settle(self) -> None:
        """Ends the step that may still go on, before anything else is printed."""
        step, self._step = self._step, None
        if step and (step.number or step.seconds >= 1):
            self._say(f"{step.number}{step.title}: {_duration(step.seconds) if step.done else 'from the cache'}")

    def _step_of(self, title: str) -> _Step:
        """The step that runs, or a new one; a step that was passed over is told too, so that no number is missing."""
        if self._step is None or self._step.title != title:
            self.settle()
            number, ahead = "", self._plan[self._begun :]
            if title in ahead:
                for passed in ahead[: ahead.index(title)]:
                    self._say(f"{self._next()}{passed}: left out")
                number = self._next()
            self._step = _Step(title, number)
        return self._step

    def _next(self) -> str:
        self._begun += 1
        return f"{self._begun} of {len(self._plan)} "

    def _elapsed(self) -> timedelta:
        return timedelta(seconds=int(time.perf_counter() - self._start))

    def _say(self, line: str) -> None:
        self._console.print(Text(f"{self._elapsed()} {line}"), soft_wrap=not self._console.is_terminal)

    @contextmanager
    def _bar(self, title: str, total: int | None) -> Iterator[Advance]:
        with _Bar(lambda: f"{self._elapsed()} {title}", self._console) as bar:
            task = bar.add_task(title, total=total)
            yield lambda: bar.advance(task)

    @contextmanager
    def _lines(self, title: str, total: int | None) -> Iterator[Advance]:
        start = last = time.perf_counter()
        done = 0

        def advance() -> None:
            nonlocal done, last
            done += 1
            now = time.perf_counter()
            if now - last < _SECONDS_BETWEEN_LINES or done == total:
                return
            last, rate = now, done / (now - start)
            if total is None:
                self._say(f"{title}: {done} so far, {_pace(rate)}")
            else:
                self._say(f"{title}: {done} of {total}, {_pace(rate)}, {_duration((total - done) / rate)} left")

        yield advance


class _Bar(Progress):
    """A line that says what is done, wrapped at words, and beneath it a bar if there is more than one thing to do.

    Args:
        line: Function that makes the line.
        console: Terminal.
    """

    def __init__(self, line: Callable[[], str], console: Console) -> None:
        self._line = line
        pace = _Column(lambda task: _pace(task.speed) if task.speed else "")
        columns = BarColumn(20), MofNCompleteColumn(), pace, TimeRemainingColumn()
        super().__init__(*columns, console=console, transient=True)

    def get_renderables(self) -> Iterator[RenderableType]:
        """What rich shows."""
        yield Text(self._line())
        yield from (self.make_tasks_table([task]) for task in self.tasks if task.total is None or task.total > 1)


class _Column(ProgressColumn):
    """A column with a text about the task."""

    def __init__(self, text: Callable[[Task], str]) -> None:
        super().__init__()
        self._text = text

    def render(self, task: Task) -> Text:
        return Text(self._text(task))


def _duration(seconds: float) -> str:
    """A time in seconds, or in hours, minutes and seconds."""
    return f"{seconds:.1f} s" if seconds < _LONG else str(timedelta(seconds=round(seconds)))


def _pace(rate: float) -> str:
    """A rate a second, or the seconds of each for slow work, whose rate would read as nothing."""
    return f"{rate:.1f}/s" if rate >= 1 else f"{1 / rate:.1f} s each"
