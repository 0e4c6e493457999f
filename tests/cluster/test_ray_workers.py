"""Workers on the nodes of a Ray cluster: which nodes are left out, and what is said when no worker starts."""

import os
import subprocess
import sys

import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.slow

_OTHER = """
import sys, types
sys.modules["hilum.versions"] = types.ModuleType("hilum.versions")
sys.modules["hilum.versions"].__version__ = "0.0.9"
"""
_WITHOUT = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name == "hilum":
            raise ModuleNotFoundError("No module named 'hilum'", name=name)
sys.meta_path.insert(0, Hidden())
"""
_OTHER_RAY = """
import sys, types
sys.modules["ray._version"] = types.ModuleType("ray._version")
sys.modules["ray._version"].version, sys.modules["ray._version"].commit = "2.99.0", "0"
"""
_JOIN = "from hilum.cluster.ray_cluster import cluster\nwith cluster(): pass"
# What workers say on a model file, until they are lost.
_WORKERS = """
import sys
from pathlib import Path
from helpers.jobs import settings
from hilum.cluster.engine import engine_here
from hilum.cluster.ray_cluster import cluster
from hilum.errors import HilumError

taken, *models = sys.argv[1:]
with cluster():
    import ray
    from hilum.cluster.ray_workers import RayWorkers

    @ray.remote
    class Another:
        def here(self): pass

    if taken == "taken":
        another = Another.options(num_cpus=1).remote()
        ray.get(another.here.remote())
    for model in models:
        record = settings(engine=engine_here(1).as_json())
        workers = RayWorkers(Path(model), None, record, None, print, **({"patience": 2} if taken else {}))
        try:
            while True:
                workers.collect()
        except HilumError as error:
            print("Error:", error)
"""


@pytest.fixture
def ran(ray_nodes, tmp_path):
    """Runs a driver: `ran("-m", "hilum", ...) -> code, stdout, stderr`."""

    def run(*words, **variables):
        places = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}  # the helpers of these tests too
        done = subprocess.run(
            [sys.executable, *map(str, words)],
            env=os.environ | ray_nodes.environment | places | variables,
            cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.fixture
def lacking(tmp_path):
    """Environment variables with which Python begins with a program."""

    def variables(name, program):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(program)
        places = [str(folder), *(place for place in sys.path if place)]
        return {"PYTHONPATH": os.pathsep.join(places)}

    return variables


def test_no_core_to_spare(ray_nodes, ran):
    code, out, err = ran("-c", _WORKERS, "none", "model.onnx")  # the head has no cores
    assert (code, err) == (0, "")
    note, error = out.splitlines()
    assert note == "The cluster has no core to spare; waiting 2 seconds for one."
    assert error.startswith(
        "Error: The Ray cluster has no core to spare. Start another machine with ray start, or wait"
    )
    node = ray_nodes.join(cores=1)
    assert ran("-c", _WORKERS, "taken", "model.onnx") == (0, out, "")
    node.lose()


def test_nodes_that_differ_are_left_out_by_name(ray_nodes, ran, lacking, exported, phantom, tmp_path):
    without = ray_nodes.join(cores=1, **lacking("without", _WITHOUT))
    other = ray_nodes.join(cores=1, **lacking("other", _OTHER))
    words = ("-m", "hilum", "predict", exported, phantom / "test", "--runner", "ray", "--out", "job", "--threads", "1")
    code, out, err = ran(*words)
    assert (code, out) == (2, "")
    lacks = "The Python that Ray was started with lacks hilum, or has another version of it."
    notes = {
        f"({without.host}) is left out: {lacks}",
        f"({other.host}) is left out: it has hilum 0.0.9 instead of 0.1.0.",
    }
    assert all(note in err for note in notes), err
    assert "Error: No machine is left that can answer. What was answered is kept, and the same command goes on." in err
    assert f"({other.host}): it has hilum 0.0.9 instead of 0.1.0." in err.partition("Error:")[2]

    node = ray_nodes.join(cores=1)
    code, out, err = ran(*words)
    assert (code, out) == (0, ""), err
    assert all(note in err for note in notes), err
    assert f"({node.host})" not in err
    assert not any(word in err for word in ("ray", "Traceback", "WARNING"))
    paths = pq.read_table(tmp_path / "job" / "rows")["path"].to_pylist()
    assert len(paths) == len(set(paths)) > 5
    for one in (without, other):
        one.lose()

    code, out, err = ran("-c", _WORKERS, "", tmp_path / "gone.onnx", exported)
    assert (code, err) == (0, "")  # of the lost nodes, Ray says nothing on the terminal
    lines = [line for line in out.splitlines() if "no core to spare" not in line]  # until it knows that they are lost
    unseen = f"it does not see the model at {tmp_path}/gone.onnx; put it there, or on a disk that all machines share."
    for said, why in zip((lines[:2], lines[2:]), (unseen, "it has another model at that path."), strict=True):
        note, error = said
        assert note.endswith(f"({node.host}) is left out: {why}")
        assert error.startswith("Error: No machine is left that can answer.")
        assert error.endswith(f"({node.host}): {why}")


def test_another_ray(ran, lacking):
    code, out, err = ran("-c", _JOIN, **lacking("newer", _OTHER_RAY))
    assert (code, out) == (1, "")
    assert "has Ray 2.60" in err.splitlines()[-1]
    assert "and this machine Ray 2.99.0 on Python 3" in err.splitlines()[-1]
    assert err.endswith("Install the same on both.\n")
