"""Growth: seconds and memory at 1,000, 3,000 and 10,000 slices, and the exponents between them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from speed.many import slices
from speed.processes import ROOT, Ran, hilum, python, worker
from speed.setting import Setting
from speed.table import BUSY, Goal, Row, row

PART, LARGE = "growth", "large"
COUNTS = (1000, 3000, 10_000)
NEAR_LINEAR = 1.2  # the largest exponent that is called near-linear
_MORE = 200  # MB that predictions over many slices may take beyond those over few
_PREDICT = "predict"


def measure(setting: Setting) -> list[Row]:
    """Rows of every step at every number of slices, then its exponents."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for count in (100, 200) if setting.quick else COUNTS:
        heads, intervals = (_computed(setting, name, count) for name in ("heads", "intervals"))
        for one in (*_read(setting, PART, count, "--look"), heads, intervals, _predicted(setting, PART, count)):
            rows[one.what].append(one)
    return [one for step in rows.values() for one in _grown(step)]


def hundred_thousand(setting: Setting) -> list[Row]:
    """Reading, duplicates and predictions at 100,000 slices, which take too long for every run."""
    few, many = (100, 300) if setting.quick else (1000, 100_000)
    linking = python(ROOT / "benchmarks" / "scale.py", many)
    linked = row(
        LARGE, "linking duplicates", f"{many:,}", [setting.run(linking, setting.scratch)], linking, note="synthetic"
    )
    predicted = [_predicted(setting, LARGE, count) for count in (few, many)]
    return [*_read(setting, LARGE, many), linked, *_grown(predicted)]


def _read(setting: Setting, part: str, count: int, *look: str) -> list[Row]:
    """Rows of reading and, with `--look`, of the part of an audit that trains nothing; both from one process."""
    words = worker("read", slices(setting.scratch, count), *look)
    ran = setting.run(words, setting.fresh("cache-growth"))
    made = partial(row, part, case=f"{count:,}", command=words)
    until = replace(ran, peak=float(ran.facts["reading_mb"]))
    note = "seconds without the start; memory of the main process so far, processor of the audit too"
    rows = [made(what="reading", ran=[until], value=lambda one: float(one.facts["reading"]), note=note)]
    if look:
        note = "seconds without the start and reading; memory and processor of the whole process"
        audit = made(what="audit without training", ran=[ran], value=lambda one: float(one.facts["audit"]), note=note)
        rows.append(audit)
    return rows


def _computed(setting: Setting, name: str, count: int) -> Row:
    words = worker(name, count)
    ran = [setting.run(words, setting.scratch)]
    note = "seconds without the start; memory and processor of the whole process"
    return row(PART, name, f"{count:,}", ran, words, value=_seconds, note=note)


def _seconds(one: Ran) -> float:
    return float(one.facts["seconds"])


def _predicted(setting: Setting, part: str, count: int) -> Row:
    out, cache = setting.fresh("rows") / "rows.csv", setting.fresh("cache-growth")
    words = hilum("predict", setting.stub(), slices(setting.scratch, count), "--out", out)
    return row(part, _PREDICT, f"{count:,}", [setting.run(words, cache)], words, note="whole process")


def _grown(rows: Sequence[Row]) -> list[Row]:
    """The rows, the exponents of their seconds and peaks, and of predictions how much the peak grows."""
    counts, name = [int(one.case.replace(",", "")) for one in rows], rows[0].what
    peaks = [one.peak_mb or 1.0 for one in rows]
    found = [*rows]
    for of, values in (("time", [one.value for one in rows]), ("memory", peaks)):
        slope = float(np.polyfit(np.log(counts), np.log(values), 1)[0])
        found.append(_derived(rows, f"{name}: exponent of {of}", slope, "", Goal(NEAR_LINEAR)))
    if name == _PREDICT:
        found.append(_derived(rows, f"{name}: memory beyond the fewest", peaks[-1] - peaks[0], "MB", Goal(_MORE)))
    return found


def _derived(rows: Sequence[Row], what: str, value: float, unit: str, goal: Goal) -> Row:
    """A row that follows from others."""
    value = round(value, 3)
    return replace(
        rows[-1],
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
