"""Nothing phones home: with every connection beyond this machine failing and noted down, nothing tries one.

Python's audit hooks see what Python does; tests/test_native_sockets.py sees what native libraries do.
"""

import os
import shutil
import subprocess
import sys
from ast import literal_eval

import pytest
from helpers.commands import COMMANDS

# Put before everything else of a process, its children too: Python tells an audit hook of every connection and look-up.
PRELUDE = """
import ipaddress, os, sys


def beyond(host):
    host = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if not host or host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return True


def watch(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a path is a socket of this machine
    else:
        return
    if host and beyond(host):
        with open(os.environ["CONNECTIONS"], "a") as file:
            file.write(f"{event} {host}\\n")
        raise OSError(101, "Network is unreachable")


sys.addaudithook(watch)
"""


@pytest.fixture
def watched(tmp_path):
    """Runs code in a process that cannot reach anything, and gives back what it tried to reach."""
    (tmp_path / "prelude").mkdir()
    (tmp_path / "prelude" / "sitecustomize.py").write_text(PRELUDE)

    places = os.pathsep.join((str(tmp_path / "prelude"), *filter(None, [os.environ.get("PYTHONPATH")])))

    def run(code, lines="", **environment):
        tried = tmp_path / "connections.txt"
        tried.unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, input=lines, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": places, "CONNECTIONS": str(tried), **environment},
            timeout=500,
        )  # fmt: skip
        return done, tried.read_text().splitlines() if tried.exists() else []

    return run


def test_a_connection_is_noticed(watched):
    code = """
import os, socket, subprocess, sys
for attempt in (
    lambda: socket.create_connection(("192.0.2.1", 80)),
    lambda: socket.getaddrinfo("hub.invalid", 443),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hello", ("192.0.2.2", 53)),
):
    try:
        attempt()
        print("reached")
    except OSError as error:
        print(error.strerror)
child = "import socket; socket.create_connection(('192.0.2.3', 80))"
subprocess.run([sys.executable, "-c", child], stderr=subprocess.DEVNULL)
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname()).close()
print("loopback")
"""
    done, tried = watched(code)
    assert done.stdout.split("\n")[:4] == ["Network is unreachable"] * 3 + ["loopback"]
    # A connection looks its address up first.
    assert tried == [
        "socket.getaddrinfo 192.0.2.1",
        "socket.getaddrinfo hub.invalid",
        "socket.sendto 192.0.2.2",
        "socket.getaddrinfo 192.0.2.3",
    ]


# Notes what a library finds in the environment at the moment that it is looked for.
TELEMETRY = """
import os, sys

SWITCHES = ("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK", "FASTAPI_OTEL_AUTO_CONFIGURE")
found = {}


class Watcher:
    def find_spec(name, path=None, target=None):
        if "." not in name and name not in sys.stdlib_module_names and name != "hilum":
            found.setdefault(name, [os.environ.get(switch) for switch in SWITCHES])


sys.meta_path.insert(0, Watcher)
import hilum.cli, hilum.serve.app, hilum.model.reader, hilum.backbones.engine, hilum.slices.dicom
import huggingface_hub, onnxruntime
print(found)
"""


def test_telemetry_is_off_before_any_library_is_imported(watched):
    """The environment says something else, and hilum overrules it."""
    done, _ = watched(TELEMETRY, ORT_DISABLE_TELEMETRY="0", FASTAPI_OTEL_AUTO_CONFIGURE="true")
    found = literal_eval(done.stdout)
    assert {"onnxruntime", "pydicom", "huggingface_hub", "fastapi", "numpy"} <= found.keys()
    assert {tuple(values) for values in found.values()} == {("1", "1", "1", "false")}


HUB = """
import os
from hilum.backbones.weights import NoWeights, obtain_weights
from hilum.backbones.zoo import backbone

for offline in ("1", "0"):
    os.environ["HILUM_OFFLINE"] = offline
    try:
        obtain_weights(backbone("convnext_tiny"), None)
    except NoWeights as error:
        print(error)
    with open(os.environ["CONNECTIONS"], "a") as file:
        file.write(f"offline {offline}\\n")
"""


def test_a_hub_that_is_not_reached_is_noticed(watched):
    """The one place that connects, to see that this test would see it; with HILUM_OFFLINE it does not either."""
    done, tried = watched(HUB)
    assert "HILUM_OFFLINE forbids" in done.stdout.splitlines()[0]
    assert tried[0] == "offline 1"
    assert len(tried) > 2
    assert tried[-1] == "offline 0"


def test_no_command_connects_to_anything(watched, tmp_path, phantom, phantom_model, shared_cache):
    """What is dear to compute comes from a cache; tests/test_native_sockets.py does without one, and trains too."""
    shutil.copytree(phantom, tmp_path / "phantom")
    shutil.copytree(phantom_model, tmp_path / "model")
    one = next((tmp_path / "phantom" / "test" / "normal").iterdir())
    groups = "--groups phantom/table.csv"
    lines = (
        f"compare phantom {groups} --models efficientnet_lite0 --protocol given --out run",
        "predict model phantom/test --out rows.jsonl",
        "export model --out model.onnx",
        "predict model.onnx phantom/test/normal --out more.csv",
        f"explain model.onnx {one.relative_to(tmp_path)} --out explained.png",
        f"evaluate model phantom {groups} --out scored",
    )
    done, tried = watched(COMMANDS, "\n".join(lines), HILUM_CACHE=str(shared_cache))
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("## ") == len(lines)
    assert tried == []
    for name in ("run", "rows.jsonl", "model.onnx", "more.csv", "explained.png", "scored"):
        assert (tmp_path / name).exists()
