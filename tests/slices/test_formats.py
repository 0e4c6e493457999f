import struct

import pytest

from hilum.slices.formats import is_dicom

ELEMENT = struct.pack("<HH2sH", 8, 5, b"CS", 10)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (bytes(128) + b"DICM", True),
        (ELEMENT, True),
        (struct.pack("<HHI", 8, 5, 10), True),  # implicit: a length in place of the type
        (struct.pack(">HH2sH", 8, 5, b"CS", 10), True),
        (b"\x89PNG\r\n\x1a\n".ljust(128, b"\0") + b"DICM", False),
        (b"\xff\xd8\xff".ljust(128, b"\0") + b"DICM", False),
        (struct.pack("<HHI", 8, 5, 2**31), False),
        (struct.pack("<HH2sH", 0x10, 0x10, b"PN", 10), False),
        (ELEMENT[:7], False),
        (b"", False),
    ],
)
def test_dicom_is_told_by_how_the_content_begins(tmp_path, data, told):
    path = tmp_path / "scan.png"
    path.write_bytes(data)
    assert is_dicom(data) is is_dicom(bytearray(data)) is is_dicom(path) is told
