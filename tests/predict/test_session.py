"""A whole prediction."""

import io
from pathlib import Path

import pytest
from helpers.brightness import ANSWER, OUTLIER

from hilum.errors import HilumError
from hilum.predict.session import LISTED, format_for, predict_files
from hilum.trust.abstention import Limits

LIMITS = Limits(ANSWER, OUTLIER)


@pytest.fixture
def ask(reader, monkeypatch, tmp_path):
    """Predicts in an empty folder: `ask("a.png", out=...) -> outcome, rows that were shown`."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments, stdin=b"", **options):
        shown = []
        outcome = predict_files(reader, arguments, shown.append, limits=LIMITS, stdin=io.BytesIO(stdin), **options)
        return outcome, shown

    return call


def test_rows_are_shown_or_written_never_both(ask, picture):
    picture(Path("set/a.png"), 51)
    outcome, shown = ask("set")
    assert [(row.path, row.decision) for row in shown] == [("set/a.png", "class")]
    outcome, shown = ask("set", out=Path("rows.jsonl"))
    assert shown == []
    assert Path("rows.jsonl").read_bytes().count(b"\n") == 1
    assert (outcome.earlier, outcome.tally.decisions) == (0, {"class": 1})
    outcome, _ = ask("set", out=Path("rows.jsonl"))
    assert (outcome.earlier, outcome.tally.decisions) == (1, {"class": 1})


def test_pseudonyms_stand_for_paths_and_stay_the_same(ask, picture, monkeypatch, tmp_path):
    picture(Path("Doe_Jane/a.png"), 51)
    Path("Doe_Jane/b.png").write_bytes(b"")
    arguments = ("Doe_Jane", "Doe_Jane/missing.png", "Doe_Jane/*.jpg")
    outcome, rows = ask(*arguments, hash_names=True)
    assert [row.decision for row in rows] == ["class", "unreadable", "unreadable", "unreadable"]
    assert not any("Doe" in str(row) or "png" in str(row) or str(tmp_path) in str(row) for row in rows)
    assert len({row.path for row in rows}) == 4
    assert [row.path for row in outcome.unreadable] == [row.path for row in rows[1:]]
    monkeypatch.chdir("Doe_Jane")
    assert ask("./a.png", hash_names=True)[1][0].path == rows[0].path  # however the file is called
    monkeypatch.chdir(tmp_path)
    ask(*arguments, hash_names=True, out=Path("rows.csv"), format="csv")
    assert ask(*arguments, hash_names=True, out=Path("rows.csv"), format="csv")[0].earlier == 4
    for path in (Path("rows.csv"), Path("rows.csv.about")):
        assert b"Doe" not in path.read_bytes()


def test_progress_counts_what_is_left(ask, picture):
    seen = []

    class Track:
        def __init__(self, title, total):
            seen.append([total, 0])

        def __enter__(self):
            def advance():
                seen[-1][1] += 1

            return advance

        def __exit__(self, *_):
            pass

    for number in range(5):
        picture(Path(f"set/{number}.png"), 51)
    ask("set", "missing.png", track=Track, out=Path("rows.jsonl"))
    picture(Path("set/new.png"), 51)
    ask("set", "missing.png", track=Track, out=Path("rows.jsonl"))
    assert seen == [[6, 6], [1, 1]]
    assert ask("-", stdin=b"set/new.png\n", track=Track)[0].tally.decisions == {"class": 1}
    assert len(seen) == 2  # standard input cannot be counted first


def test_the_list_of_what_could_not_be_read_is_bounded(ask):
    outcome, rows = ask("-", stdin=b"no\n" * (LISTED + 5))
    assert (len(outcome.unreadable), len(rows)) == (LISTED, LISTED + 5)


@pytest.mark.parametrize(
    ("out", "as_json", "as_csv", "format"),
    [
        (None, False, False, None), (None, True, False, "json"), (None, False, True, "csv"),
        ("a", False, False, "json"),
        ("a.jsonl", False, False, "json"), ("a.CSV", False, False, "csv"), ("a.csv", True, False, "json"),
        ("a.json", False, True, "csv"),
    ],
)  # fmt: skip
def test_the_format_is_as_asked_or_as_the_name_says(out, as_json, as_csv, format):
    assert format_for(out and Path(out), as_json, as_csv) == format


def test_two_formats_are_refused():
    with pytest.raises(HilumError, match="not both"):
        format_for(None, True, True)
