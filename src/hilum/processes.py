"""Separate processes for work on hostile files: starting them, limiting them and exchanging messages.

A message is the length of a JSON text, the length of some bytes, the text and the bytes. Nothing is pickled.
"""

import json
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Any, BinaryIO

_HEAD = struct.Struct(">IQ")
_LONGEST = 2**30  # bytes of a message

_AHEAD: dict[tuple[str, ...], subprocess.Popen[bytes]] = {}

Message = tuple[dict[str, Any], bytes]


def command_of(module: str) -> tuple[str, ...]:
    """The command that runs a module of hilum in a new process."""
    return (sys.executable or "python3", "-P", "-m", module)


def start_ahead(command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    """Starts a process for the next call of `start` with the same command, so that it loads in the meantime."""
    with suppress(OSError):
        _AHEAD[tuple(command)] = start(command, environment)


def start(command: Sequence[str], environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Starts a process with pipes to its standard input and output.

    Args:
        command: Command with its arguments.
        environment: Environment variables in addition to those of this process.

    Raises:
        OSError: The system cannot start it.
    """
    if process := _AHEAD.pop(tuple(command), None):
        return process
    places = os.pathsep.join(place for place in sys.path if place)
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environment or {}), "PYTHONPATH": places},
        start_new_session=True,  # an interrupt at the terminal is for hilum only
    )


def send(stream: IO[bytes], fields: Mapping[str, Any], data: bytes | bytearray = b"") -> None:
    """Writes a message."""
    text = json.dumps(dict(fields)).encode()
    stream.write(_HEAD.pack(len(text), len(data)) + text)
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> Message:
    """Reads a message.

    Raises:
        EOFError: The other process is gone, or its message is malformed.
    """
    text, data = _HEAD.unpack(_exactly(stream, _HEAD.size))
    fields: dict[str, Any] = json.loads(_exactly(stream, text))
    return fields, _exactly(stream, data)


def answer_stream() -> BinaryIO:
    """Reserves standard output for answers: what libraries print is discarded. Core dumps are switched off too."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    limit("RLIMIT_CORE", 0)  # it would hold pixels and headers
    return answers


def limit(resource_name: str, most: int) -> None:
    """Limits the use of a resource by this process, if the system supports it."""
    try:
        import resource

        resource.setrlimit(getattr(resource, resource_name), (most, most))
    except (ImportError, ValueError, OSError):
        pass


def alarm(seconds: float) -> None:
    """Ends this process after some seconds, even if its parent is gone; 0 cancels the alarm."""
    if hasattr(signal, "alarm"):
        signal.alarm(int(seconds))


def _exactly(stream: IO[bytes], count: int) -> bytes:
    if count > _LONGEST:
        raise EOFError
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data
