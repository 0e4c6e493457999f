"""What a file is, as its first bytes tell; its name is never asked."""

import struct
from pathlib import Path

SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")  # of PNG and JPEG
_HEAD = 132  # bytes: DICOM's preamble and what follows it


def is_dicom(source: Path | bytes | bytearray) -> bool:
    """Whether a file's content begins as DICOM does, with or without its preamble; False where it cannot be opened."""
    if isinstance(source, Path):
        try:
            if not source.is_file():  # a pipe would be waited for
                return False
            with source.open("rb") as file:
                head = file.read(_HEAD)
        except (OSError, ValueError):
            return False
    else:
        head = bytes(source[:_HEAD])
    if head.startswith(SIGNATURES):
        return False
    return head[128:] == b"DICM" or _begins_with_element(head)


def _begins_with_element(head: bytes) -> bool:
    """Whether a head without preamble is that of a DICOM data set: group 2 or 8, an element of it, a type or length."""
    if len(head) < 8:
        return False
    for order, groups in (("<", (2, 8)), (">", (8,))):
        group, element = struct.unpack(f"{order}HH", head[:4])
        if group in groups and element <= 0x0100:
            (length,) = struct.unpack(f"{order}I", head[4:8])
            return (head[4:6].isalpha() and head[4:6].isupper()) or (order == "<" and length <= 0x0400)
    return False
