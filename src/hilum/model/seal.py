"""A checksum at the end of an exported file: the SHA-256 digest of everything before it."""

import hashlib
import os
from pathlib import Path

# Field number 1000 with 32 bytes, unknown to ONNX: readers of Protocol Buffers skip it.
_FIELD = b"\xc2\x3e\x20"
_LENGTH = len(_FIELD) + hashlib.sha256().digest_size
_CHUNK = 2**20


def sealed(data: bytes) -> bytes:
    """A serialised ONNX model with the checksum behind it."""
    return data + _FIELD + hashlib.sha256(data).digest()


def is_sealed(path: Path) -> bool:
    """Whether a file ends in the checksum of its content.

    Raises:
        OSError: The file cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        left = file.seek(0, os.SEEK_END) - _LENGTH
        file.seek(0)
        while left > 0 and (chunk := file.read(min(left, _CHUNK))):
            digest.update(chunk)
            left -= len(chunk)
        return left == 0 and file.read() == _FIELD + digest.digest()
