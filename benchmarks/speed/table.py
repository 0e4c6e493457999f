"""The tables: a row a measurement, with its goal, whether it was met, and the command that made it."""

import csv
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

from speed.processes import Ran, shown

QUIET, BUSY = "quiet", "busy"
BUSY_FROM = 0.1  # share of all cores that others use


@dataclass(frozen=True)
class Goal:
    """What a value or a ratio should be: at most, or at least, a number."""

    number: float
    of: Literal["value", "ratio"] = "value"
    at: Literal["most", "least"] = "most"

    def __str__(self) -> str:
        return f"{self.of} at {self.at} {self.number:g}"

    def verdict(self, value: float, ratio: float | None) -> str:
        """`yes`, or `no` and by how much the goal was missed."""
        reached = value if self.of == "value" else ratio
        if reached is None:
            return ""
        missed = reached / self.number if self.at == "most" else self.number / reached
        return "yes" if missed <= 1 else f"no, by a factor of {missed:.2f}"


@dataclass(frozen=True)
class Row:
    """A measurement.

    Attributes:
        part: Part of the benchmark.
        what: What was measured.
        case: Of which network, command or number of slices.
        value: Median of the runs.
        unit: Unit of `value`, `low` and `high`.
        low: Smallest of the runs.
        high: Largest of the runs.
        runs: Number of runs.
        processor_s: Median seconds of the processor; None for values taken inside a process.
        peak_mb: Largest peak of memory; None if the process ended before it was seen.
        against: What `ratio` is relative to.
        ratio: Of the medians.
        goal: The goal in words.
        met: `yes`, `no` and by how much, or nothing where there is no goal.
        machine: `quiet`, or `busy` if other processes used more than a tenth of the cores during any run.
        note: What the reader should know: scaled from how many pictures, say.
        command: The command that made it.
    """

    part: str
    what: str
    case: str
    value: float
    unit: str
    low: float
    high: float
    runs: int
    processor_s: float | None
    peak_mb: float | None
    against: str
    ratio: float | None
    goal: str
    met: str
    machine: str
    note: str
    command: str


def row(
    part: str,
    what: str,
    case: str,
    ran: Sequence[Ran],
    command: Sequence[str] | str,
    *,
    value: Callable[[Ran], float] = lambda ran: ran.seconds,
    unit: str = "s",
    against: Row | None = None,
    goal: Goal | None = None,
    note: str = "",
    whole: bool = True,
) -> Row:
    """A row from the runs of a process.

    Args:
        part: Part of the benchmark.
        what: What was measured.
        case: Of what.
        ran: The runs.
        command: Command of the runs.
        value: Function from a run to the value.
        unit: Unit of the value.
        against: Row that the ratio is relative to.
        goal: The goal, if there is one.
        note: Note for the reader.
        whole: Whether the value is of the whole process, so that its processor seconds and its memory belong beside it.
    """
    values = [value(one) for one in ran]
    middle = statistics.median(values)
    ratio = None if against is None else middle / against.value
    return Row(
        part,
        what,
        case,
        _short(middle),
        unit,
        _short(min(values)),
        _short(max(values)),
        len(ran),
        _short(statistics.median(one.processor for one in ran)) if whole else None,
        round(max(one.peak for one in ran)) or None if whole else None,
        "" if against is None else " ".join(filter(None, (against.what, against.case))),
        None if ratio is None else _short(ratio),
        str(goal or ""),
        goal.verdict(middle, ratio) if goal else "",
        BUSY if max(one.others for one in ran) > BUSY_FROM else QUIET,
        note,
        command if isinstance(command, str) else shown(command),
    )


def write(rows: Sequence[Row], path: Path) -> None:
    """Writes rows as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(one) for one in rows)


def read(path: Path) -> list[Row]:
    """The rows of a CSV file that `write` made."""
    with path.open(newline="") as file:
        return [Row(**{name: _parsed(name, text) for name, text in line.items()}) for line in csv.DictReader(file)]


def _parsed(name: str, text: str) -> object:
    if name in ("processor_s", "peak_mb", "ratio"):
        return float(text) if text else None
    return int(text) if name == "runs" else float(text) if name in ("value", "low", "high") else text


def markdown(rows: Sequence[Row]) -> str:
    """The columns that readers look for, as a table in Markdown."""
    lines = ["| what | case | value | runs | processor s | peak MB | ratio | goal | met | machine |"]
    lines.append("|---|---|--:|--:|--:|--:|---|---|---|---|")
    for one in rows:
        ratio = "" if one.ratio is None else f"{one.ratio:g} × {one.against}"
        peak = "" if one.peak_mb is None else f"{one.peak_mb:,.0f}"
        spent = "" if one.processor_s is None else f"{one.processor_s:g}"
        value = f"{one.value:g} {one.unit}"
        cells = (one.what, one.case, value, str(one.runs), spent, peak, ratio, one.goal, one.met, one.machine)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _short(number: float) -> float:
    """Four significant digits."""
    return float(f"{number:.4g}")
