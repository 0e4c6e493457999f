"""Jobs that lose processes, nodes, the whole cluster or their driver: nothing is lost, and nothing is there twice."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from helpers.answers import thorax, write_scan
from helpers.ray_nodes import LIMIT, processes, until

from hilum.model.open import open_reader
from hilum.predict.inputs import input_files
from hilum.predict.run import answers
from hilum.slices.pool import CRASHED
from hilum.trust.abstention import Limits

pytestmark = pytest.mark.slow

SHARD = 20  # inputs
# The command, with shards so small that some are done and some are not when a fault comes.
COMMAND = (
    f"from hilum.cluster import listing_files; listing_files.SHARD = {SHARD}\nfrom hilum.cli import main\nmain()\n"
)
# Every process begins with it: some files crash or stop what decodes them, for which they have HANGS seconds.
HOSTILE = """
import os, sys
if "hilum.slices.pool_worker" in sys.orig_argv:
    import time
    import hilum.slices.jobs as jobs
    sound = jobs.frame
    def frame(source, request):
        if "crash" in source.content.name:
            os.abort()
        if "hang" in source.content.name:
            time.sleep(3600)
        return sound(source, request)
    jobs.frame = frame
elif "HANGS" in os.environ and any(word.endswith("default_worker.py") for word in sys.orig_argv):
    import hilum.slices.process as process
    process.SECONDS = float(os.environ["HANGS"])
"""


class Job:
    """A job of a command in a folder of its own."""

    def __init__(self, model, slices, folder):
        self.model, self.slices, self.out = model, slices, folder / "job"

    @contextmanager
    def begun(self, **variables):
        """A block with its process, which ends there at the latest."""
        command = ["predict", self.model, self.slices, "--runner", "ray", "--out", self.out, "--threads", 1]
        process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *map(str, command)],
            env={name: value for name, value in os.environ.items() if not name.startswith("RAY_")} | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _kill(pid for pid, session, _ in processes() if session == process.pid)
            process.communicate()

    def run(self, **variables):
        """Runs it to its end: status and what was said."""
        with self.begun(**variables) as process:
            return self.ended(process)

    def ended(self, process):
        _, said = process.communicate(timeout=LIMIT)
        assert "Traceback" not in said
        return process.returncode, said

    def some_done(self, process):
        """Waits until some shards are done, and some are not."""
        self.until(self.shards, process)
        assert len(self.shards()) < 0.5 * sum(1 for _ in self.slices.iterdir()) / SHARD

    def until(self, true, process):
        """Waits until a function gives something true while the process runs, and gives that."""
        found = until(lambda: true() or process.poll() is not None)
        assert process.poll() is None, process.communicate()[1]
        return found

    def shards(self):
        return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in (self.out / "rows").glob("*.parquet")}

    def rows(self):
        return pq.read_table(self.out / "rows").to_pylist()


@pytest.fixture(scope="module")
def slices(phantom, tmp_path_factory):
    """240 slices, and a scan that is more than a part."""
    folder = tmp_path_factory.mktemp("slices")
    found = sorted(path for path in phantom.rglob("*") if path.suffix == ".png")
    for number in range(240):
        os.link(found[number % len(found)], folder / f"{number:03d}.png")
    write_scan(folder / "100-scan.dcm", *(thorax(20 + 10 * number) for number in range(40)))
    return folder


@pytest.fixture(scope="module")
def expected(exported, slices):
    """What one process answers."""
    return _answers(exported, slices)


@pytest.fixture
def job(exported, slices, tmp_path):
    return Job(exported, slices, tmp_path)


@pytest.fixture
def node(ray_nodes):
    """The only node of the shared cluster that works."""
    ray_nodes.begin()
    return next((node for node in ray_nodes.nodes[1:] if node.pids()), None) or ray_nodes.join()


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    """Makes some files of a job hostile; a cluster of its own has the environment of its driver."""
    (tmp_path / "hostile").mkdir()
    (tmp_path / "hostile" / "sitecustomize.py").write_text(HOSTILE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hostile"), prepend=os.pathsep)


def test_a_worker_that_is_killed_is_replaced(job, expected, ray_nodes, node):
    with job.begun(**ray_nodes.environment) as process:
        job.some_done(process)
        _kill(node.pids("ray::Worker"))
        code, said = job.ended(process)
    assert code == 0, said
    _check_same(job, expected)


def test_a_process_that_is_killed_while_it_reads_has_its_part_read_again(job, expected, ray_nodes, node):
    with job.begun(**ray_nodes.environment) as process:
        job.some_done(process)
        _kill(job.until(lambda: node.pids("ray::_read"), process))
        code, said = job.ended(process)
    assert code == 0, said
    _check_same(job, expected)


def test_a_driver_that_is_killed_leaves_what_the_next_goes_on_from(job, expected, ray_nodes, node):
    with job.begun(**ray_nodes.environment) as process:
        job.some_done(process)
        process.kill()
        process.wait()
        before = job.shards()
        code, said = job.run(**ray_nodes.environment)
    assert code == 0, said
    after = job.shards()
    assert len(after) > len(before)
    assert {path: after[path] for path in before} == before
    _check_same(job, expected)


def test_other_nodes_do_the_parts_of_one_that_was_lost_also_one_that_joins(job, expected, ray_nodes, node):
    other = ray_nodes.join()
    with job.begun(**ray_nodes.environment) as process:
        job.until(lambda: node.pids("ray::Worker") and other.pids("ray::Worker"), process)
        job.some_done(process)
        node.lose()
        before = len(job.shards())
        job.until(lambda: len(job.shards()) > before + 1, process)
        other.lose()
        ray_nodes.join()  # which does all that is left
        code, said = job.ended(process)
    assert code == 0, said
    _check_same(job, expected)


def test_a_cluster_that_is_lost_ends_the_job_with_a_sentence_and_it_goes_on_elsewhere(job, expected, ray_nodes, node):
    with job.begun(**ray_nodes.environment) as process:
        job.some_done(process)
        ray_nodes.head.lose()
        before = len(job.shards())
        job.until(lambda: len(job.shards()) > before, process)  # what nodes have goes on without a head
        ray_nodes.lose()
        code, said = job.ended(process)
    assert code == 2, said
    assert "The head of the Ray cluster has not answered for 30 seconds. What was answered is kept" in said
    before = job.shards()
    code, said = job.run()
    assert code == 0, said
    assert {path: found for path, found in job.shards().items() if path in before} == before
    _check_same(job, expected)


def test_files_that_crash_or_stop_what_decodes_them_are_unreadable_and_all_others_are_answered(
    exported, phantom, tmp_path, hostile
):
    folder = tmp_path / "slices"
    folder.mkdir()
    for number, path in enumerate(sorted((phantom / "test" / "normal").iterdir())):
        os.link(path, folder / f"{number}.png")
    os.link(path, folder / "1-crash.png")
    os.link(path, folder / "1-hang.png")
    expected = _answers(exported, folder)
    job = Job(exported, folder, tmp_path)
    code, said = job.run(HANGS="10")
    assert code == 0, said
    for row in expected:
        for name, reason in (("hang", "it could not be decoded within 10 seconds"), ("crash", CRASHED)):
            if name in Path(row["path"]).name:
                assert f"Unreadable, {reason}: {row['path']}" in said
                row |= {"decision": "unreadable", "class": None, "probabilities": None, "reason": reason}
    _check_same(job, expected)


def test_a_part_that_is_lost_again_and_again_stops_the_job(exported, phantom, tmp_path, hostile):
    folder = tmp_path / "slices"
    folder.mkdir()
    os.link(min((phantom / "test" / "normal").iterdir()), folder / "hang.png")
    job, killed = Job(exported, folder, tmp_path), set()
    with job.begun() as process:
        while process.poll() is None:
            reading = {pid for pid, _, name in _below(process) if name.startswith("ray::_read")} - killed
            _kill(reading)
            killed |= reading
            time.sleep(0.05)
        code, said = job.ended(process)
    assert code == 2
    assert len(killed) == 5
    assert "hang.png and the files that follow it were lost 5 times" in said
    assert "What was answered is kept, and the same command goes on." in said


def _answers(model, folder):
    reader = open_reader(model, threads=1)
    return [row.as_json() for row in answers(reader, input_files([str(folder)], io.BytesIO()), Limits.of(reader.facts))]


def _check_same(job, expected):
    """Checks that rows are those of one process, in its order, each once, and that nothing else is left."""
    found = job.rows()
    assert [row["path"] for row in found] == [row["path"] for row in expected]
    for one, other in zip(found, expected, strict=True):
        assert {key: one[key] for key in ("frame", "decision", "class")} == {
            key: other[key] for key in ("frame", "decision", "class")
        }
        assert one["probabilities"] == (other["probabilities"] and pytest.approx(other["probabilities"], abs=1e-5))
        assert one["reason"] == other["reason"]
    manifest = json.loads((job.out / "manifest.json").read_text())
    assert manifest["inputs"] == len({row["path"] for row in expected})
    assert [shard["shard"] for shard in manifest["shards"]] == list(range(len(job.shards())))
    errors = (job.out / "errors.csv").read_text().splitlines()[1:]
    assert len(errors) == sum(row["decision"] == "unreadable" for row in expected)
    shards = len(manifest["shards"])
    assert sorted(path.name for path in (job.out / "rows").iterdir()) == [f"{one:06d}.parquet" for one in range(shards)]


def _below(process):
    """Processes of a driver and of the cluster that it started."""
    return [found for found in processes() if found[1] == process.pid]


def _kill(pids):
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
