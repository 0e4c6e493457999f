"""The benchmark of speed: its tables, its way of measuring a process, and all parts that need no Keras."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from speed import machine
from speed.chart import chart
from speed.growth import _grown
from speed.many import slices
from speed.processes import Ran, interleaved, python, run, shown, worker
from speed.table import Goal, markdown, read, row, write

from hilum.report.style import svg
from hilum.slices.table import read_table

_ROOT = Path(__file__).resolve().parents[2]


def _ran(seconds, *, others=0.0, peak=100.0):
    return Ran(seconds, 2 * seconds, peak, others, seconds, "")


def test_a_process_is_measured_with_its_children():
    hold = "import time; held = bytearray(60_000_000); time.sleep(0.5)"
    code = f"import subprocess, sys; print(1, flush=True); subprocess.run([sys.executable, '-c', {hold!r}]); print(2)"
    ran = run(python("-c", code))
    assert ran.output == "1\n2\n"
    assert ran.first < ran.seconds - 0.4
    assert 60 < ran.peak < 200


def test_a_process_that_fails_ends_the_benchmark_with_what_it_said():
    with pytest.raises(SystemExit, match="ended with 3:\nno such thing"):
        run(python("-c", "import sys; print('no such thing', file=sys.stderr); sys.exit(3)"))


def test_steps_are_run_in_turn():
    order = []
    steps = {name: lambda name=name: order.append(name) or _ran(1) for name in "ab"}
    assert {name: len(ran) for name, ran in interleaved(steps, 2).items()} == {"a": 2, "b": 2}
    assert order == ["a", "b", "a", "b"]


def test_commands_are_shown_from_the_checkout_on():
    assert shown(worker("bare", "a b")) == "python benchmarks/speed/workers/bare.py 'a b'"
    assert shown([sys.executable, "-m", "hilum", "audit"]) == "hilum audit"


@pytest.mark.parametrize(
    ("goal", "value", "ratio", "met"),
    [
        (Goal(2), 2.0, None, "yes"),
        (Goal(2), 3.0, None, "no, by a factor of 1.50"),
        (Goal(20, "ratio", "least"), 1.0, 25.0, "yes"),
        (Goal(20, "ratio", "least"), 1.0, 10.0, "no, by a factor of 2.00"),
    ],
)
def test_a_goal_is_met_or_missed_by_a_factor(goal, value, ratio, met):
    assert goal.verdict(value, ratio) == met


def test_a_row_has_medians_and_marks_a_busy_machine():
    bare = row("part", "bare", "", [_ran(2)], ["a"])
    one = row(
        "part", "whole", "net", [_ran(9), _ran(3, others=0.5), _ran(4)], ["a"], against=bare, goal=Goal(2, "ratio")
    )
    assert (one.value, one.low, one.high, one.runs, one.processor_s) == (4, 3, 9, 3, 8)
    assert (one.ratio, one.met, one.machine, bare.machine) == (2, "yes", "busy", "quiet")


def test_tables_are_read_as_they_were_written(tmp_path):
    rows = [row("p", "w", "c", [_ran(1)], ["a"]), row("p", "w", "c", [_ran(1)], ["a"], whole=False, goal=Goal(1))]
    write(rows, tmp_path / "new" / "bench-p.csv")
    assert read(tmp_path / "new" / "bench-p.csv") == rows
    assert len(markdown(rows).splitlines()) == 4


def test_exponents_are_slopes_between_logarithms():
    rows = [row("growth", "predict", f"{n:,}", [_ran(n**1.5, peak=100 + n / 100)], ["a"]) for n in (1000, 10_000)]
    time, memory, beyond = _grown(rows)[2:]
    assert (time.value, time.met) == (1.5, "no, by a factor of 1.25")
    assert memory.met == "yes"
    assert (beyond.value, beyond.unit, beyond.met) == (90, "MB", "yes")


def test_many_slices_are_distinct_and_made_once(tmp_path):
    folder = slices(tmp_path, 130)
    table = read_table(folder)
    assert len({one.facts.pixels for one in table.rows}) == len(table.rows) == 130
    assert slices(tmp_path, 130) == folder


def test_the_chart_names_the_machine_and_is_the_same_each_time():
    bare = row("comparison", "bare", "all", [_ran(2)], ["a"])
    rows = [
        row(
            "comparison", "hilum compare, cold", "all", [_ran(5, others=1)], ["a"], against=bare, goal=Goal(2, "ratio")
        ),
        row("rivals", "timm: all", "resnet50", [_ran(5)], ["a"], against=bare, goal=Goal(1.5, "ratio", "least")),
        *(row("growth", "reading", f"{n:,}", [_ran(n)], ["a"]) for n in (1000, 3000)),
    ]
    facts = machine.facts(None) | {"slices": "a phantom", "weights": "random"}
    assert facts["cores"] == str(os.cpu_count())
    assert "1 of 4 rows on a busy machine" in chart(rows, facts)._supxlabel.get_text().replace("\n", " ")
    assert svg(chart(rows, facts)) == svg(chart(rows, facts))


@pytest.mark.slow
def test_every_part_without_keras_runs(tmp_path):
    command = [sys.executable, "-m", "speed", "--quick", "--only", "commands,memory,growth,large,comparison"]
    folders = ["--scratch", tmp_path / "scratch", "--results", tmp_path / "results", "--keras", tmp_path]
    places = os.pathsep.join([str(_ROOT / "src"), str(_ROOT / "benchmarks")])
    subprocess.run([*command, *folders], check=True, env={**os.environ, "PYTHONPATH": places})
    assert {path.name for path in (tmp_path / "results").iterdir()} == {
        *(f"bench-{part}.csv" for part in ("commands", "memory", "growth", "large", "comparison")),
        "bench-machine.json",
        "bench.md",
        "bench.png",
        "bench.svg",
    }
