"""A file of rows that continues where a killed run stopped."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.errors import HilumError
from hilum.predict.about import About, about_path, series_path, working_folder
from hilum.predict.inputs import Input
from hilum.predict.resume import RowFile, check_rows, write_series
from hilum.predict.rows import Row
from hilum.predict.series import Tally
from hilum.slices.pool import ENDED, TOO_LARGE

CLASSES = ("a", "b")
SHARES = {"a": 0.75, "b": 0.25}


def about(**changes):
    made = {"model": "1234", "classes": CLASSES, "format": "json", "window": "auto", "answer": 0.7, "outlier": 0.5}
    changed = {**made, "hashed": False, **changes}
    return About(**changed, folder=working_folder(changed["hashed"]))


def row(path, frame=None, series=None):
    return Row(path, frame, "class", "a", SHARES, 0.25, "sure enough: 0.75, limit 0.70", series)


# Names with what is hard for either format; a file with frames, two series that take turns, and one file unreadable.
ROWS = [
    row("one.png"), row('a "quoted", \r\nname.png'), row("x/1.dcm", None, "s1"), row("y/1.dcm", None, "s2"),
    *(row("frames.dcm", frame, "s1") for frame in (1, 2, 3)),
    Row("bad.png", None, "unreadable", None, None, None, "empty"),
    *(row("more.dcm", frame, "s3") for frame in (1, 2)), row("last.png"),
]  # fmt: skip
NAMES = list(dict.fromkeys(row.path for row in ROWS))


def ask(out, format="json", most=None):
    """Answers on the files of `ROWS` that `out` lacks, as the command would; at most so many."""
    tally, written = Tally(CLASSES), []
    with RowFile(out, about(format=format), tally) as file:
        for source in file.unanswered(map(Input, NAMES), lambda source: source.path):
            for answer in [row for row in ROWS if row.path == source.path][source.answered :]:
                if len(written) == most:
                    return tally, written
                file.write(answer)
                tally.add(answer)
                written.append(answer)
    return tally, written


@pytest.fixture(scope="module", params=["json", "csv"])
def whole(request, tmp_path_factory):
    """The format, and both files of a run that nothing stopped."""
    out = tmp_path_factory.mktemp("whole") / "rows"
    assert ask(out, request.param)[1] == ROWS
    return request.param, out.read_bytes(), about_path(out).read_bytes()


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    return tmp_path_factory.mktemp("killed")


@settings(max_examples=60)
@given(data=st.data())
def test_after_a_kill_at_any_byte_the_file_becomes_what_it_would_have_been(whole, killed, data):
    format, rows, notes = whole
    out = killed / "rows"
    out.unlink(missing_ok=True)
    about_path(out).unlink(missing_ok=True)
    for _ in range(data.draw(st.integers(1, 3), label="kills")):
        if out.exists():
            kept = data.draw(st.integers(0, out.stat().st_size), label="bytes")
            out.write_bytes(out.read_bytes()[:kept])
        else:
            out.write_bytes(rows[: data.draw(st.integers(0, len(rows)), label="bytes")])
            about_path(out).write_bytes(notes)
        ask(out, format, data.draw(st.integers(0, 4), label="rows"))
    tally, _ = ask(out, format)
    assert out.read_bytes() == rows
    assert about_path(out).read_bytes() == notes
    assert tally.summaries() == counted(ROWS).summaries()
    assert ask(out, format)[1] == []


def counted(rows):
    tally = Tally(CLASSES)
    for each in rows:
        tally.add(each)
    return tally


def test_notes_that_were_cut_short_with_the_rows_are_made_again(whole, tmp_path):
    format, rows, notes = whole
    out, first = tmp_path / "rows", notes.index(b"\n") + 1
    for kept in range(first, len(notes), 3):
        # A note is written before its row, so that rows end at the latest where the next note belongs.
        lines = notes[:kept].count(b"\n") - 1
        coming = [json.loads(line)["row"] for line in notes.splitlines()[1:]][lines]
        out.unlink(missing_ok=True)
        about_path(out).unlink(missing_ok=True)
        ask(out, format, coming)
        about_path(out).write_bytes(notes[:kept])
        assert ask(out, format)[0].summaries() == counted(ROWS).summaries()
        assert (out.read_bytes(), about_path(out).read_bytes()) == (rows, notes)


def test_more_files_may_be_asked_for_later(tmp_path):
    out = tmp_path / "rows.jsonl"
    ask(out, most=1)
    with RowFile(out, about(), Tally(CLASSES)) as file:
        left = list(
            file.unanswered([Input("new.png"), Input("one.png"), Input("newer.png")], lambda source: source.path)
        )
        assert file.earlier == 1
    assert left == [Input("new.png"), Input("newer.png")]


def test_the_rest_of_the_frames_is_asked_for(tmp_path):
    out = tmp_path / "rows.jsonl"
    ask(out, most=6)
    with RowFile(out, about(), Tally(CLASSES)) as file:
        left = list(file.unanswered(map(Input, NAMES), lambda source: source.path))
    assert left == [Input("frames.dcm", answered=2), *map(Input, NAMES[NAMES.index("bad.png") :])]


def test_the_output_itself_is_no_input(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with RowFile(tmp_path / "rows.jsonl", about(), Tally(CLASSES)) as file:
        found = [
            Input(name) for name in ("./rows.jsonl", "rows.jsonl.about", str(series_path(tmp_path / "rows.jsonl")), "a")
        ]
        assert list(file.unanswered(found, lambda source: source.path)) == [Input("a")]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": "5678"}, "made with another MODEL"),
        ({"format": "csv"}, "--json or --csv: json there, csv now"),
        (
            {"answer": 0.8, "window": "lung"},
            "--window auto there, lung now; --coverage or --risk: limit 0.7 there, 0.8 now",
        ),
        ({"hashed": True}, "--hash-names not given there, given now"),
    ],
)
def test_rows_of_another_model_or_other_settings_are_refused(tmp_path, changes, words):
    out = tmp_path / "rows.jsonl"
    ask(out, most=3)
    before = out.read_bytes(), about_path(out).read_bytes()
    with pytest.raises(HilumError) as error:
        RowFile(out, about(**changes), Tally(CLASSES))
    assert words in str(error.value)
    assert str(out) in str(error.value)
    assert (out.read_bytes(), about_path(out).read_bytes()) == before


@pytest.mark.parametrize("content", [b"my own notes\n", b"\0" * 100, b"path,frame\n", b"{}\n"])
def test_what_is_no_output_is_refused_and_left_as_it_is(tmp_path, content):
    out = tmp_path / "mine"
    out.write_bytes(content)
    with pytest.raises(HilumError, match=r"mine is not an output of hilum predict: mine\.about is not beside it"):
        RowFile(out, about(), Tally(CLASSES))
    about_path(out).write_bytes(content)
    with pytest.raises(HilumError, match=r"mine\.about was not written by this hilum predict"):
        RowFile(out, about(), Tally(CLASSES))
    assert (out.read_bytes(), about_path(out).read_bytes()) == (content, content)
    out.unlink()
    with pytest.raises(HilumError, match=r"mine\.about was not written"):
        RowFile(out, about(), Tally(CLASSES))
    assert about_path(out).read_bytes() == content


@pytest.mark.parametrize(("format", "line"), [("json", 3), ("csv", 4)])
def test_a_line_that_is_no_answer_is_named(tmp_path, format, line):
    out = tmp_path / "rows"
    ask(out, format, most=2)
    out.write_bytes(out.read_bytes() + b"what is this\n")
    before = out.read_bytes()
    with pytest.raises(HilumError, match=f"^Line {line} of .*rows is not a row"):
        ask(out, format)
    assert out.read_bytes() == before


def test_other_columns_are_refused(tmp_path):
    out = tmp_path / "rows"
    ask(out, "csv", most=2)
    out.write_bytes(b"other,columns\n" + out.read_bytes())
    with pytest.raises(HilumError, match="other columns"):
        ask(out, "csv")


def test_an_empty_file_is_taken_and_a_removed_one_begun_again(tmp_path):
    out = tmp_path / "rows"
    out.touch()
    assert ask(out)[1] == ROWS
    out.unlink()
    assert ask(out, "csv")[1] == ROWS


def test_what_cannot_be_written_is_said(tmp_path):
    with pytest.raises(HilumError, match="is a folder"):
        RowFile(tmp_path, about(), Tally(CLASSES))
    (tmp_path / "file").touch()
    with pytest.raises(HilumError, match="cannot be written"):
        RowFile(tmp_path / "file" / "rows", about(), Tally(CLASSES))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said(tmp_path):
    out = tmp_path / "rows"
    ask(out, most=1)
    with RowFile(out, about(), Tally(CLASSES)) as file, Path("/dev/full").open("ab", buffering=0) as full:
        file._file.close()
        file._file = full
        with pytest.raises(HilumError, match="No space left on device"):
            file.write(row("b.png"))


def test_summaries_are_written_beside_where_there_are_series(tmp_path):
    out = tmp_path / "rows.jsonl"
    write_series(out, counted([row("a.png")]))
    assert not series_path(out).exists()
    write_series(out, counted(ROWS))
    assert [summary["series"] for summary in json.loads(series_path(out).read_bytes())] == ["s1", "s2", "s3"]


def test_a_run_in_another_folder_is_refused(tmp_path, monkeypatch):
    """Equal relative names are other files there: their rows would be lost."""
    out = tmp_path / "rows.jsonl"
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "first")
    ask(out, most=3)
    before = out.read_bytes(), about_path(out).read_bytes()
    monkeypatch.chdir(tmp_path / "second")
    with pytest.raises(HilumError, match=r"was begun in .*first, .* Run hilum in that folder again, or give --out"):
        ask(out)
    assert (out.read_bytes(), about_path(out).read_bytes()) == before
    monkeypatch.chdir(tmp_path / "first")
    assert ask(out)[1] == ROWS[3:]


def test_the_folder_of_hashed_names_is_hashed_too(tmp_path, monkeypatch):
    out = tmp_path / "rows.jsonl"
    (tmp_path / "Doe_Jane").mkdir()
    monkeypatch.chdir(tmp_path / "Doe_Jane")
    RowFile(out, about(hashed=True), Tally(CLASSES)).__exit__(None, None, None)
    assert b"Doe" not in about_path(out).read_bytes()
    with RowFile(out, about(hashed=True), Tally(CLASSES)) as file:
        file.write(row("0123456789abcdef"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(HilumError, match="was begun in another folder") as error:
        RowFile(out, about(hashed=True), Tally(CLASSES))
    assert "Doe" not in str(error.value)


def test_a_folder_whose_name_is_no_text(tmp_path, monkeypatch):
    folder = tmp_path / os.fsdecode(b"\xff")
    folder.mkdir()
    monkeypatch.chdir(folder)
    ask(Path("rows.jsonl"), most=3)
    assert ask(Path("rows.jsonl"))[1] == ROWS[3:]
    monkeypatch.chdir(tmp_path)
    with pytest.raises(HilumError, match=r"was begun in .*\\xff, "):
        ask(folder / "rows.jsonl")


def test_the_rows_of_an_older_hilum_go_on_with_a_note(tmp_path):
    out = tmp_path / "rows.jsonl"
    ask(out, most=3)
    first, *rest = about_path(out).read_bytes().splitlines(keepends=True)
    older = json.loads(first)
    del older["folder"]
    about_path(out).write_bytes(b"".join([json.dumps(older).encode() + b"\n", *rest]))
    with RowFile(out, about(), Tally(CLASSES)) as file:
        assert file.earlier == 3
        (note,) = file.notes
        assert "rows.jsonl.about was written by an older hilum" in note
    assert ask(out)[1] == ROWS[3:]


def test_one_writer_at_a_time(tmp_path):
    out = tmp_path / "rows.jsonl"
    (tmp_path / "link").symlink_to(out)
    with RowFile(out, about(), Tally(CLASSES)) as file:
        file.write(ROWS[0])
        before = about_path(out).read_bytes()
        for other in (out, tmp_path / "." / "rows.jsonl", tmp_path / "link"):
            with pytest.raises(HilumError, match=r"Another hilum is writing to .*\. Wait for it to end"):
                ask(other)
        assert about_path(out).read_bytes() == before
        file.write(ROWS[1])
    assert ask(out)[1] == ROWS[2:]


@pytest.mark.parametrize("name", ["n" * 250, "new/" + "n" * 256 + "/rows"])
def test_a_name_too_long_for_all_three_files_is_refused_before_the_work(tmp_path, name):
    with pytest.raises(HilumError, match=r"cannot be written \(File name too long\)"):
        check_rows(tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("reason", [ENDED, TOO_LARGE])
@pytest.mark.parametrize("format", ["json", "csv"])
def test_a_file_that_the_machine_could_not_read_is_asked_for_again(tmp_path, format, reason):
    out, unread = tmp_path / "rows", Row("big.png", None, "unreadable", None, None, None, reason)
    answers = {"a.png": row("a.png"), "big.png": unread, "b.dcm": row("b.dcm", None, "s1")}
    for now, asked in ((unread, list(answers)), (unread, ["big.png"]), (row("big.png"), ["big.png"])):
        with RowFile(out, about(format=format), Tally(CLASSES)) as file:
            left = [source.path for source in file.unanswered(map(Input, answers), lambda source: source.path)]
            for path in left:
                file.write({**answers, "big.png": now}[path])
        assert left == asked
    ask_nothing = Tally(CLASSES)
    with RowFile(out, about(format=format), ask_nothing) as file:
        assert not list(file.unanswered(map(Input, answers), lambda source: source.path))
    assert (ask_nothing.decisions["class"], ask_nothing.decisions["unreadable"]) == (3, 0)


def test_of_a_file_whose_process_was_ended_in_the_middle_the_rest_is_asked_for(tmp_path):
    """What followed that row is answered again too, and no row is there twice."""
    out, ended = tmp_path / "rows", Row("frames.dcm", 3, "unreadable", None, None, None, ENDED, "s1")
    frames = [row("frames.dcm", frame, "s1") for frame in (1, 2, 3, 4)]
    for written in ([*frames[:2], ended, row("a.png")], [*frames[2:], row("a.png")]):
        tally = Tally(CLASSES)
        with RowFile(out, about(), tally) as file:
            left = list(file.unanswered(map(Input, ("frames.dcm", "a.png")), lambda source: source.path))
            for one in written:
                file.write(one)
    assert [(source.path, source.answered) for source in left] == [("frames.dcm", 2), ("a.png", 0)]
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(one["path"], one["frame"]) for one in rows] == [
        *(("frames.dcm", n) for n in (1, 2, 3, 4)),
        ("a.png", None),
    ]
