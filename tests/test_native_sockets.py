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

pytestmark = pytest.mark.slow

# ONNX Runtime's sender looks names up some nine seconds after the import.
IDLE = 15
STRACE = ("-f", "--seccomp-bpf", "-qq", "-s", "300", "-e", "trace=network,openat,creat")
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


# Every way in which a child is made that hilum or a library of its uses, and one that is made to import it.
CHILDREN = """
import multiprocessing, subprocess, sys, time
from importlib import import_module
import hilum
from joblib import Parallel, delayed
from torch.multiprocessing import get_context

if __name__ == "__main__":
    idle = subprocess.Popen([sys.executable, "-c", "import onnxruntime, time; time.sleep(IDLE)"])
    for context in (multiprocessing.get_context("spawn"), multiprocessing.get_context("fork"), get_context("spawn")):
        process = context.Process(target=import_module, args=("onnxruntime",))
        process.start()
        process.join()
        assert process.exitcode == 0
    Parallel(n_jobs=2, backend="loky")(delayed(exec)("import onnxruntime") for _ in range(2))
    import_module("onnxruntime")
    assert idle.wait() == 0
    print("done")
""".replace("IDLE", str(IDLE))
GROUPS = "--groups phantom/table.csv"
LINES = (
    f"audit phantom {GROUPS} --out audit",
    f"compare phantom {GROUPS} --models efficientnet_lite0,cnn --cnn-epochs 1 --protocol given --out run",
    f"train phantom {GROUPS} --bundle --out model",
    "predict model phantom/test --out rows.jsonl",
    "export model --out model.onnx",
    "explain model one.png --method gradcam --out map.png",
    f"evaluate model.onnx phantom {GROUPS} --out scored",
    "backbones",
    "cache",
)


class Trace:
    """A command in an empty home, with every call that matters noted."""

    def __init__(self, place, *command):
        self.place = place
        for name in ("home", "tmp", "work"):
            (place / name).mkdir(parents=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_") and name not in UNSET}
        self.process = subprocess.Popen(
            ["strace", *STRACE, "-o", place / "calls", *command],
            cwd=place / "work", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
            env={
                **kept, "HOME": str(place / "home"), "TMPDIR": str(place / "tmp"), "HILUM_CACHE": str(place / "cache"),
                "HILUM_OFFLINE": "", "PYTHONDONTWRITEBYTECODE": "1",
            },
        )  # fmt: skip

    def ended(self, lines=None):
        """Waits for the end, and says what happened."""
        output, _ = self.process.communicate(lines, timeout=600)
        calls = (self.place / "calls").read_text("utf-8", "replace").splitlines()
        made = [found["path"] for line in calls if " = -1 " not in line and (found := CREATED.search(line))]
        own = (str(self.place), "/dev/")
        return Traced(
            output,
            [line for line in calls if SENT.search(line)],
            [path for path in made if Path(path).is_absolute() and not path.startswith(own)],
            sorted(str(path) for path in (self.place / "home").rglob("*") if path.is_file()),
        )


@pytest.fixture
def traces(tmp_path_factory, phantom):
    """All that is watched, begun at once."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed, and nothing else here sees native sockets: apt-get install strace.")
    place = tmp_path_factory.mktemp("traced")
    (place / "children.py").write_text(CHILDREN)
    python = (sys.executable, "-c")
    started = {
        "library": Trace(place / "library", *python, f"import onnxruntime, time; time.sleep({IDLE})"),
        "children": Trace(place / "children", sys.executable, str(place / "children.py")),
        "server": Trace(
            place / "server", sys.executable, "-m", "hilum", "serve", write_model(place / "model.onnx"), "--no-open",
            "--port", "0",
        ),
        "commands": Trace(place / "commands", *python, f"{COMMANDS}\nimport time; time.sleep({IDLE})"),
    }  # fmt: skip
    work = place / "commands" / "work"
    shutil.copytree(phantom, work / "phantom")
    shutil.copy(min((phantom / "test" / "normal").iterdir()), work / "one.png")
    started["commands"].process.stdin.write("\n".join(LINES))
    started["commands"].process.stdin.close()
    started["commands"].process.stdin = None
    yield started
    for one in started.values():
        if one.process.poll() is None:
            os.killpg(one.process.pid, signal.SIGKILL)
            one.process.communicate()


def _quiet(traced):
    assert traced.sent == []
    assert traced.elsewhere == []
    assert traced.home == []


def _ask(server, picture):
    """Sends a slice to a server, once it is up."""
    address = re.search(r"http://\S+", server.process.stdout.readline())[0].rstrip("/")
    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="slice.png"\r\n\r\n'
    request = urllib.request.Request(
        f"{address}/api/predict",
        body + picture + b"\r\n--b--\r\n",
        {"Content-Type": "multipart/form-data; boundary=b", "X-Requested-With": "hilum"},
    )
    with urllib.request.urlopen(request) as answer:
        assert b'"rows"' in answer.read()


def test_nothing_is_sent_and_nothing_is_kept_elsewhere(traces, tmp_path):
    """One test, since all begin at once: most of their time is waiting."""
    server = traces["server"]
    Image.new("L", (64, 64), 128).save(tmp_path / "slice.png")
    _ask(server, (tmp_path / "slice.png").read_bytes())
    asked = time.monotonic()

    # ONNX Runtime without hilum keeps a device id and looks names up, so that this test would see it.
    library = traces["library"].ended()
    assert any("deviceid" in path for path in library.home)
    assert library.sent

    children = traces["children"].ended()
    assert children.output.endswith("done\n")
    _quiet(children)

    time.sleep(max(0, asked + IDLE - time.monotonic()))
    os.killpg(server.process.pid, signal.SIGINT)
    _quiet(server.ended())

    commands = traces["commands"].ended()
    assert commands.output.count("## ") == len(LINES), commands.output[-2000:]
    for name in ("audit", "run", "model", "rows.jsonl", "model.onnx", "map.png", "scored"):
        assert (traces["commands"].place / "work" / name).exists()
    _quiet(commands)
