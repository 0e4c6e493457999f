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

from hilum.cluster.session import predict_job
from hilum.errors import HilumError
from hilum.model.open import open_reader
from hilum.predict.inputs import input_files
from hilum.predict.run import answers
from hilum.trust.abstention import Limits

pytestmark = pytest.mark.slow


@pytest.fixture
def job(exported, phantom, tmp_path, monkeypatch):
    """Runs a job in an empty folder: `job("slices", ...) -> its outcome and what was said`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)

    def run(*arguments, out="job", stdin=b"", **options):
        said = []
        outcome = predict_job(
            exported, [str(one) for one in arguments], str(out), stdin=io.BytesIO(stdin), say=said.append, **options
        )
        return outcome, said

    return run


def rows(out):
    return pq.read_table(out / "rows").to_pylist()


def test_answers_are_those_of_one_process_in_the_same_order(job, exported, phantom, tmp_path):
    outcome, _ = job(phantom, "gone.png", threads=1)
    reader = open_reader(exported)
    arguments = [str(phantom), "gone.png"]
    expected = [row.as_json() for row in answers(reader, input_files(arguments, io.BytesIO()), Limits.of(reader.facts))]
    found = rows(tmp_path / "job")
    assert [row.pop("series") for row in found] == [None] * len(found)
    assert [(row["path"], row["decision"], row["class"]) for row in found] == [
        (row["path"], row["decision"], row["class"]) for row in expected
    ]
    for one, other in zip(found, expected, strict=True):
        assert one["probabilities"] == (other["probabilities"] and pytest.approx(other["probabilities"], abs=1e-5))
    assert outcome.tally.decisions.total() == len(expected)
    assert "gone.png" in [row.path for row in outcome.unreadable]
    manifest = json.loads((tmp_path / "job" / "manifest.json").read_text())
    assert manifest["inputs"] == sum(shard["inputs"] for shard in manifest["shards"]) == len(expected)
    # A finished job says so, and needs no cluster.
    again, said = job(phantom, "gone.png")
    assert "finished" in said[0]
    assert again.tally.decisions == outcome.tally.decisions


def test_standard_input_is_listed_once_and_a_job_that_stopped_goes_on_without_it(job, phantom, tmp_path):
    one = min((phantom / "test" / "normal").iterdir())
    named = "".join(f"{path}\n" for path in ("gone.png", one)).encode()
    with pytest.raises(HilumError, match="--max-errors"):
        job("-", stdin=named, max_errors=0, threads=1)
    assert "gone.png,,there is no such file" in (tmp_path / "job" / "errors.csv").read_text()
    outcome, _ = job("-", threads=1)
    assert [row["path"] for row in rows(tmp_path / "job")] == ["gone.png", str(one)]
    assert outcome.tally.decisions["unreadable"] == 1


def test_other_settings_are_refused_and_the_job_is_left_as_it_was(job, phantom, tmp_path):
    one = min((phantom / "test" / "normal").iterdir())
    job(one, threads=1)
    before = {path: path.read_bytes() for path in (tmp_path / "job").rglob("*") if path.is_file()}
    for arguments, options in (((one, one), {}), ((one,), {"threads": 2}), ((one,), {"coverage": 0.5})):
        with pytest.raises(HilumError, match="give --out another name"):
            job(*arguments, **options)
    assert {path: path.read_bytes() for path in (tmp_path / "job").rglob("*") if path.is_file()} == before


def test_a_stop_from_the_keyboard_says_how_to_go_on(exported, phantom, tmp_path):
    command = [sys.executable, "-m", "hilum", "predict", exported, phantom, "--runner", "ray", "--out", "job"]
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, env=environment) as process:
        while not (tmp_path / "job" / "inputs" / "listing.json").exists():
            time.sleep(0.1)
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert b"Stopped. Run again to resume; the rows so far are in job" in err
    assert b"Traceback" not in err
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert len({row["path"] for row in rows(tmp_path / "job")}) == len(rows(tmp_path / "job")) > 40
