"""The format of a file by its first bytes; its name is never used."""

import struct
from pathlib import Path

SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")  # PNG and JPEG
_HEAD = 132  # bytes: DICOM's preamble and what follows it


def is_dicom(source: Path | bytes | bytearray) -> bool:
    """Whether a file begins like DICOM, with or without its preamble; False if it cannot be opened."""
    if isinstance(source, Path):
        try:
            if not source.is_file():  # opening a pipe would wait
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
    """Whether bytes without a preamble begin a DICOM data set: group 2 or 8, an element in it, a type or length."""
    if len(head) < 8:
        return False
    for order, groups in (("<", (2, 8)), (">", (8,))):
        group, element = struct.unpack(f"{order}HH", head[:4])
        if group in groups and element <= 0x0100:
            (length,) = struct.unpack(f"{order}I", head[4:8])
            return (head[4:6].isalpha() and head[4:6].isupper()) or (order == "<" and length <= 0x0400)
    return False
