"""What the server and the processes that decode say to each other: a JSON text and some bytes at a time."""

import asyncio
import json
import struct
from collections.abc import Mapping
from typing import IO, Any

_HEAD = struct.Struct(">IQ")  # the lengths of the text and of the bytes

Message = tuple[dict[str, Any], bytes]


def packed(fields: Mapping[str, Any], data: bytes = b"") -> bytes:
    """A message without its bytes, which are to follow."""
    text = json.dumps(dict(fields)).encode()
    return _HEAD.pack(len(text), len(data)) + text


async def receive(stream: asyncio.StreamReader) -> Message:
    """The next message.

    Raises:
        asyncio.IncompleteReadError: The other side is gone.
    """
    text, data = _HEAD.unpack(await stream.readexactly(_HEAD.size))
    fields: dict[str, Any] = json.loads(await stream.readexactly(text))
    return fields, await stream.readexactly(data)


def read(stream: IO[bytes]) -> Message | None:
    """The next message, waited for; None where the other side is gone."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    text, data = _HEAD.unpack(head)
    fields: dict[str, Any] = json.loads(stream.read(text))
    blob = stream.read(data)
    return (fields, blob) if len(blob) == data else None


def write(stream: IO[bytes], fields: Mapping[str, Any], data: bytes = b"") -> None:
    """Writes a message."""
    stream.write(packed(fields, data))
    stream.write(data)
    stream.flush()
