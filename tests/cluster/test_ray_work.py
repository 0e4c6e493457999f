"""What runs on the machines of a cluster, here without one: a worker opens a model, or says why it cannot."""

import json
import subprocess
import sys

from hilum.model.open import open_reader

# In a process of its own, as Ray may be imported only where a cluster is joined.
_PROGRAM = """
import json, pickle, sys
from dataclasses import asdict
from hilum.cluster.parts import How, Listed, Part, answer_part, read_part
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
how = How(prepared.size, prepared.interpolation, prepared.crop, prepared.window, limits, b"salt")
found = [one for some in _listed([f"{folder}/test", f"{folder}/gone.png"], "/", None) for one in some]
read = pickle.loads(pickle.dumps(read_part(Part(0, 0, tuple(found[-3:])), how)))
rows = worker.answer(read, limits).rows
print(json.dumps([len(found), rows == answer_part(reader, read, limits).rows, [row.decision for row in rows]]))
try:
    list(_listed(["s3://"], "/", None))
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
    assert "s3://" in listing[1]
