"""A job: begun, killed at any place, and gone on with."""

import csv
import json
import os
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from helpers.jobs import ENGINE, answered, do, fail_after, listed, settings, unread

from hilum.cluster.job import Job
from hilum.cluster.store import open_store
from hilum.errors import HilumError
from hilum.slices.pool import ENDED
from hilum.text import from_cell

# Does a job of 3,000 slices; a file may have a number of bytes, as on a disk that is full. The third shard is large.
DOER = """
import resource, secrets, sys
from helpers.jobs import answered, do, listed, settings
from hilum.cluster.job import Job
from hilum.cluster.store import open_store
from hilum.errors import HilumError
store = open_store(sys.argv[1])
def answer(one):
    return [answered(one.name + (secrets.token_hex(100) if one.name > "slices/0002" else ""))]
with store.held():
    job = Job(store, settings())
    if not job.listed:
        job.list(listed(3000))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
    try:
        print(do(job, answer))
        job.finish()
    except HilumError as error:
        print(error)
"""


# Does a job of 40 shards of one slice each, slowly enough to be killed in between.
SLOW = """
import sys, time
from helpers.jobs import answered, listed, settings
from hilum.cluster import listing_files
from hilum.cluster.job import Job
from hilum.cluster.store import open_store
listing_files.SHARD = 1
store = open_store(sys.argv[1])
with store.held():
    job = Job(store, settings())
    if not job.listed:
        job.list(listed(40))
    for shard, (one,) in job.undone():
        with job.writing(shard) as file:
            file.add(answered(one.name))
            print(shard, flush=True)
            time.sleep(0.01)
    job.finish()
"""


def run(out, limit):
    command = [sys.executable, "-c", DOER, str(out), str(limit)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    assert result.stderr == ""
    return result.stdout.strip()


def environment():
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def names_in(out):
    return [name for path in sorted((out / "rows").iterdir()) for name in pq.read_table(path)["path"].to_pylist()]


def errors_in(out):
    with (out / "errors.csv").open(newline="") as file:
        return [[from_cell(cell) for cell in record] for record in csv.reader(file)]


def tree(folder):
    return {str(path.relative_to(folder)): path.is_file() and path.read_bytes() for path in folder.rglob("*")}


def test_a_job_from_its_beginning_to_its_end(store, out):
    job = Job(store, settings())
    assert not job.listed
    job.list(listed(2500))
    assert (job.listed, job.inputs, job.finished) == (True, 2500, False)
    assert do(job) == [0, 1, 2]
    job.finish()
    assert job.finished
    assert names_in(out) == [one.name for one in listed(2500)]
    assert job.counts() == {"class": 2500}
    manifest = json.loads((out / "manifest.json").read_bytes())
    assert manifest["schema"] == "hilum.job-manifest/1"
    assert (manifest["inputs"], manifest["model"], manifest["engine"]) == (2500, settings().model, ENGINE)
    assert not {"arguments", "folder"} & set(manifest)  # what may name somebody is in job.json and inputs only
    assert manifest["shards"] == [record.as_json() for record in job.done()]
    assert [shard["inputs"] for shard in manifest["shards"]] == [1000, 1000, 500]
    assert errors_in(out) == [["path", "frame", "reason"]]
    assert {path.name for path in out.iterdir()} == {"job.json", "inputs", "rows", "manifest.json", "errors.csv"}


def test_the_same_job_goes_on_after_the_shards_that_are_done(store, out):
    job = Job(store, settings())
    job.list(listed(2500))
    (zero, inputs), one = next(iter(job.undone())), 1
    with job.writing(one) as file:
        file.add(answered("of the second shard"))
    with pytest.raises(ValueError, match="mistake"), job.writing(zero) as file:
        fail_after(file.add(answered(inputs[0].name)))
    again = Job(store, settings())
    assert (again.listed, again.inputs) == (True, 2500)
    assert [record.shard for record in again.done()] == [1]
    assert again.counts() == {"class": 1}
    assert do(again) == [0, 2]
    assert not again.finished
    again.finish()
    assert Job(store, settings()).finished
    assert do(Job(store, settings())) == []


def test_a_job_of_nothing_ends(store, out):
    job = Job(store, settings())
    job.list([])
    assert do(job) == []
    job.finish()
    assert json.loads((out / "manifest.json").read_bytes())["shards"] == []
    assert Job(store, settings()).finished


def test_shards_in_which_a_machine_was_short_of_memory_are_done_again(store, out):
    job = Job(store, settings())
    job.list(listed(2500))
    do(job, lambda one: [unread(one.name, ENDED) if one.name.endswith("1234.png") else answered(one.name)])
    job.finish()
    assert errors_in(out)[1:] == [["slices/0001234.png", "", ENDED]]
    later = Job(store, settings())
    assert not later.finished
    assert later.counts() == {"class": 2499, "unreadable": 1}
    with pytest.raises(ValueError, match="mistake"), later.writing(1) as file:
        fail_after(file.add(answered("half of it")))
    assert not (out / "manifest.json").exists()  # no longer true, should this run end here
    assert names_in(out)[1234] == "slices/0001234.png"
    assert do(later) == [1]
    later.finish()
    assert Job(store, settings()).finished
    assert errors_in(out)[1:] == []
    assert later.counts() == {"class": 2500}


def test_errors_are_those_of_all_rows_as_cells_that_harm_nobody(store, out):
    job = Job(store, settings())
    job.list(listed(1500))
    reasons = {"slices/0000007.png": "=1+1", "slices/0001400.png": "\x1b[31m,\n"}
    do(job, lambda one: [answered(one.name, 1), unread(one.name, reasons[one.name], 2)] if one.name in reasons else [])
    job.write_errors()
    assert errors_in(out) == [
        ["path", "frame", "reason"],
        ["slices/0000007.png", "2", "=1+1"],
        ["slices/0001400.png", "2", "\x1b[31m,\n"],
    ]
    assert b"\x1b" not in (out / "errors.csv").read_bytes()
    assert b"'=1+1" in (out / "errors.csv").read_bytes()
    assert not (out / "manifest.json").exists()


def test_another_job_is_refused_and_nothing_is_changed(store, out):
    job = Job(store, settings())
    job.list(listed(10))
    do(job)
    job.finish()
    before = tree(out)
    for changes in ({"window": "bone"}, {"model": "cd" * 32}, {"arguments": ["others"]}, {"folder": "/elsewhere"}):
        with pytest.raises(HilumError):
            Job(open_store(str(out)), settings(**changes))
    assert tree(out) == before


def other_metadata(path, **changes):
    table = pq.read_table(path)
    metadata = pq.read_metadata(path).metadata
    record = json.loads(metadata[b"hilum"]) | changes
    pq.write_table(table.replace_schema_metadata({b"hilum": json.dumps(record).encode()}), path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda rows: (rows / "000001.parquet").write_bytes((rows / "000001.parquet").read_bytes()[:-20]),
        lambda rows: (rows / "000001.parquet").write_bytes(b""),
        lambda rows: other_metadata(rows / "000001.parquet", listed="00" * 32),
        lambda rows: other_metadata(rows / "000001.parquet", model="00" * 32),
        lambda rows: other_metadata(rows / "000001.parquet", engine={**ENGINE, "threads": 9}),
        lambda rows: other_metadata(rows / "000001.parquet", shard=1000),
        lambda rows: (rows / "000001.parquet").write_bytes((rows / "000000.parquet").read_bytes()),
    ],
    ids=["cut short", "empty", "other inputs", "other model", "other engine", "other shard", "copied"],
)
def test_rows_that_are_damaged_or_of_another_job_are_refused_by_name(store, out, damage):
    job = Job(store, settings())
    job.list(listed(2500))
    do(job)
    damage(out / "rows")
    before = tree(out)
    with pytest.raises(HilumError, match=r"out/rows/000001\.parquet (is|cannot)"):
        do(Job(store, settings()))
    assert tree(out) == before


def test_rows_beyond_the_listing_are_refused_and_other_files_are_ignored(store, out):
    job = Job(store, settings())
    job.list(listed(1500))
    do(job)
    (out / "rows" / ".DS_Store").touch()
    assert do(Job(store, settings())) == []
    (out / "rows" / "000002.parquet").write_bytes((out / "rows" / "000001.parquet").read_bytes())
    with pytest.raises(HilumError, match=r"rows/000002\.parquet is of another job"):
        do(Job(store, settings()))


def test_a_full_disk_keeps_the_shards_and_the_job_goes_on(tmp_path):
    out = tmp_path / "out"
    said = run(out, limit=60_000)
    assert said == (
        f"{out} cannot be written (File too large). What was answered is kept; make room there and run the same "
        "command again."
    )
    kept = {path.name: path.stat().st_mtime_ns for path in (out / "rows").iterdir()}
    assert sorted(kept) == ["000000.parquet", "000001.parquet"]
    assert run(out, limit=-1) == "[2]"
    assert {name: (out / "rows" / name).stat().st_mtime_ns for name in kept} == kept
    assert len(set(names_in(out))) == 3000
    assert (out / "manifest.json").exists()


def test_a_job_that_is_killed_again_and_again_has_every_input_once(tmp_path):
    out, done = tmp_path / "out", []
    for shards in (2, 8, None):
        command = [sys.executable, "-c", SLOW, str(out)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as process:
            for begun in process.stdout:
                done.append(int(begun))
                if shards is not None and len(done) % 10 == shards:
                    process.kill()
        assert (process.returncode == 0) == (shards is None)
    assert names_in(out) == [one.name for one in listed(40)]
    assert sorted(set(done)) == list(range(40))
    assert len(done) <= 40 + 3  # of each run that was killed, one shard is done again
    assert not list(out.rglob(".aside-*"))
    assert len(json.loads((out / "manifest.json").read_bytes())["shards"]) == 40


@pytest.mark.slow
def test_a_job_in_a_bucket(prefix):
    store = open_store(prefix)
    job = Job(store, settings())
    job.list(listed(1500))
    with pytest.raises(ValueError, match="mistake"), job.writing(0) as file:
        fail_after(file.add(answered("half of it")))
    assert store.names("rows") == []
    do(job, lambda one: [unread(one.name)] if one.name.endswith("0.png") else [answered(one.name)])
    later = Job(open_store(prefix), settings())
    assert later.counts() == {"class": 1350, "unreadable": 150}
    later.finish()
    assert Job(open_store(prefix), settings()).finished
    assert len(json.loads(store.read("manifest.json"))["shards"]) == 2
    assert len(store.read("errors.csv").splitlines()) == 151
    with pytest.raises(HilumError, match=rf"{prefix} was made with other settings"):
        Job(open_store(prefix), settings(window="bone"))
