"""What the tests of the server send, and how they reach one: in this process, or as a process of its own."""

import base64
import io
import json
import os
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image
from starlette.testclient import TestClient

from hilum.model.reader import Reader
from hilum.serve.app import create_app
from hilum.serve.settings import Settings

OURS = {"X-Requested-With": "hilum"}
ADDRESS = "http://127.0.0.1:8000"


def flat(level, width=40, height=30, **options):
    """A PNG of one level of 255."""
    return encoded(np.full((height, width), level, np.uint8), **{"format": "PNG", **options})


def encoded(levels, **options):
    file = io.BytesIO()
    Image.fromarray(levels).save(file, **options)
    return file.getvalue()


def levels_in(address):
    """The levels of a data: address of a PNG."""
    data = base64.b64decode(address.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"), np.int16)


def files(**contents):
    """A form's files by name, `a=data` as a.png."""
    return [("files", (f"{name}.png", data)) for name, data in contents.items()]


@contextmanager
def client_of(model=None, headers=OURS, **settings):
    """A client of a server in this process, with one process that decodes."""
    reader = None if model is None else Reader(model, 1)
    app = create_app(reader, Settings(**{"workers": 1, "model": model, **settings}))
    with TestClient(app, ADDRESS, headers=headers) as client:
        yield client


SERVER = """
import json, sys
from pathlib import Path
from hilum.model.reader import Reader
from hilum.serve.app import create_app
from hilum.serve.server import address_of, listen, run
from hilum.serve.settings import Caps, Settings

caps = Caps(**json.loads(sys.argv[2]))
model = Path(sys.argv[1])
bound = listen("127.0.0.1", 0)
started = lambda: print(address_of(bound), flush=True)
app = create_app(Reader(model, 1), Settings(caps=caps, workers=1, model=model), started)
run(app, bound, caps.head_seconds)
"""


@contextmanager
def server_of(model, **caps):
    """A server in a process of its own: `(address, process)`; what it logs is in `process.stderr`."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(model), json.dumps(caps)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        address = process.stdout.readline().strip()
        assert address, process.stderr.read()
        yield address, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def children(process):
    """The ids of a process's children."""
    return [
        int(one) for path in Path(f"/proc/{process.pid}/task").glob("*/children") for one in path.read_text().split()
    ]


def fetched(address):
    with urllib.request.urlopen(address, timeout=20) as response:
        return response.read()


def undescribed(description, path, response):
    """The fields of an answer that its OpenAPI description does not name."""
    operation = description["paths"][path][response.request.method.lower()]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return set(_unnamed(description["components"]["schemas"], schema, response.json()))


def _unnamed(schemas, schema, value, place=""):
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if either := schema.get("anyOf") or schema.get("oneOf"):
        found = [set(_unnamed(schemas, one, value, place)) for one in either if one != {"type": "null"}]
        yield from min(found, key=len)
    elif isinstance(value, list):
        for one in value:
            yield from _unnamed(schemas, schema.get("items", {}), one, f"{place}[]")
    elif isinstance(value, dict) and ("properties" in schema or schema.get("additionalProperties") is not True):
        for name, one in value.items():
            of = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if isinstance(of, dict):
                yield from _unnamed(schemas, of, one, f"{place}.{name}")
            else:
                yield f"{place}.{name}"


def is_problem(response, status):
    """Whether a response is a problem of a status that says something, and shows nothing of the inside."""
    body = response.json()
    return (
        response.status_code == status
        and response.headers["content-type"] == "application/problem+json"
        and body["status"] == status
        and set(body) == {"type", "title", "status", "detail"}
        and bool(body["detail"])
        and "Traceback" not in response.text
    )
