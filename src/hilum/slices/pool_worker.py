"""The process that decodes: does jobs that come on its standard input until that ends; says nothing anywhere else.

A message is the length of a JSON text, the length of some bytes, the text and the bytes; nothing is pickled. A request
has `job`, the function that does it (`hilum.module:name`), `path` or a file's bytes, `key` (a request with the key of
the one before need not bring the bytes again; null is no key), `seconds`, and what the job asks. An answer has a
`reason`, or what the job gives; `more` says whether another one follows.
"""

import json
import logging
import os
import signal
import struct
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import IO, Any, BinaryIO, TypeVar

from hilum.slices.read import UnreadableSlice

NO_MEMORY = 71  # the exit status of a process that met its limit of memory
_HEAD = struct.Struct(">IQ")
_LONGEST = 2**30  # bytes, of a file that is sent or of an answer
_LATE = 10  # seconds after its time at which a process whose parent is gone ends itself
T = TypeVar("T")

Answer = tuple[dict[str, Any], bytes]


class Source:
    """The file of a job.

    Attributes:
        content: Its path, or its bytes.
    """

    def __init__(self, content: Path | bytes) -> None:
        self.content = content
        self._opened: dict[object, Any] = {}

    def opened(self, kind: Callable[[Path | bytes], T]) -> T:
        """The file as something that reads it; opened once for all requests that name the file in turn."""
        if kind not in self._opened:
            self._opened[kind] = kind(self.content)
        found: T = self._opened[kind]
        return found


def send(stream: IO[bytes], message: Mapping[str, Any], data: bytes | bytearray = b"") -> None:
    """Writes a message."""
    text = json.dumps(dict(message)).encode()
    stream.write(_HEAD.pack(len(text), len(data)) + text)
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> Answer:
    """Reads a message.

    Raises:
        EOFError: The other side is gone, or says what it never should.
    """
    text, data = _HEAD.unpack(_exactly(stream, _HEAD.size))
    message: dict[str, Any] = json.loads(_exactly(stream, text))
    return message, _exactly(stream, data)


def main() -> None:
    """Does jobs until the standard input ends. The first argument is the most memory, in bytes."""
    requests, answers = sys.stdin.buffer, _answers()
    _limit(int(sys.argv[1]))
    warnings.simplefilter("ignore")
    logging.disable()
    import hilum.slices.jobs  # noqa: F401 - while nobody waits for an answer yet

    key, source = None, Source(b"")
    try:
        while True:
            request, data = receive(requests)
            if request["key"] is None or request["key"] != key:
                key, source = request["key"], Source(data if request["path"] is None else Path(request["path"]))
            for fields, blob in _done(request, source):
                if "reason" in fields:
                    key = None
                send(answers, fields, blob)
    except EOFError:
        return
    except MemoryError:
        os._exit(NO_MEMORY)


def _done(request: dict[str, Any], source: Source) -> Iterator[Answer]:
    """The answers of a job; while one waits to be taken, no time is counted."""
    try:
        coming = iter(_job(request["job"])(source, request))
        while True:
            _alarm(request["seconds"] + _LATE)
            answer = next(coming, None)
            _alarm(0)
            if answer is None:
                return
            yield {"more": False, **answer[0]}, answer[1]
    except UnreadableSlice as error:
        if isinstance(error.__cause__, MemoryError):
            raise MemoryError from error
        yield {"more": False, "reason": str(error)}, b""
    except MemoryError:
        raise
    except Exception as error:  # its words might quote a header
        yield {"more": False, "reason": f"it cannot be read ({type(error).__name__})"}, b""


def _job(name: str) -> Callable[[Source, dict[str, Any]], Iterator[Answer]]:
    module, _, function = name.partition(":")
    if not module.startswith("hilum."):
        raise ValueError(name)
    job: Callable[[Source, dict[str, Any]], Iterator[Answer]] = getattr(import_module(module), function)
    return job


def _answers() -> BinaryIO:
    """Standard output for answers alone: what a decoder prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return answers


def _limit(memory: int) -> None:
    """Bounds the memory, and forbids core dumps, which would hold headers; where the system can."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    except (ImportError, ValueError, OSError):
        pass


def _alarm(seconds: float) -> None:
    """Ends this process at that time, lest it outlive its parent; 0: it need not."""
    if hasattr(signal, "alarm"):
        signal.alarm(int(seconds))


def _exactly(stream: IO[bytes], count: int) -> bytes:
    if count > _LONGEST:
        raise EOFError
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data


if __name__ == "__main__":
    main()
