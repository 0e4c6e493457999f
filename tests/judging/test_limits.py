import pytest

from hilum.errors import HilumError
from hilum.judging.limits import LARGEST_BYTES, LARGEST_ROWS, check_bytes, check_rows


def test_two_million_rows_are_read_and_no_more():
    check_rows(LARGEST_ROWS, "p.csv")
    with pytest.raises(HilumError, match=r"p.csv has more than 2,000,000 rows. Give one model"):
        check_rows(LARGEST_ROWS + 1, "p.csv")


def test_two_gigabytes_are_read_and_no_more():
    check_bytes(LARGEST_BYTES, "p.csv")
    with pytest.raises(HilumError, match=r"p.csv holds 3.0 GB, more than 2"):
        check_bytes(3 * 2**30, "p.csv")
