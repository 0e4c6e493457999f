"""Growth: seconds and memory at 1,000, 3,000 and 10,000 slices, and the exponents between them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from speed.many import slices
from speed.processes import ROOT, Ran, hilum, python, worker
from speed.setting import Setting
from speed.table import BUSY, Goal, Row, row

PART, LARGE = "growth", "large"
COUNTS = (1000, 3000, 10_000)
NEAR_LINEAR = 1.2  # the largest exponent that is called near-linear
_MORE = 200  # MB that predictions over many slices may take beyond those over few
_READING, _AUDIT, _HEAD, _INTERVALS, _PREDICT = "reading", "audit without training", "head", "intervals", "predict"


def _predict(setting: Setting, count: int) -> list[str]:
    out = setting.fresh("rows") / "rows.csv"
    return hilum("predict", setting.stub(), slices(setting.scratch, count), "--out", out)


_STEPS: dict[str, tuple[Callable[[Setting, int], list[str]], str]] = {  # commands, and facts that hold the seconds
    _READING: (lambda setting, count: worker("read", slices(setting.scratch, count)), "reading"),
    _AUDIT: (lambda setting, count: worker("read", slices(setting.scratch, count), "--look"), "audit"),
    _HEAD: (lambda setting, count: worker("heads", count), "seconds"),
    _INTERVALS: (lambda setting, count: worker("intervals", count), "seconds"),
    _PREDICT: (_predict, ""),
}
_LINKING = "linking duplicates"


def measure(setting: Setting) -> list[Row]:
    """Rows of every step at every number of slices, then its exponents."""
    counts = (100, 200) if setting.quick else COUNTS
    return [one for name in _STEPS for one in _grown(PART, name, [_one(setting, PART, name, n) for n in counts])]


def hundred_thousand(setting: Setting) -> list[Row]:
    """Reading, duplicates and predictions at 100,000 slices, which take too long for every run."""
    few, many = (100, 300) if setting.quick else (1000, 100_000)
    linking = python(ROOT / "benchmarks" / "scale.py", many)
    linked = setting.run(linking, setting.scratch)
    return [
        _one(setting, LARGE, _READING, many),
        row(LARGE, _LINKING, f"{many:,}", [linked], linking, note="synthetic signatures"),
        *_grown(LARGE, _PREDICT, [_one(setting, LARGE, _PREDICT, count) for count in (few, many)]),
    ]


def _one(setting: Setting, part: str, name: str, count: int) -> Row:
    command, fact = _STEPS[name]
    words = command(setting, count)
    ran = setting.run(words, setting.fresh("cache-growth"))

    def seconds(one: Ran) -> float:
        return float(one.facts[fact]) if fact else one.seconds

    note = "seconds without the start; memory and processor of the whole process" if fact else "whole process"
    return row(part, name, f"{count:,}", [ran], words, value=seconds, note=note)


def _grown(part: str, name: str, rows: Sequence[Row]) -> list[Row]:
    """The rows, the exponents of their seconds and peaks, and of predictions how much the peak grows."""
    counts = [int(one.case.replace(",", "")) for one in rows]
    peaks = [one.peak_mb or 1.0 for one in rows]
    found = [*rows]
    goal = Goal(NEAR_LINEAR)
    for of, values in (("time", [one.value for one in rows]), ("memory", peaks)):
        slope = float(np.polyfit(np.log(counts), np.log(values), 1)[0])
        found.append(_derived(rows, part, f"{name}: exponent of {of}", slope, "", goal))
    if name == _PREDICT:
        found.append(_derived(rows, part, f"{name}: memory beyond the fewest", peaks[-1] - peaks[0], "MB", Goal(_MORE)))
    return found


def _derived(rows: Sequence[Row], part: str, what: str, value: float, unit: str, goal: Goal) -> Row:
    """A row that follows from others."""
    value = round(value, 3)
    return replace(
        rows[-1],
        part=part,
        what=what,
        case=f"{rows[0].case} to {rows[-1].case}",
        value=value,
        unit=unit,
        low=value,
        high=value,
        processor_s=None,
        peak_mb=None,
        goal=str(goal),
        met=goal.verdict(value, None),
        machine=BUSY if any(one.machine == BUSY for one in rows) else rows[-1].machine,
        note="least squares over the logarithms" if not unit else "",
        command="the commands above",
    )
