"""The benchmark of jobs on Ray: its lines, its comparison of answers and its table."""

import csv
import json

import pytest

pytest.importorskip("pyarrow")
from ray_jobs import ALONE, MANY, ONE, Line, Result, break_even, compare, line, markdown, rows, write


def test_two_times_make_a_line_of_start_up_and_time_a_slice():
    assert line(500, 12, 2000, 42) == Line(start_s=2, slice_s=0.02)


def test_another_way_is_quicker_from_where_the_lines_cross():
    alone = Line(start_s=1, slice_s=0.02)
    assert break_even(alone, Line(start_s=11, slice_s=0.01)) == 1001
    assert break_even(alone, Line(start_s=0.5, slice_s=0.01)) == 0
    assert break_even(alone, Line(start_s=11, slice_s=0.02)) is None


def row(path, cancer, decision="class"):
    shares = None if cancer is None else {"cancer": cancer, "normal": 1 - cancer}
    return {"path": path, "decision": decision, "class": "cancer", "probabilities": shares}


def test_answers_are_compared_by_path(tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    alone, out = tmp_path / "rows.jsonl", tmp_path / "job"
    first, second, third = row("a", 0.75), row("b", 0.5), row("c", None, "unreadable")
    alone.write_text("".join(f"{json.dumps(one)}\n" for one in (first, second, third)))
    (out / "rows").mkdir(parents=True)
    for number, part in enumerate(([third, row("b", 0.5 + 2**-20)], [first])):
        pq.write_table(pa.Table.from_pylist(part), out / "rows" / f"{number:06}.parquet")
    expected, found = rows(alone), rows(out)
    assert compare(expected, expected) == 0
    assert compare(expected, expected, found) == 2**-20
    with pytest.raises(SystemExit, match="b has another decision"):
        compare(expected, {**found, "b": row("b", 0.5, "abstain")})
    with pytest.raises(SystemExit, match="1 slices have a row in only one"):
        compare(expected, {key: found[key] for key in "ab"})


def test_the_table_says_from_how_many_slices_ray_is_quicker(tmp_path):
    results = [
        Result(ALONE, 50, 1, 1, 0, None, 2, 300, 290, 600),
        Result(ONE, 48, 0.96, 9, 0.8, None, 0.25, 250, 245, 1500),
        Result(MANY, 80, 1.6, 9, -7.5, 1067, 0.25, 250, 245, 2000),
    ]
    lines = markdown(results).splitlines()
    assert "never" not in lines[2]
    assert "| never on one machine | 0.25 | 250 (245) | 1,500 MB |" in lines[3]
    assert "| 1,067 slices | 0.25 |" in lines[4]
    write(results, tmp_path / "table.csv")
    with (tmp_path / "table.csv").open() as file:
        assert [one["break_even"] for one in csv.DictReader(file)] == ["", "", "1067"]
