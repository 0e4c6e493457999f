"""A Ray cluster of several nodes on the loopback of this machine, each at an address of its own, on Linux.

Each node has processes of its own, as on a machine of its own, and can be lost or joined at any time.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

LIMIT = 180  # seconds of any wait: for a busy machine
_START = "import sys; from ray.scripts.scripts import main; sys.exit(main())"
_ALIKE = [
    "--object-store-memory=80000000",
    "--disable-usage-stats",
    "--min-worker-port=0",  # free ports, whatever else runs here
    "--max-worker-port=0",
]


class RayNodes:
    """A cluster whose head has no cores, so that its other nodes do all the work. As a block, it ends there.

    Attributes:
        environment: Variables for its drivers; with `RAY_ADDRESS` among them.
        nodes: Its nodes, the head first; also those that were lost alone.

    Args:
        variables: Environment variables of all nodes.
    """

    def __init__(self, **variables):
        self._network = f"127.{secrets.randbelow(255)}.{1 + secrets.randbelow(254)}"  # beside those of other tests
        self._address = f"{self._network}.2:{_free_port()}"
        token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        common = {"RAY_USAGE_STATS_ENABLED": "0", "OMP_NUM_THREADS": "1", **token}
        self._of_nodes = {**common, "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "1", **variables}
        self.environment = {**common, "RAY_ADDRESS": self._address}
        self.nodes, self._next = [], 3

    def __enter__(self):
        self.begin()
        return self

    def __exit__(self, *_):
        self.lose()

    def begin(self):
        """Starts the head, unless there is one."""
        if not self.nodes:
            host, port = self._address.split(":")
            self._add(host, "--head", f"--port={port}", "--num-cpus=0", "--include-dashboard=false")

    def lose(self):
        """Kills all nodes, the head first."""
        while self.nodes:
            self.nodes.pop(0).lose()

    @property
    def head(self):
        return self.nodes[0]

    def join(self, cores=1, **variables):
        """Starts another node, with some more environment variables, and gives it."""
        self._next += 1
        words = (f"--address={self._address}", f"--num-cpus={cores}")
        return self._add(f"{self._network}.{self._next - 1}", *words, **variables)

    def _add(self, host, *words, **variables):
        node = _Node(host, [*words, *_ALIKE], self._of_nodes | variables)
        self.nodes.append(node)
        return node


class _Node:
    def __init__(self, host, words, variables):
        self.host, self._folder = host, Path(tempfile.mkdtemp(prefix="hr-", dir="/tmp"))  # its sockets need short paths
        words = ["start", f"--node-ip-address={host}", f"--temp-dir={self._folder}", *words]
        with (self._folder / "said").open("w+") as said:
            starting = subprocess.Popen(
                [sys.executable, "-c", _START, *words],
                env={name: value for name, value in os.environ.items() if not name.startswith("RAY_")} | variables,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
            self._session = starting.pid  # of all its processes
            try:
                status = starting.wait(LIMIT)
            except BaseException:
                self.lose()
                raise
            if status:
                said.seek(0)
                text = said.read()
                self.lose()
                raise RuntimeError(f"ray start ended with {status}: {text}")

    def lose(self):
        """Kills all its processes at once, as a power cut does."""
        while found := self.pids():
            for pid in found:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        shutil.rmtree(self._folder, ignore_errors=True)

    def pids(self, title=""):
        """Its processes that have a title which begins so, such as `ray::Worker`."""
        return [pid for pid, session, name in processes() if session == self._session and name.startswith(title)]


def processes():
    """Number, session and command of each process that has not ended."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                state, _, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
                if state != "Z":
                    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    yield int(folder.name), int(session), command


def until(true):
    """Waits until a function gives something true, and gives that; an error after `LIMIT` seconds."""
    end = time.monotonic() + LIMIT
    while not (found := true()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
