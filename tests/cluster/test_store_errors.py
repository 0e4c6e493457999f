"""What is said when a place cannot be read or written; a bug is no fault of the place."""

import errno
import os

import pytest

from hilum.cluster.store_errors import unreadable, unwritable
from hilum.errors import HilumError


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSPC, "make room"), (errno.EDQUOT, "make room"), (errno.EFBIG, "make room"), (errno.EACCES, "writable")],
)
def test_a_full_disk_asks_for_room_and_another_fault_for_rights(number, remedy):
    with pytest.raises(HilumError, match=remedy) as caught, unwritable("out"):
        raise OSError(number, os.strerror(number))
    assert str(caught.value).startswith(f"out cannot be written ({os.strerror(number)}). What was answered is kept;")


def test_what_cannot_be_read_is_named_with_its_reason():
    said = r"^out cannot be read \(Stale file handle\)\. Run the same command again"
    with pytest.raises(HilumError, match=said), unreadable("out"):
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))


@pytest.mark.parametrize("block", [unreadable, unwritable])
def test_a_bug_stays_what_it_is(block):
    with pytest.raises(KeyError), block("out"):
        raise KeyError("bug")
