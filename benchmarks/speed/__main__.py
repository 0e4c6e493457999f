"""Runs the parts, writes results/bench-PART.csv, bench.md and a chart.

    python -m speed                             all parts, as `make bench` does
    python -m speed --only commands,growth
    python -m speed --only confirm,large

Two parts are left out unless they are named: `confirm` runs ten epochs in Keras, `large` takes 100,000 slices.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hilum.report.style import png, svg
from speed import cnn, commands, comparison, growth, machine, memory, rivals
from speed.chart import chart
from speed.processes import ROOT
from speed.setting import Setting, phantom, public_set, shared
from speed.table import BUSY_FROM, Row, markdown, read, write

_MINUTES, _WAIT = 25, 300
_MINUTES_OF, _FACTS = "minutes of", "bench-machine.json"
# The comparison comes last: its long steps are repeated as long as there is time.
PARTS: dict[str, Callable[[Setting], list[Row]]] = {
    "commands": commands.measure,
    "cnn": cnn.measure,
    "memory": memory.measure,
    "growth": growth.measure,
    "rivals": rivals.measure,
    "comparison": comparison.measure,
}
APART = {"confirm": rivals.confirm, "large": growth.hundred_thousand}
_TITLES = {
    "comparison": "Against the bare forward passes",
    "rivals": "Against what one would do instead",
    "confirm": "Ten epochs run as a whole",
    "cnn": "The small CNN",
    "commands": "The command line",
    "memory": "Memory of the largest network",
    "growth": "Growth",
    "large": "100,000 slices",
}


def main() -> None:
    """Parses the options, runs, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts, of {', '.join((*PARTS, *APART))}")
    parser.add_argument("--data", type=Path, help="slices; by default the public set in HILUM_SHARED, else a phantom")
    parser.add_argument("--weights", type=Path, help="weights; by default those in HILUM_SHARED")
    parser.add_argument("--random-weights", action="store_true", help="run the comparison with random weights")
    parser.add_argument("--keras", type=Path, default=ROOT / "benchmarks" / ".keras", help="environment with Keras")
    parser.add_argument("--scratch", type=Path, default=ROOT / "benchmarks" / ".scratch", help="folder to work in")
    parser.add_argument("--results", type=Path, default=ROOT / "results")
    parser.add_argument("--runs", type=int, default=3, help="how often the short steps run")
    parser.add_argument("--minutes", type=float, default=_MINUTES, help="when long steps are not repeated any more")
    parser.add_argument("--wait", type=float, default=_WAIT, help="most seconds to wait for a quiet machine")
    parser.add_argument("--quick", action="store_true", help="try everything out on very little")
    options = parser.parse_args()
    chosen = options.only.split(",")
    if unknown := set(chosen) - {*PARTS, *APART}:
        parser.error(f"there is no part {', '.join(unknown)}")
    others = 0.0 if options.quick else machine.wait_for_quiet(options.wait)
    setting = _setting(options)
    facts = _facts(setting, options.results)
    facts["others at the start"] = f"{others:.0%} of the cores{' (busy)' if others > BUSY_FROM else ''}"
    for part in sorted(chosen, key=[*APART, *PARTS].index):
        start = time.monotonic()
        rows = {**PARTS, **APART}[part](setting)
        write(rows, options.results / f"bench-{part}.csv")
        minutes = (time.monotonic() - start) / 60
        facts[f"{_MINUTES_OF} {part}"] = f"{minutes:.1f}"
        (options.results / _FACTS).write_text(json.dumps(facts, indent=1) + "\n")
        print(f"{part}: {len(rows)} rows in {minutes:.1f} minutes", file=sys.stderr, flush=True)
    _conclude(options.results, facts)


def _setting(options: argparse.Namespace) -> Setting:
    """The options with their defaults filled in; a phantom is drawn where there are no slices."""
    options.scratch.mkdir(parents=True, exist_ok=True)
    data = None if options.quick and not options.data else public_set(options.data)
    drawn = data is None
    data = data or phantom(options.scratch, 48 if options.quick else 1000)
    weights = options.weights or os.environ.get("HILUM_WEIGHTS") or shared() / "weights"
    found = None if options.random_weights or options.quick or not Path(weights).is_dir() else Path(weights)
    keras = options.keras / "bin" / "python"
    if {"cnn", "rivals", "confirm"} & set(options.only.split(",")) and not keras.is_file():
        sys.exit(f"There is no Keras in {options.keras}. `make bench` installs it; --keras names another environment.")
    return Setting(
        scratch=options.scratch.resolve(),
        data=data.resolve(),
        groups=data.resolve() / "table.csv" if drawn else None,
        weights=found and found.resolve(),
        keras=keras,
        runs=1 if options.quick else options.runs,
        quick=options.quick,
        end=time.monotonic() + 60 * options.minutes,
    )


def _facts(setting: Setting, results: Path) -> dict[str, str]:
    """Facts of this machine, and the minutes of parts that ran earlier with the same facts."""
    facts = machine.facts(setting.keras.parent.parent) | {
        "slices": f"a phantom, {setting.data.name}" if setting.groups else setting.data.name,
        "weights": "random" if setting.random else "pretrained",
    }
    path = results / _FACTS
    earlier = json.loads(path.read_text()) if path.exists() else {}
    same = all(earlier.get(name) == value for name, value in facts.items())
    kept = {name: value for name, value in earlier.items() if same and name.startswith(_MINUTES_OF)}
    results.mkdir(parents=True, exist_ok=True)
    return facts | kept


def _conclude(results: Path, facts: dict[str, str]) -> None:
    """Writes the tables of all parts that ran on this machine as Markdown, and the chart."""
    tables = {part: read(results / f"bench-{part}.csv") for part in _TITLES if f"{_MINUTES_OF} {part}" in facts}
    lines = [
        "# How fast hilum is",
        "",
        "Made by `make bench` (docs/speed.md); commands and notes are in bench-*.csv.",
        "",
    ]
    lines += [f"- {name}: {value}" for name, value in facts.items()]
    for part, rows in tables.items():
        lines += ["", f"## {_TITLES[part]}", "", markdown(rows)]
    (results / "bench.md").write_text("\n".join(lines) + "\n")
    figure = chart([one for rows in tables.values() for one in rows], facts)
    (results / "bench.svg").write_bytes(svg(figure))
    (results / "bench.png").write_bytes(png(figure))


if __name__ == "__main__":
    main()
