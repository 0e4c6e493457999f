"""The Ray cluster of a job: the one that `RAY_ADDRESS` names, or one of hilum's own on this machine."""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from hilum.errors import HilumError, MissingExtra, install_hint
from hilum.locks import claim
from hilum.progress import Tracker, silent

SECONDS = 20  # in which a cluster has to answer
_LEAST = (2, 60)
_FOLDER, _LOCK = "hilum-ray-", "driver.lock"
_LONGEST = 20  # bytes of a temporary folder's path: those of Ray's sockets below it may have 107
# Ray reads these when it is imported.
_SILENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS": "1",  # what tells of lost machines on the terminal, but for lines that are like the next
    "RAY_DEDUP_LOGS_SKIP_REGEX": "^",
}
# Otherwise a process that reads ends after a second without work, and the next one has to start.
_KEPT = {"RAY_idle_worker_killing_time_threshold_ms": "600000"}
_LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}  # on any system: nothing leaves 127.0.0.1
_QUIET = "log_to_driver=False, logging_level='ERROR'"
_JOIN = f"""
import json, sys, ray
print(flush=True)
ray.init(sys.argv[1], {_QUIET})
print(json.dumps([node["NodeManagerAddress"] for node in ray.nodes() if node["Alive"]]))
"""
_used = dict[str, str]()  # what Ray has read in this process


@contextmanager
def cluster(track: Tracker = silent) -> Iterator[None]:
    """A block in which this process is the driver of a Ray cluster.

    It is the cluster whose `HOST:PORT` is in `RAY_ADDRESS`. Without that, one is started on all cores of this machine;
    it is reached only from this machine, only with its token, and ends with this process.

    Args:
        track: Progress display.

    Raises:
        HilumError: The cluster cannot be reached or joined, Ray is too old, cannot be started or was imported before.
        MissingExtra: Ray is not installed.
    """
    _check_version()
    address = os.environ.get("RAY_ADDRESS", "")
    with ExitStack() as ends:
        if address:
            with track(f"joining the Ray cluster at {address}", None):
                ends.enter_context(_for_ray(_ways_in(address)))
                ends.enter_context(_connected(address, f"The Ray cluster at {address} cannot be joined", ""))
        else:
            token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": _token()}
            with track("starting Ray", None):
                ends.enter_context(_for_ray({**_SILENT, **_LOOPBACK, **_KEPT, **token}))
                ends.enter_context(_started())
        yield


@contextmanager
def _started() -> Iterator[None]:
    with (
        _session_folder() as folder,
        _connected(
            "local",
            "Ray cannot be started on this machine",
            "Without --runner ray the same work is done in one process.",
            _node_ip_address="127.0.0.1",
            _temp_dir=folder,
            include_dashboard=False,
        ),
    ):
        yield


@contextmanager
def _connected(address: str, failed: str, remedy: str, **more: Any) -> Iterator[None]:  # noqa: ANN401 - of ray.init
    """A block in which this process is a driver.

    Raises:
        HilumError: Ray cannot be imported, or the cluster cannot be joined or started: `failed` and `remedy` say so.
    """
    try:
        import ray
    except ImportError as error:
        raise HilumError(_broken(str(error))) from error
    handler, stopped = signal.getsignal(signal.SIGTERM) or signal.SIG_DFL, False
    try:
        ray.init(address, **more, log_to_driver=False, logging_level="ERROR")
    except SystemExit:  # what Ray's handler of SIGTERM raises while it starts
        stopped = True
    except (RuntimeError, ValueError, OSError) as error:
        raise HilumError(f"{failed} ({_last_line(str(error))}). {remedy}".rstrip()) from error
    try:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)  # Ray's own prints a dump and ends the process at once
        if stopped:
            signal.raise_signal(signal.SIGTERM)
        yield
    finally:
        ray.shutdown()


def _broken(said: str) -> str:
    return f"Ray is installed, but cannot be imported ({_last_line(said)}). Install it again: {install_hint('ray')}"


@contextmanager
def _session_folder() -> Iterator[str]:
    """A new folder for what Ray writes, removed at the end; those of processes that were killed are removed too."""
    place = tempfile.gettempdir()
    place = place if len(os.fsencode(place)) <= _LONGEST else "/tmp"
    for lock in Path(place).glob(f"{_FOLDER}*/{_LOCK}"):
        with suppress(OSError):  # another user's
            if (descriptor := claim(lock)) is not None:
                shutil.rmtree(lock.parent, ignore_errors=True)
                os.close(descriptor)
    with tempfile.TemporaryDirectory(prefix=_FOLDER, dir=place, ignore_cleanup_errors=True) as folder:
        descriptor = claim(Path(folder, _LOCK))
        try:
            yield folder
        finally:
            if descriptor is not None:
                os.close(descriptor)


@cache
def _token() -> str:
    """A token for all clusters of this process, since Ray keeps the first that it reads."""
    return secrets.token_hex(32)


def _check_version() -> None:
    try:
        found = version("ray")
    except PackageNotFoundError as error:
        raise MissingExtra("ray", "ray") from error
    if tuple(int(number) for number in re.findall(r"\d+", found)[:2]) < _LEAST:
        least = ".".join(map(str, _LEAST))
        raise HilumError(f"Ray {found} is installed, and hilum needs {least} or later: {install_hint('ray')}")


def _ways_in(address: str) -> dict[str, str]:
    """The environment in which the cluster at an address can be joined.

    A process of its own tries, since Ray waits for minutes for what does not answer, and cannot be interrupted.

    Raises:
        HilumError: It cannot be joined.
    """
    local = _check_answers(address)
    environment = dict(_SILENT)
    if "RAY_AUTH_MODE" not in os.environ and _has_token():  # as `ray start` does
        environment["RAY_AUTH_MODE"] = "token"
    nodes = _tried(address, {**environment, **(_LOOPBACK if local else {})})
    if all(map(_is_loopback, nodes)):  # otherwise this process is reached from other machines
        environment |= _LOOPBACK
    return environment


def _check_answers(address: str) -> bool:
    """Checks that something listens at an address, and gives whether it is on loopback."""
    parts = re.fullmatch(r"(\[.+\]|[^:/]+):([0-9]{1,5})", address)
    if parts is None or int(parts[2]) not in range(1, 2**16):
        raise HilumError(
            f"RAY_ADDRESS is {address}, which hilum cannot use. Set it to HOST:PORT of the cluster's head, such as "
            "127.0.0.1:6379, or unset it to use this machine alone."
        )
    try:
        with socket.create_connection((parts[1].strip("[]"), int(parts[2])), timeout=5) as there:
            return _is_loopback(there.getpeername()[0])
    except (OSError, UnicodeError) as error:  # the latter: no name of a host is so
        reason = getattr(error, "strerror", "that is no host") or "it took too long"
        raise HilumError(
            f"No Ray cluster answers at {address}, which RAY_ADDRESS names ({reason}). "
            "Start one there with ray start --head, or unset RAY_ADDRESS to use this machine alone."
        ) from error


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name
        return host == "localhost"


def _has_token() -> bool:
    named = any(os.environ.get(name) for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"))
    return named or Path("~/.ray/auth_token").expanduser().is_file()


def _tried(address: str, environment: Mapping[str, str]) -> list[str]:
    """The addresses of the machines of the cluster at an address."""
    places = os.pathsep.join(place for place in sys.path if place)
    with subprocess.Popen(
        [sys.executable or "python3", "-P", "-c", _JOIN, address],
        bufsize=0,
        env={**os.environ, **environment, "PYTHONPATH": places},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        late, imported = False, b""
        try:
            if process.stdout is not None:
                imported = process.stdout.readline()  # Ray is imported, which may take longer than to join
            found, said = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            late = True
            process.kill()
            found, said = process.communicate()
        except BaseException:
            process.kill()
            raise
    if not late and process.returncode == 0:
        nodes: list[str] = json.loads(found.splitlines()[-1])
        return nodes
    words = said.decode(errors="replace")
    raise HilumError(_why_not(address, words, late) if imported else _broken(words))


def _why_not(address: str, said: str, late: bool) -> str:
    """The sentence on a cluster that cannot be joined, from what Ray said."""
    if "InvalidAuthToken" in said or "AuthenticationError" in said:
        return (
            f"The Ray cluster at {address} asks for another token. Put the one that it was started with in the "
            "environment variable RAY_AUTH_TOKEN, with RAY_AUTH_MODE=token."
        )
    if "Version mismatch" in said:
        there, here = (
            f"Ray {ray} on Python {python}" for ray, python in re.findall(r"Ray: (\S+)\s+Python: (\S+)", said)
        )
        return f"The Ray cluster at {address} has {there}, and this machine {here}. Install the same on both."
    if late:
        return (
            f"What listens at {address} does not answer as a Ray cluster does. Set RAY_ADDRESS to HOST:PORT of the "
            "cluster's head; its port is that of ray start --port, 6379 by default."
        )
    raised = re.findall(r"^[\w.]*(?:Error|Exception): (.+)", said, re.MULTILINE)  # nothing where Ray itself crashed
    reason = f" ({_last_line(raised[-1])})" if raised else ""
    return (
        f"The Ray cluster at {address} cannot be joined{reason}. This machine has to be one of its "
        f"machines: run ray start --address={address} on it."
    )


def _last_line(text: str) -> str:
    lines = [line.strip().rstrip(".") for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def _for_ray(variables: Mapping[str, str]) -> AbstractContextManager[None]:
    """A block in which Ray reads some environment variables.

    Raises:
        HilumError: It was imported in this process and has read others: it might then listen where it must not.
    """
    if "ray" in sys.modules and _used != variables:
        raise HilumError("Ray is already used in this process. Begin the job in a process of its own.")
    _used.update(variables)
    return _environment(variables)


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """A block in which the environment has some more variables."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
