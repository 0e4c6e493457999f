"""What `hilum predict --runner ray` costs beside one process, on this machine alone.

    python benchmarks/ray_jobs.py MODEL [--slices 2000] [--rounds 3] [--csv FILE]

Predicts N slices and a quarter of them, as whole processes in turn: in one process; on Ray with one worker that has all
cores; on Ray with a worker of one thread per core. The line through both sizes gives each way's time a slice, and its
start-up: what is left at no slices. The answers of all three are compared. Linux only (it reads /proc).
"""

import argparse
import csv
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from speed.many import slices
from speed.processes import Ran, interleaved, python, run

ALONE, ONE, MANY = "one process", "ray, one worker", "ray, a worker per core"
MOST_APART, LEAST_SHARE = 1e-5, 0.9
_CORES = os.cpu_count() or 1
_WAYS: Mapping[str, Sequence[object]] = {
    ALONE: (),
    ONE: ("--runner", "ray", "--threads", _CORES),
    MANY: ("--runner", "ray", "--threads", 1),
}
# hilum, and after it the peak memory and the seconds of the processor of this one process in its last line.
_HILUM = """
import json, resource
from hilum.cli import main
try:
    main()
finally:
    own = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"peak": own.ru_maxrss * 1024 / 1e6, "processor": own.ru_utime + own.ru_stime}))
"""


@dataclass(frozen=True)
class Line:
    """Times of one way over two numbers of slices, as a line.

    Attributes:
        start_s: Seconds at no slices.
        slice_s: Seconds that each slice adds.
    """

    start_s: float
    slice_s: float


@dataclass(frozen=True)
class Result:
    """A row of the table.

    Attributes:
        way: How the slices were predicted.
        slices_per_s: Slices a second, start-up excluded.
        share: Of the throughput of one process.
        start_s: Seconds of start-up.
        overhead_ms: Milliseconds that a slice takes longer than in one process.
        break_even: Number of slices from which this way is quicker, or None if it never is.
        driver_ms: Milliseconds of the processor that a slice takes in the process that was started.
        driver_mb: Peak memory of that process.
        driver_mb_quarter: The same with a quarter of the slices.
        all_mb: Peak memory of it and all that it started.
    """

    way: str
    slices_per_s: float
    share: float
    start_s: float
    overhead_ms: float
    break_even: int | None
    driver_ms: float
    driver_mb: float
    driver_mb_quarter: float
    all_mb: float


def main() -> None:
    """Measures, prints, and exits with 1 where answers differ or a worker falls behind its goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="as `hilum export` writes it")
    parser.add_argument("--slices", type=int, default=2000, metavar="N")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--csv", type=Path, help="file for the table")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        files = sorted(slices(scratch, given.slices).glob("*/*/*.png"))
        model, sizes = given.model.resolve(), {len(part): part for part in (files[::4], files)}
        for way in _WAYS:  # so that the first round has no cold files
            _predicted(model, files[:1], way, scratch)
        steps = {
            _key(way, size): partial(_predicted, model, part, way, scratch)
            for size, part in sizes.items()
            for way in _WAYS
        }
        ran = interleaved(steps, given.rounds)
        alone, *others = (rows(_out(scratch, way)) for way in _WAYS)  # of the last runs, which had all slices
        apart = compare(alone, *others)
    results = _results(ran, *sizes)
    print(markdown(results))
    print(f"largest difference of a probability: {apart:.1e}")
    if given.csv:
        write(results, given.csv)
    behind = next(one.share for one in results if one.way == ONE) < LEAST_SHARE
    sys.exit(apart > MOST_APART or behind)


def line(few: int, seconds_few: float, many: int, seconds_many: float) -> Line:
    """The line through the times of two numbers of slices."""
    slope = (seconds_many - seconds_few) / (many - few)
    return Line(seconds_few - slope * few, slope)


def break_even(alone: Line, other: Line) -> int | None:
    """The smallest number of slices for which the other way is quicker, or None if it never is."""
    if other.slice_s >= alone.slice_s:
        return None
    return max(0, int((other.start_s - alone.start_s) / (alone.slice_s - other.slice_s)) + 1)


def compare(expected: Mapping[str, Any], *others: Mapping[str, Any]) -> float:
    """The largest difference of a probability; rows are by path.

    Raises:
        SystemExit: Paths or decisions differ.
    """
    largest = 0.0
    for found in others:
        if found.keys() != expected.keys():
            sys.exit(f"{len(found.keys() ^ expected.keys())} slices have a row in only one of the outputs.")
        for path, row in expected.items():
            if any(found[path][key] != row[key] for key in ("decision", "class")):
                sys.exit(f"{path} has another decision.")
            shares = row["probabilities"] or {}
            largest = max(largest, *(abs(found[path]["probabilities"][name] - shares[name]) for name in shares), 0.0)
    return largest


def rows(out: Path) -> dict[str, Any]:
    """The rows of an output by path: of a file of JSON lines, or of a folder of shards."""
    if out.is_dir():
        found = pq.read_table(out / "rows").to_pylist()
    else:
        found = [json.loads(text) for text in out.read_text("utf-8").splitlines()]
    return {row["path"]: row for row in found}


def markdown(results: Sequence[Result]) -> str:
    """The table in Markdown."""
    lines = [
        "| | slices/s | of one process | start-up s | overhead a slice ms "
        "| quicker from | driver a slice ms | driver MB (a quarter) | all |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for one in results:
        quicker = "never on one machine" if one.break_even is None else f"{one.break_even:,} slices"
        cells = (
            one.way,
            f"{one.slices_per_s:.1f}",
            f"{one.share:.2f}",
            f"{one.start_s:.1f}",
            f"{one.overhead_ms:.1f}",
            "" if one.way == ALONE else quicker,
            f"{one.driver_ms:.2f}",
            f"{one.driver_mb:,.0f} ({one.driver_mb_quarter:,.0f})",
            f"{one.all_mb:,.0f} MB",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def write(results: Sequence[Result], path: Path) -> None:
    """Writes the table as CSV."""
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, [field.name for field in fields(Result)], lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(one) for one in results)


def _results(ran: Mapping[str, Sequence[Ran]], few: int, many: int) -> list[Result]:
    def seconds(way: str, size: int) -> float:
        return statistics.median(one.seconds for one in ran[_key(way, size)])

    def driver(way: str, size: int, fact: str = "peak") -> float:
        return max(float(one.facts[fact]) for one in ran[_key(way, size)])

    lines = {way: line(few, seconds(way, few), many, seconds(way, many)) for way in _WAYS}
    alone = lines[ALONE]
    return [
        Result(
            way,
            round(1 / found.slice_s, 2),
            round(alone.slice_s / found.slice_s, 3),
            round(found.start_s, 2),
            round(1000 * (found.slice_s - alone.slice_s), 2),
            break_even(alone, found),
            round(1000 * line(few, driver(way, few, "processor"), many, driver(way, many, "processor")).slice_s, 3),
            round(driver(way, many)),
            round(driver(way, few)),
            round(max(one.peak for one in ran[_key(way, many)])),
        )
        for way, found in lines.items()
    ]


def _predicted(model: Path, files: Sequence[Path], way: str, scratch: Path) -> Ran:
    """Predicts files as a whole process, with a new output."""
    out, listed = _out(scratch, way), scratch / "files.txt"
    for left in scratch.glob(f"{out.name}*"):  # an earlier run would be resumed
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    listed.write_text("".join(f"{path}\n" for path in files), "utf-8")
    command = python("-c", _HILUM, "predict", model, listed, "--out", out, *_WAYS[way])
    return run(command, {"HILUM_CACHE": str(scratch / "cache"), "RAY_ADDRESS": ""})


def _out(scratch: Path, way: str) -> Path:
    return scratch / f"rows-{list(_WAYS).index(way)}{'.jsonl' if way == ALONE else ''}"


def _key(way: str, size: int) -> str:
    return f"{way}, {size} slices"


if __name__ == "__main__":
    main()
