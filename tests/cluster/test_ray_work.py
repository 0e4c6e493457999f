"""What runs on the machines of a cluster, here without one: a worker opens a model, or says why it cannot."""

import io
import json
import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from hilum.model.open import open_reader
from hilum.predict.inputs import input_files
from hilum.predict.run import answers
from hilum.trust.abstention import Limits

# In a process of its own, as Ray may be imported only where a cluster is joined.
_PROGRAM = """
import json, pickle, sys
from dataclasses import asdict
from hilum.cluster.parts import PartSettings, Listed, Part, answer_part, read_part
from hilum.cluster.ray_work import Worker, _listed
from hilum.errors import HilumError
from hilum.model.open import open_reader
from hilum.trust.abstention import Limits

model, folder = sys.argv[1:]
worker = Worker()
print(json.dumps([worker.open(f"{folder}/gone.onnx", None, 1), worker.open(f"{folder}/table.csv", None, 1)]))
opened = pickle.loads(pickle.dumps(worker.open(model, None, 1)))
print(json.dumps([opened.model, opened.engine.as_json()]))
reader = open_reader(model)
limits = Limits.of(reader.facts)
prepared = reader.facts.preparation
settings = PartSettings(prepared.size, prepared.interpolation, prepared.crop, prepared.window, limits, b"salt")
found = [one for some in _listed([f"{folder}/test", f"{folder}/gone.png"], "/", None) for one in some]
read = pickle.loads(pickle.dumps(read_part(Part(0, 0, tuple(found[-3:])), settings)))
rows = worker.answer(read, limits).rows
print(json.dumps([len(found), rows == answer_part(reader, read, limits).rows, [row.decision for row in rows]]))
try:
    list(_listed(["."], f"{folder}/gone", None))
except HilumError as error:
    print(json.dumps([type(error).__name__, str(pickle.loads(pickle.dumps(error)))]))
"""


def test_a_worker_opens_reads_and_answers(exported, phantom):
    program = [sys.executable, "-c", _PROGRAM, exported, phantom]
    out = subprocess.run(program, capture_output=True, text=True, check=True, timeout=120).stdout
    refused, opened, answered, listing = map(json.loads, out.splitlines())
    assert refused[0].startswith(f"it does not see the model at {phantom}/gone.onnx; put it there")
    assert f"{phantom}/table.csv" in refused[1]
    facts = open_reader(exported).facts
    assert opened[0] == facts.digest
    assert (opened[1]["name"], opened[1]["threads"]) == ("onnxruntime", 1)
    assert answered[0] == 1 + sum(path.is_file() for path in (phantom / "test").rglob("*"))
    assert answered[1]
    assert answered[2][-1] == "unreadable"
    assert "unreadable" not in answered[2][:-1]
    assert listing[0] == "HilumError"
    assert listing[1].startswith(f"The working folder {phantom}/gone cannot be entered")


@pytest.mark.slow
def test_slices_and_rows_in_a_bucket(exported, phantom, prefix, monkeypatch, tmp_path):
    from s3fs import S3FileSystem

    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    files = sorted((phantom / "test" / "normal").iterdir())
    bucket = S3FileSystem(skip_instance_cache=True)
    for file in files:
        bucket.put_file(str(file), f"{prefix}/slices/{file.name}")
    bucket.pipe_file(f"{prefix}/slices/z.png", b"no picture")
    words = ["predict", exported, f"{prefix}/slices/", "--runner", "ray", "--out", f"{prefix}/job", "--threads", "1"]
    command = [sys.executable, "-m", "hilum", *map(str, words)]
    ran = subprocess.run(command, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    assert f"{len(files) + 1} slices: " in ran.stderr
    assert "Traceback" not in ran.stderr
    rows = pq.read_table(f"{prefix}/job/rows".removeprefix("s3://"), filesystem=bucket).to_pylist()
    assert [row["path"] for row in rows] == [
        f"{prefix}/slices/{name}" for name in [*(one.name for one in files), "z.png"]
    ]
    reader = open_reader(exported)
    expected = answers(reader, input_files(list(map(str, files)), io.BytesIO()), Limits.of(reader.facts))
    for row, one in zip(rows, expected, strict=False):
        assert (row["decision"], row["class"]) == (one.decision, one.as_json()["class"])
    assert rows[-1]["decision"] == "unreadable"
    assert f"{prefix}/slices/z.png" in bucket.cat_file(f"{prefix}/job/errors.csv").decode()
    assert json.loads(bucket.cat_file(f"{prefix}/job/manifest.json"))["inputs"] == len(rows)
    assert list(tmp_path.iterdir()) == []
