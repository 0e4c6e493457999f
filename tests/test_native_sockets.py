"""Nothing phones home and nothing is kept outside hilum's own places, as the system sees it: native libraries too."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
from helpers.brightness import write_model
from helpers.commands import COMMANDS
from PIL import Image

import hilum

pytestmark = pytest.mark.slow

# ONNX Runtime's sender looks names up some nine seconds after the import.
IDLE = 15
CALLS = "network,openat,creat"
SENT = re.compile(r"\b(?:connect|sendto|sendmsg|sendmmsg)\(.*sa_family=AF_INET")
CREATED = re.compile(r'\b(?:openat\((?:AT_FDCWD|\d+)|creat\()[^"]*"(?P<path>[^"]*)", [A-Z_|]*O_CREAT')
# What must not decide: settings of this machine, and `CI`, for which ONNX Runtime keeps quiet by itself.
UNSET = ("CI", "GITHUB_ACTIONS", "TF_BUILD", "MPLCONFIGDIR", "HF_HOME", "TORCH_HOME", "ORT_DISABLE_TELEMETRY")


@dataclass(frozen=True)
class Traced:
    """What a process and its children did: connections beyond it, files that it made elsewhere, files in its home."""

    output: str
    sent: list[str]
    elsewhere: list[str]
    home: list[str]


@pytest.fixture
def trace(tmp_path):
    """Starts a command in an empty home with every call that matters noted; what it gives back ends it and looks."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed, and nothing else here sees native sockets: apt-get install strace.")
    for name in ("home", "tmp", "work"):
        (tmp_path / name).mkdir()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("XDG_") and name not in UNSET},
        "HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "tmp"), "HILUM_CACHE": str(tmp_path / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip

    def start(*command):
        process = subprocess.Popen(
            ["strace", "-f", "-qq", "-s", "300", "-e", f"trace={CALLS}", "-o", tmp_path / "calls", *command],
            cwd=tmp_path / "work", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=environment, start_new_session=True,
        )  # fmt: skip

        def ended(lines=None):
            output, _ = process.communicate(lines, timeout=600)
            calls = (tmp_path / "calls").read_text("utf-8", "replace").splitlines()
            made = [found["path"] for line in calls if " = -1 " not in line and (found := CREATED.search(line))]
            own = (str(tmp_path), "/dev/")
            return Traced(
                output,
                [line for line in calls if SENT.search(line)],
                [path for path in made if Path(path).is_absolute() and not path.startswith(own)],
                sorted(str(path) for path in (tmp_path / "home").rglob("*") if path.is_file()),
            )

        return process, ended

    return start


def _quiet(traced):
    assert traced.sent == []
    assert traced.elsewhere == []
    assert traced.home == []


def test_what_a_library_sends_and_keeps_is_seen(trace):
    """ONNX Runtime without hilum: its device id, and the names that it looks up."""
    _, ended = trace(sys.executable, "-c", f"import onnxruntime, time; time.sleep({IDLE})")
    traced = ended()
    assert any("deviceid" in path for path in traced.home)
    assert traced.sent


def test_no_command_sends_anything_or_keeps_anything_elsewhere(trace, tmp_path):
    hilum.write_phantom(tmp_path / "work" / "phantom", 48, 0)
    one = min((tmp_path / "work" / "phantom" / "test" / "normal").iterdir()).relative_to(tmp_path / "work")
    groups = "--groups phantom/table.csv"
    lines = (
        f"audit phantom {groups} --out audit",
        f"compare phantom {groups} --models efficientnet_lite0,cnn --cnn-epochs 2 --out run",
        f"train phantom {groups} --bundle --out model",
        "predict model phantom/test --out rows.jsonl",
        "export model --out model.onnx",
        f"explain model {one} --method gradcam --out map.png",
        f"evaluate model.onnx phantom {groups} --out scored",
        "backbones",
        "cache",
    )
    _, ended = trace(sys.executable, "-c", f"{COMMANDS}\nimport time; time.sleep({IDLE})")
    traced = ended("\n".join(lines))
    assert traced.output.count("## ") == len(lines), traced.output[-2000:]
    for name in ("audit", "run", "model", "rows.jsonl", "model.onnx", "map.png", "scored"):
        assert (tmp_path / "work" / name).exists()
    _quiet(traced)


# Every way in which a child is made that hilum or a library of its uses, and one that is made to import it.
CHILDREN = f"""
import multiprocessing, subprocess, sys, time
from importlib import import_module
import hilum
from joblib import Parallel, delayed
from torch.multiprocessing import get_context

if __name__ == "__main__":
    subprocess.run([sys.executable, "-c", "import onnxruntime, time; time.sleep({IDLE})"], check=True)
    for context in (multiprocessing.get_context("spawn"), multiprocessing.get_context("fork"), get_context("spawn")):
        process = context.Process(target=import_module, args=("onnxruntime",))
        process.start()
        process.join()
        assert process.exitcode == 0
    Parallel(n_jobs=2, backend="loky")(delayed(exec)("import onnxruntime") for _ in range(2))
    import_module("onnxruntime")
    print("done")
"""


def test_children_are_told_too(trace, tmp_path):
    (tmp_path / "children.py").write_text(CHILDREN)
    _, ended = trace(sys.executable, str(tmp_path / "children.py"))
    traced = ended()
    assert traced.output.endswith("done\n")
    _quiet(traced)


def test_a_server_sends_nothing(trace, tmp_path):
    """Neither when it answers nor while it waits."""
    Image.new("L", (64, 64), 128).save(tmp_path / "slice.png")
    model = write_model(tmp_path / "model.onnx")
    process, ended = trace(sys.executable, "-m", "hilum", "serve", str(model), "--no-open", "--port", "0")
    address = re.search(r"http://\S+", process.stdout.readline())[0].rstrip("/")
    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="slice.png"\r\n\r\n'
    request = urllib.request.Request(
        f"{address}/api/predict",
        body + (tmp_path / "slice.png").read_bytes() + b"\r\n--b--\r\n",
        {"Content-Type": "multipart/form-data; boundary=b", "X-Requested-With": "hilum"},
    )
    with urllib.request.urlopen(request) as answer:
        assert b'"rows"' in answer.read()
    time.sleep(IDLE)
    os.killpg(process.pid, signal.SIGINT)
    _quiet(ended())
