"""A model's answers on every row of a table."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.model.reader import Reader
from hilum.progress import Tracker, silent
from hilum.slices.pool import reading_threads
from hilum.slices.prepared import prepare
from hilum.slices.table import SliceTable
from hilum.text import plain_path

_BATCH = 16


@dataclass(frozen=True)
class Readings:
    """What a model says of n rows.

    Attributes:
        probabilities: Calibrated, `[n, classes of the model]`.
        outlier_scores: `[n]`.
        nearest: Distance to the nearest training slice, `[n]`.
    """

    probabilities: NDArray[np.float32]
    outlier_scores: NDArray[np.float32]
    nearest: NDArray[np.float32]


def read_rows(reader: Reader, table: SliceTable, track: Tracker = silent) -> Readings:
    """Reads every row of a table with a model.

    Raises:
        HilumError: A file changed since the table was read, or an answer is not a number.
    """
    facts = reader.facts
    parts = []
    with track("answering", len(table.rows)) as advance, reading_threads() as pool:
        for start in range(0, len(table.rows), _BATCH):
            rows = table.rows[start : start + _BATCH]
            greys = list(pool.map(lambda row: prepare(table, row, facts.size, facts.interpolation, facts.crop), rows))
            parts.append(reader.read(np.stack(greys)))
            for _ in rows:
                advance()
    readings = Readings(
        np.concatenate([part.probabilities for part in parts]),
        np.concatenate([part.outlier_scores for part in parts]),
        np.concatenate([part.distances[:, 0] for part in parts]),
    )
    known = np.isfinite(np.c_[readings.probabilities, readings.outlier_scores, readings.nearest]).all(1)
    if not known.all():
        path = plain_path(table.rows[int(known.argmin())].path)
        raise HilumError(
            f"The model's answer on {path} is not a number, so there is nothing to score. Leave the slice out, or "
            "evaluate another model."
        )
    return readings
