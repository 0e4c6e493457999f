"""How many predictions are read at most."""

from hilum.errors import HilumError

LARGEST_ROWS = 2_000_000
LARGEST_BYTES = 2 * 2**30  # of a file, and of what is packed in it


def check_rows(rows: int, source: str) -> None:
    """Checks that there are not too many rows.

    Raises:
        HilumError: There are.
    """
    if rows > LARGEST_ROWS:
        raise HilumError(f"{source} has more than {LARGEST_ROWS:,} rows. Give one model or one repeat at a time.")


def check_bytes(size: int, source: str) -> None:
    """Checks that what a file holds fits in memory.

    Raises:
        HilumError: It does not.
    """
    if size > LARGEST_BYTES:
        raise HilumError(
            f"{source} holds {size / 2**30:.1f} GB, more than {LARGEST_BYTES // 2**30}. "
            "Give one model or one repeat at a time."
        )
