"""Whole jobs on a Ray cluster of their own: the same answers as one process, and what goes on afterwards."""

import io
import json
import os
import signal
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest

from hilum.model.open import open_reader
from hilum.predict.inputs import input_files
from hilum.predict.run import answers
from hilum.trust.abstention import Limits

pytestmark = pytest.mark.slow


@pytest.fixture
def begun(exported, tmp_path, monkeypatch):
    """Starts a job in a folder of its own: `begun("slices", ...)`. Each is a process, since Ray leaves much in one."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)

    def begin(*words, **environment):
        command = ["predict", exported, *words, "--runner", "ray", "--out", "job"]
        return subprocess.Popen(
            [sys.executable, "-m", "hilum", *map(str, command)],
            cwd=tmp_path, env=os.environ | environment, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    return begin


@pytest.fixture
def job(begun):
    """Runs a job to its end: `job("slices", ...) -> code, what was said`."""

    def run(*words, stdin=b""):
        with begun(*words) as process:
            out, err = process.communicate(stdin, timeout=300)
        assert out == b""
        assert b"Traceback" not in err
        return process.returncode, err.decode()

    return run


def rows(folder):
    return pq.read_table(folder / "job" / "rows").to_pylist()


def kept(folder):
    return {path: path.read_bytes() for path in (folder / "job").rglob("*") if path.is_file()}


def test_answers_are_those_of_one_process_in_the_same_order(job, exported, phantom, tmp_path):
    code, err = job(phantom, "gone.png", "--threads", "1")
    assert code == 0, err
    reader = open_reader(exported)
    arguments = [str(phantom), "gone.png"]
    expected = [row.as_json() for row in answers(reader, input_files(arguments, io.BytesIO()), Limits.of(reader.facts))]
    found = rows(tmp_path)
    assert [row.pop("series") for row in found] == [None] * len(found)
    compared = ("path", "frame", "decision", "class")
    assert [[row[key] for key in compared] for row in found] == [[row[key] for key in compared] for row in expected]
    for one, other in zip(found, expected, strict=True):
        assert one["probabilities"] == (other["probabilities"] and pytest.approx(other["probabilities"], abs=1e-5))
    assert "Unreadable, there is no such file: gone.png" in err
    assert f"{len(expected)} slices: " in err
    assert "The rows are in job/rows" in err
    manifest = json.loads((tmp_path / "job" / "manifest.json").read_text())
    assert manifest["inputs"] == sum(shard["inputs"] for shard in manifest["shards"]) == len(expected)

    before = kept(tmp_path)
    code, err = job(phantom, "gone.png", "--strict")  # which says the same again, of a job that is over
    assert code == 1
    assert "The job in job is finished" in err
    assert f"{len(expected)} slices: " in err
    code, err = job(phantom, "gone.png", "--max-errors", "0")
    assert code == 2
    assert "cannot be read, more than the 0 that --max-errors allows" in err
    for words in ((phantom,), (phantom, "gone.png", "--threads", "2"), (phantom, "gone.png", "--window", "bone")):
        code, err = job(*words)
        assert code == 2
        assert err.endswith("It was left as it is; run it as it was begun, or give --out another name.\n"), err
    assert kept(tmp_path) == before


def test_standard_input_is_listed_once_and_a_job_that_stopped_goes_on_without_it(job, phantom, tmp_path):
    one = min((phantom / "test" / "normal").iterdir())
    named = "".join(f"{path}\n" for path in ("gone.png", one)).encode()
    code, err = job("-", "--max-errors", "0", "--threads", "1", "--hash-names", stdin=named)
    assert code == 2
    assert "more than the 0 that --max-errors allows" in err
    assert "there is no such file" in (tmp_path / "job" / "errors.csv").read_text()
    code, err = job("-", "--hash-names")  # with the threads that it began with
    assert code == 0, err
    assert rows(tmp_path)[0]["decision"] == "unreadable"
    assert not any("gone" in row["path"] or one.name in row["path"] for row in rows(tmp_path))
    assert "share rows and errors.csv alone" in err


def _keyboard(process):
    process.send_signal(signal.SIGINT)


def _timeout(process):  # as the command of that name does
    process.send_signal(signal.SIGTERM)
    os.killpg(process.pid, signal.SIGTERM)


@pytest.mark.parametrize(("stop", "code"), [(_keyboard, 130), (_timeout, 143)])
def test_a_stop_says_how_to_go_on_and_leaves_no_folder(begun, job, phantom, tmp_path, short, stop, code):
    words = (phantom, "--threads", "1")
    with begun(*words, TMPDIR=str(short)) as process:
        while not (tmp_path / "job" / "inputs" / "listing.json").exists():
            time.sleep(0.05)
            assert process.poll() is None
        stop(process)
        _, err = process.communicate(timeout=120)
    assert process.returncode == code, err
    assert err.endswith(b"Stopped. Run again to resume; the rows so far are in job\n"), err
    assert b"Traceback" not in err
    assert b"SIGTERM" not in err
    assert list(short.glob("hilum-ray-*")) == []
    code, said = job(*words)
    assert code == 0, said
    found = [row["path"] for row in rows(tmp_path)]
    assert len(set(found)) == len(found) == json.loads((tmp_path / "job" / "manifest.json").read_text())["inputs"]


def test_a_stop_while_ray_starts_is_one_too(begun, phantom, short):
    with begun(phantom, TMPDIR=str(short)) as process:
        while not list(short.glob("hilum-ray-*/session_*")):
            time.sleep(0.01)
            assert process.poll() is None
        process.terminate()
        _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (143, b"Stopped. Run again to resume; the rows so far are in job\n")


def test_a_job_among_its_slices_does_not_list_itself(job, phantom, tmp_path):
    one = min((phantom / "test" / "normal").iterdir())
    os.link(one, tmp_path / "a.png")
    code, err = job(".", "--threads", "1")
    assert code == 0, err
    assert [row["path"] for row in rows(tmp_path)] == ["./a.png"]
