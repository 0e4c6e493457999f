"""A model's answers on every row of a table."""

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.model.reader import Reader, Reading
from hilum.predict.rows import Limits, Row, Square, answer
from hilum.progress import Tracker, silent
from hilum.slices.pool import reading_threads
from hilum.slices.prepared import prepare
from hilum.slices.table import SliceTable
from hilum.text import plain_path

_BATCH = 16


def read_rows(
    reader: Reader, table: SliceTable, limits: Limits, track: Tracker = silent
) -> tuple[tuple[Row, ...], NDArray[np.float32], NDArray[np.float32]]:
    """Reads every row of a table with a model.

    Returns:
        The answers; calibrated probabilities `[n, classes of the model]`; and distances to the nearest training slice
        `[n]`.

    Raises:
        HilumError: A file changed since the table was read, or an answer is not a number.
    """
    how, answers, parts = reader.facts.preparation, list[Row](), list[Reading]()
    with track("answering", len(table.rows)) as advance, reading_threads() as pool:
        for start in range(0, len(table.rows), _BATCH):
            rows = table.rows[start : start + _BATCH]
            greys = list(pool.map(lambda row: prepare(table, row, how.size, how.interpolation, how.crop), rows))
            squares = [
                Square(plain_path(row.path), grey, row.facts.frame, row.facts.doubt)
                for row, grey in zip(rows, greys, strict=True)
            ]
            made, reading = answer(reader, squares, limits)
            answers += made
            parts.append(reading)
            for _ in rows:
                advance()
    probabilities = np.concatenate([part.probabilities for part in parts])
    nearest = np.concatenate([part.distances[:, 0] for part in parts])
    known = np.isfinite(nearest) & [row.decision != "unreadable" for row in answers]
    if not known.all():
        raise HilumError(
            f"The model's answer on {answers[int(known.argmin())].path} is not a number, so there is nothing to score. "
            "Leave the slice out, or evaluate another model."
        )
    return tuple(answers), probabilities, nearest
