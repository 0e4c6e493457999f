"""The process that reads DICOM: answers requests on its standard input until that ends; says nothing anywhere else.

A message is the length of a JSON text, the length of some bytes, the text and the bytes. A request has `key` (of the
file), `path` or bytes (none of a file whose key came last), `frame` (counted from 0), `window` and `salt`. An answer
has `reason`, or the fields of a frame with its pixels as bytes.
"""

import json
import logging
import os
import struct
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO

_HEAD = struct.Struct(">IQ")
_MEMORY = 6 * 2**30


def send(stream: IO[bytes], message: Mapping[str, Any], data: bytes = b"") -> None:
    """Writes a message."""
    text = json.dumps(dict(message)).encode()
    stream.write(_HEAD.pack(len(text), len(data)) + text)
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Reads a message.

    Raises:
        EOFError: The other side is gone.
    """
    text, data = _HEAD.unpack(_exactly(stream, _HEAD.size))
    message: dict[str, Any] = json.loads(_exactly(stream, text))
    return message, _exactly(stream, data)


def main() -> None:
    """Answers until the standard input ends."""
    requests, answers = sys.stdin.buffer, _answers()
    _limit()
    warnings.simplefilter("ignore")
    logging.disable()
    from hilum.slices.dicom import DicomFile
    from hilum.slices.read import UnreadableSlice

    key, file = None, None
    while True:
        try:
            request, data = receive(requests)
        except EOFError:
            return
        try:
            if file is None or request["key"] != key:
                key, file = None, None
                file = DicomFile(data if request["path"] is None else Path(request["path"]))
                key = request["key"]
            grey, fields = file.frame(request["frame"], request["window"], bytes.fromhex(request["salt"]))
        except UnreadableSlice as error:
            send(answers, {"reason": str(error)})
        else:
            send(answers, {**fields, "frames": file.frames, "shape": grey.shape}, grey.astype("<f4").tobytes())


def _answers() -> BinaryIO:
    """Standard output for answers alone: what a decoder prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return answers


def _limit() -> None:
    """Bounds the memory, and forbids core dumps, which would hold headers; where the system can."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    except (ImportError, ValueError, OSError):
        pass


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data


if __name__ == "__main__":
    main()
