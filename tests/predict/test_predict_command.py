"""`hilum predict` as a user meets it: what goes where, and the exit codes."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers.brightness import write_model

from hilum import cli
from hilum.predict.about import about_path

KEYS = ["path", "frame", "decision", "class", "probabilities", "outlier_score", "reason"]


@pytest.fixture
def run(monkeypatch, capfdbinary, tmp_path, model, picture):
    """Runs the command in a folder with a few slices: `run("set") -> code, out, err`."""
    monkeypatch.chdir(tmp_path)
    for name, level in {"a": 51, "b": 128, "c": 204, "d": 89, "e": 5}.items():
        picture(tmp_path / "set" / f"{name}.png", level)
    (tmp_path / "set" / "f.png").write_bytes(b"no picture")

    def call(*words, model=model):
        monkeypatch.setattr(sys, "argv", ["hilum", "predict", str(model), *map(str, words)])
        capfdbinary.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return call


@pytest.mark.parametrize("odd", ["n" * 5000, "n" * 5000 + "/*.png", "a\x01b"])
def test_a_path_that_cannot_be_looked_at_stops_no_other(run, odd):
    code, out, err = run(odd, "set/a.png", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert (code, [row["decision"] for row in rows]) == (0, ["unreadable", "class"])
    assert "Traceback" not in err


def test_a_path_that_is_too_long_is_said_without_a_traceback(run):
    code, out, err = run("set/a.png", model="m" * 5000)
    assert (code, out) == (2, "")
    assert "File name too long" in err
    assert "Traceback" not in err


def test_what_is_hidden_or_another_programs_is_left_out_and_counted(run, picture, tmp_path):
    for name in ("@eaDir/a.png/THUMB.png", "thumbnails/a.png", ".cache/a.png", "deep/lost+found/a.png"):
        picture(tmp_path / "set" / name, 51)
    code, out, err = run("set", "set/a.png", "--json")
    assert (code, len(out.splitlines())) == (0, 7)
    assert err.startswith("Hidden files and those of other programs or of hilum are left out, 4 in all.")
    _, out, err = run("set/thumbnails", "--json")  # which was asked for
    assert (len(out.splitlines()), "Hidden" in err) == (1, False)


DECISIONS = ["class", "class", "class", "abstain", "outlier", "unreadable"]


def test_a_table_for_people(run):
    code, out, err = run("set")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].split() == ["decision", "class", "prob.", "outlier", "slice"]
    assert [line.split()[0] for line in lines[1:]] == DECISIONS
    assert lines[1].split()[:2] == ["class", "dark"]
    assert [line.split()[-1] for line in lines[1:]] == [f"set/{name}.png" for name in "abcdef"]
    assert "It abstains below a probability of 0.80; above a score of 0.420, a slice is an outlier." in err
    assert "Unreadable" not in err, "the table has said why"
    assert err.splitlines()[-1] == "6 slices: 3 class, 1 abstain, 1 outlier, 1 unreadable."
    assert "The model promises nothing: an earlier hilum set its limit and did not test it." in err


def test_where_nothing_that_was_named_exists_there_is_a_sentence_and_else_a_row(run):
    code, out, err = run("nowhere.png", "no/*.png", "--json")
    assert (code, out) == (2, "")
    assert err.startswith("Error: There is nothing to predict: nowhere.png: there is no such file.")
    code, out, err = run("nowhere.png", "set/a.png", "--json")
    assert (code, [json.loads(line)["decision"] for line in out.splitlines()]) == (0, ["unreadable", "class"])
    assert "Unreadable, there is no such file: nowhere.png" in err


def test_a_limit_of_the_users_own_is_not_the_one_that_promises(run):
    assert "promise" not in run("set", "--coverage", "1")[2].lower()


def test_json_lines_and_nothing_else_on_standard_output(run):
    code, out, _ = run("set", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert (code, [list(row) for row in rows]) == (0, [KEYS] * 6)
    assert [row["decision"] for row in rows] == DECISIONS
    assert [row["class"] for row in rows] == ["dark", "grey", "bright", None, None, None]
    assert [row["path"] for row in rows] == [f"set/{name}.png" for name in "abcdef"]


def test_csv(run):
    code, out, _ = run("set", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [row["decision"] for row in rows] == DECISIONS
    assert float(rows[0]["probability dark"]) > 0.99


def test_a_file_of_rows_is_the_same_and_a_second_run_repeats_nothing(run, picture):
    _, printed, _ = run("set", "--json")
    code, out, err = run("set", "--out", "rows.jsonl")
    assert (code, out, Path("rows.jsonl").read_text()) == (0, "", printed)
    picture(Path("set/0.png"), 51)
    code, out, err = run("set", "--out", "rows.jsonl")
    assert Path("rows.jsonl").read_text().startswith(printed)
    assert len(Path("rows.jsonl").read_text().splitlines()) == 7
    assert "6 of them are from an earlier run" in err
    assert "rows.jsonl" in err


def test_a_file_of_other_settings_is_refused(run):
    assert run("set", "--out", "rows.jsonl")[0] == 0
    for options in (["--coverage", "0.5"], ["--csv", "--hash-names", "--window", "lung"]):
        code, out, err = run("set", "--out", "rows.jsonl", *options)
        assert (code, out) == (2, "")
        assert "rows.jsonl was made with other settings" in err
    code, out, err = run("set", "--out", "rows.jsonl", model=write_model(Path("other.onnx"), digest="1" * 64))
    assert (code, out) == (2, "")
    assert "rows.jsonl was made with another MODEL" in err


@pytest.mark.parametrize(
    ("options", "decisions"),
    [
        (["--coverage", "1"], ["class", "class", "class", "class", "outlier", "unreadable"]),
        (["--risk", "0"], ["class", "abstain", "class", "abstain", "outlier", "unreadable"]),
    ],
)
def test_coverage_and_risk_set_the_threshold(run, picture, options, decisions):
    picture(Path("set/b.png"), 104)  # 0.98 grey
    code, out, _ = run("set", "--json", *options)
    assert (code, [json.loads(line)["decision"] for line in out.splitlines()]) == (0, decisions)


def test_strict_exits_with_1_where_a_slice_cannot_be_read(run):
    assert run("set/a.png", "--strict")[0] == 0
    code, out, _ = run("set", "--strict", "--json")
    assert (code, len(out.splitlines())) == (1, 6)
    for _ in range(2):  # also where an earlier run met it
        assert run("nowhere.png", "set/f.png", "--strict", "--out", "rows.csv")[0] == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["set", "--json", "--csv"], "Give --json or --csv, not both."),
        (["set", "--window", "liver"], "There is no window 'liver'"),
        (["set", "--coverage", "0.5", "--risk", "0.1"], "Give a coverage or a risk, not both"),
        (["set", "--coverage", "5"], "--coverage must be from 0 to 1"),
        (["set", "--out", "set"], "set is a folder"),
        (["set", "--out", "set/a.png"], "set/a.png is not an output of hilum predict"),
    ],
)
def test_what_a_user_can_mend_is_a_sentence_and_exit_code_2(run, words, message):
    before = Path("set/a.png").read_bytes()
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    assert Path("set/a.png").read_bytes() == before


def test_a_model_that_is_missing_is_said(run):
    code, out, err = run("set", model="nowhere.onnx")
    assert (code, out) == (2, "")
    assert "nowhere.onnx does not exist" in err


def test_names_do_not_steer_the_terminal(run, picture):
    picture(Path("odd/\x1b[31m[bold]\n</script>.png".replace("/s", "s")), 51)
    code, out, _ = run("odd")
    assert code == 0
    assert len(out.splitlines()) == 2
    assert r"odd/\x1b[31m[bold]\n<script>.png" in out


# A shell leaves Ctrl-C out of what it starts in the background; here it always counts.
START = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from hilum.cli import main; main()"


def process(*words, **options):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, "-c", START, "predict", *map(str, words)], env=environment, **options)


def test_paths_come_from_standard_input(run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"set/a.png\nset/no.png\n")))
    code, out, _ = run("-", "--json")
    assert code == 0
    assert [json.loads(line)["decision"] for line in out.splitlines()] == ["class", "unreadable"]


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_after_a_stop_the_rows_so_far_are_kept_and_the_next_run_goes_on(run, model, stop, code):
    with process(model, "-", "--out", "rows.jsonl", stdin=subprocess.PIPE, stderr=subprocess.PIPE) as asked:
        asked.stdin.write(b"set/a.png\n" * 64)
        asked.stdin.flush()
        while not Path("rows.jsonl").exists() or Path("rows.jsonl").stat().st_size == 0:
            assert asked.poll() is None
        asked.send_signal(stop)
        asked.wait(timeout=60)
        err = asked.stderr.read().decode()
    assert asked.returncode == code
    assert "Stopped. Run again to resume; the rows so far are in rows.jsonl\n" in err
    assert "Traceback" not in err
    kept = Path("rows.jsonl").read_text()
    assert kept
    assert run("set", "--out", "rows.jsonl")[0] == 0
    assert Path("rows.jsonl").read_text().startswith(kept)
    assert [json.loads(line)["path"] for line in Path("rows.jsonl").read_text()[len(kept) :].splitlines()] == [
        f"set/{name}.png" for name in "bcdef"
    ]


def test_the_place_is_tried_before_the_model_is_read(run):
    Path("file").touch()
    code, out, err = run("set", "--out", "file/rows.jsonl", model="nowhere.onnx")
    assert (code, out) == (2, "")
    assert "file/rows.jsonl cannot be written (Not a directory). Give another file (--out)." in err


def test_a_second_run_into_one_file_and_one_from_another_folder_are_refused(run, model, monkeypatch):
    with process(model, "-", "--out", "rows.jsonl", stdin=subprocess.PIPE, stderr=subprocess.PIPE) as asked:
        asked.stdin.write(b"set/a.png\n")
        asked.stdin.flush()
        while not about_path(Path("rows.jsonl")).exists():  # it is written once the place is locked
            assert asked.poll() is None
            time.sleep(0.05)
        code, _, err = run("set", "--out", "rows.jsonl")
        assert (code, "Another hilum is writing to rows.jsonl." in err) == (2, True)
        asked.stdin.close()
        assert asked.wait(timeout=60) == 0
    assert run("set", "--out", "rows.jsonl")[0] == 0
    assert len(Path("rows.jsonl").read_text().splitlines()) == 6
    Path("other").mkdir()
    monkeypatch.chdir("other")
    code, _, err = run("../set", "--out", "../rows.jsonl")
    assert (code, "Run hilum in that folder again, or give --out another name." in err) == (2, True)
