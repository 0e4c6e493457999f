"""Rows and their summary on the terminal."""

from collections import Counter
from pathlib import Path

import pytest

from hilum.predict.rows import Row, unreadable
from hilum.predict.series import Tally
from hilum.predict.terminal import closing_lines, printable, table_head, table_line
from hilum.trust.abstention import Limits, decide

CLASSES = ("adenocarcinoma", "normal")
LIMITS = Limits(0.7, 0.4)
SHARES = {"adenocarcinoma": 0.9, "normal": 0.1}


def row(path, frame=None, decision="class", series=None, reason="sure enough: 0.90, limit 0.70"):
    label = "adenocarcinoma" if decision == "class" else None
    return Row(path, frame, decision, label, SHARES, 0.25, reason, series)


def test_columns_stand_below_their_names():
    assert [
        table_head(CLASSES),
        table_line(row("a.png"), CLASSES),
        table_line(row("b.dcm", 3, "abstain", reason="not sure enough: 0.90, limit 0.95"), CLASSES),
        table_line(unreadable("c.png", "the file is empty"), CLASSES),
    ] == [
        "decision    class            prob.  outlier  slice",
        "class       adenocarcinoma    0.90    0.250  a.png",
        "abstain     -                 0.90    0.250  b.dcm frame 3",
        "unreadable  the file is empty: c.png",
    ]


def test_a_reason_that_no_column_has_stands_before_the_path():
    for score, doubt, shown in ((0.5, None, "a.png"), (0.5, "a localizer", "a localizer: a.png")):
        decision, reason = decide(0.9, score, doubt, LIMITS)
        assert table_line(row("a.png", None, decision, reason=reason), CLASSES).endswith(f"0.250  {shown}")


def test_a_path_is_as_seen_from_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert table_line(row(str(tmp_path / "a" / "b.png")), CLASSES).endswith("  a/b.png")
    assert table_line(row("/elsewhere/b.png"), CLASSES).endswith("  /elsewhere/b.png")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines\r.png", r"two\nlines\r.png"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("right\u202egnp.left", r"right\u202egnp.left"),
        ("[bold]é ü 肺<script>", "[bold]é ü 肺<script>"),
        ("\x9b31m\x00", r"\x9b31m\x00"),
    ],
)
def test_nothing_in_a_name_steers_the_terminal(text, shown):
    assert printable(text) == shown
    assert shown in table_line(row(text), CLASSES)


def test_closing_lines_name_what_could_not_be_read_and_count():
    tally = Tally(CLASSES)
    bad = unreadable("c\n.png", "the file is empty")
    for each in (row("a.dcm", series="x"), row("b.dcm", 2, "abstain", "x", "not sure"), row("c.dcm", series="y"), bad):
        tally.add(each)
    assert closing_lines(tally, [bad], 2, Path("rows.jsonl"), LIMITS) == [
        r"Unreadable, the file is empty: c\n.png",
        "Series of a.dcm: 2 slices (1 class, 1 abstain); most are adenocarcinoma (mean probability 0.90).",
        "Series of c.dcm: 1 slice (1 class); most are adenocarcinoma (mean probability 0.90).",
        "It abstains below a probability of 0.70; above a score of 0.400, a slice is an outlier.",
        "4 slices: 2 class, 1 abstain, 0 outlier, 1 unreadable. 2 of them are from an earlier run.",
        "The rows are in rows.jsonl; the series are in rows.jsonl.series.json beside it.",
    ]


def test_long_lists_are_cut_and_say_so():
    tally = Tally(CLASSES, Counter(unreadable=500))
    lines = closing_lines(tally, [unreadable("c.png", "the file is empty")] * 100, 0, None, LIMITS)
    assert len(lines) == 102
    assert lines[-2:] == [
        "... and 400 more that could not be read.",
        "500 slices: 0 class, 0 abstain, 0 outlier, 500 unreadable.",
    ]


def test_a_series_without_an_answer_says_so():
    tally = Tally(CLASSES)
    tally.add(row("a.dcm", None, "outlier", "x", "a localizer"))
    assert (
        closing_lines(tally, [], 0, None, LIMITS)[0] == "Series of a.dcm: 1 slice (1 outlier); no slice was answered."
    )
