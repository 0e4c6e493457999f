"""Which cluster a job has, who reaches it, and what is said of one that cannot be joined."""

import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import pytest
from helpers.ray_nodes import processes, until

from hilum.cluster.ray_cluster import cluster
from hilum.errors import HilumError, MissingExtra

_JOIN = "from hilum.cluster.ray_cluster import cluster\nwith cluster(): pass"
# An own cluster that has done something; its token, its address and its folder are said, and then it waits.
_OWN = """
import os, sys, tempfile
from hilum.cluster.ray_cluster import cluster
for _ in range(int(sys.argv[1])):
    with cluster():
        import ray
        ray.get(ray.remote(lambda: None).remote())
        print(os.environ["RAY_AUTH_TOKEN"], ray.get_runtime_context().gcs_address, flush=True)
        sys.stdin.readline()
"""


@pytest.fixture
def none_named(monkeypatch):
    for name in [name for name in os.environ if name.startswith("RAY_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def joined(none_named, monkeypatch):
    """What is said when the cluster at an address is joined: `joined("localhost:1")`."""

    monkeypatch.setattr("hilum.cluster.ray_cluster.SECONDS", 8)  # no test needs all of them

    def join(address):
        monkeypatch.setenv("RAY_ADDRESS", address)
        with pytest.raises(HilumError) as error, cluster():
            pass
        return str(error.value)

    return join


@pytest.mark.parametrize(
    "address",
    ["auto", "local", "ray://h:1", "h:1:2", "::1:1", "localhost", "localhost:", ":6379", "localhost:0", "h:99999"],
)
def test_an_address_has_a_host_and_a_port(joined, address):
    assert joined(address).startswith(f"RAY_ADDRESS is {address}, which hilum cannot use. Set it to HOST:PORT")


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "no-such-host.invalid", "no..host", "h" * 70])
def test_nobody_answers(joined, host):
    said = joined(f"{host}:1")
    assert said.startswith(f"No Ray cluster answers at {host}:1, which RAY_ADDRESS names (")
    assert "()" not in said
    assert said.endswith("or unset RAY_ADDRESS to use this machine alone.")


def test_ray_is_missing_or_old(none_named, monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    module = sys.modules["hilum.cluster.ray_cluster"]
    monkeypatch.setattr(module, "version", missing)
    with pytest.raises(MissingExtra, match="needs the package ray"), cluster():
        pass
    monkeypatch.setattr(module, "version", lambda _: "2.9.3")
    with (
        pytest.raises(HilumError, match=r"Ray 2\.9\.3 is installed, and hilum needs 2\.60 or later: pip install"),
        cluster(),
    ):
        pass


def test_ray_is_installed_and_broken(none_named, tmp_path):
    (tmp_path / "ray.py").write_text("raise ImportError('libray.so: no such file')")
    with socket.create_server(("127.0.0.1", 0)) as server:
        for address in ("", f"127.0.0.1:{server.getsockname()[1]}"):
            variables = {
                "RAY_ADDRESS": address,
                "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)]),
            }
            ran = subprocess.run(
                [sys.executable, "-c", _JOIN],
                env={**os.environ, **variables},
                capture_output=True,
                text=True,
                check=False,
            )
            last = ran.stderr.splitlines()[-1]
            assert "HilumError: Ray is installed, but cannot be imported (" in last
            assert "libray.so: no such file). Install it again: pip install" in last


@contextmanager
def _web():
    """The address of a web server."""
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address
        server.shutdown()


@contextmanager
def _silent():
    """The address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield server.getsockname()


@pytest.mark.slow
@pytest.mark.parametrize("server", [_web, _silent])
def test_what_is_no_cluster(joined, server, capfd):
    with server() as (host, port):
        said = joined(f"{host}:{port}")
    assert said.startswith(f"What listens at {host}:{port} does not answer as a Ray cluster does.")
    assert capfd.readouterr().err.replace("code 400", "").count("Ray") == 0


@contextmanager
def _own(folder, times=1):
    process = subprocess.Popen(
        [sys.executable, "-c", _OWN, str(times)],
        env={**os.environ, "TMPDIR": str(folder)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
        for pid in _of(process):  # two of Ray's wait for a minute for what was killed
            os.kill(pid, signal.SIGKILL)


def _of(process):
    return {pid: title for pid, session, title in processes() if session == process.pid}


def _sockets(pids):
    """State, own address and peer of each TCP socket of processes."""
    inodes = set()
    for pid in pids:
        for file in Path(f"/proc/{pid}/fd").iterdir():
            try:
                inodes.add(str(file.readlink()).removeprefix("socket:[").removesuffix("]"))
            except FileNotFoundError:
                continue
    for name in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            _, own, peer, state, *more = line.split()
            if more[5] in inodes:
                yield state, own.split(":")[0], peer.split(":")[0]


_ANY = {"00000000", "0" * 32}
_LOOPBACK = {"0100007F", "0" * 24 + "01000000", "0000000000000000FFFF00000100007F"}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="sockets are read in /proc")
def test_an_own_cluster_is_reached_only_from_this_machine_with_its_token_and_leaves_nothing(none_named, joined, short):
    left = short / "hilum-ray-left"  # by a process that was killed
    left.mkdir()
    (left / "driver.lock").touch()
    with _own(short, times=2) as process:
        token, address = process.stdout.readline().split()
        assert not left.exists()
        pids = _of(process)
        assert len(pids) > 5
        found = list(_sockets(pids))
        listening = [own for state, own, _ in found if state == "0A"]
        assert len(listening) > 3
        assert set(listening) <= _LOOPBACK
        assert {own for _, own, _ in found} <= _LOOPBACK
        assert {peer for _, _, peer in found} <= _LOOPBACK | _ANY
        session = next(short.glob("hilum-ray-*/session_2*"))
        assert not (session / "usage_stats.json").exists()

        assert joined(address).startswith(f"The Ray cluster at {address} asks for another token.")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("RAY_AUTH_TOKEN", "0" * len(token))
            assert joined(address).startswith(f"The Ray cluster at {address} asks for another token.")
            patch.setenv("RAY_AUTH_TOKEN", token)
            patch.setenv("RAY_ADDRESS", address)
            ran = subprocess.run([sys.executable, "-c", _JOIN], capture_output=True, check=False)
            assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")

        process.stdin.write("\n")
        second = process.stdout.readline()
        assert second.startswith(token), process.communicate()[1]
        out, err = process.communicate("\n")
        assert (process.returncode, out, err) == (0, "", "")
        until(lambda: not _of(process))
    assert list(short.iterdir()) == []


@pytest.mark.slow
def test_a_killed_driver_ends_its_cluster_and_the_next_removes_its_folder(none_named, short):
    with _own(short) as process:
        process.stdout.readline()
        process.kill()
        (left,) = short.iterdir()
        until(lambda: not [title for title in _of(process).values() if "ray::" not in title])
    with _own(short) as process:
        process.stdout.readline()
        process.communicate("\n")
    assert not left.exists()
    assert list(short.iterdir()) == []


@pytest.mark.slow
def test_ray_in_use_in_the_process(none_named):
    program = "import ray\n" + _JOIN
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.stderr.endswith(
        "HilumError: Ray is already used in this process. Begin the job in a process of its own.\n"
    )
