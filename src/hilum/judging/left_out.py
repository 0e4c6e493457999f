"""Why slices that were reported are not in the figures of a protocol."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hilum.judging.given import Answers
from hilum.judging.trained import Trained
from hilum.records.figures import likeness_text
from hilum.scoring.left_out import COPY, TWO_LABELS, UNKNOWN, first_reasons, without_copies
from hilum.scoring.protocols import Protocol, Slices

TRAINED = "a training slice, or a copy of one"
UNNAMED = "not under this protocol in the file"

_Indices = NDArray[np.intp]


def reasons(protocol: Protocol, reported: Sequence[Answers], slices: Slices, trained: Trained) -> list[str | None]:
    """Why each reported row is left out under a protocol, or None; of several reasons, the first of this function.

    Args:
        protocol: `given`, `no-copies` or `no-look-alikes`.
        reported: The predictions of each model, all on the same rows.
        slices: All slices; the label of one whose class the predictions lack is -1.
        trained: What is known of the training.
    """
    rows = reported[0].rows
    marks = {UNKNOWN: slices.labels[rows] < 0}
    if protocol != "given":
        marks[TWO_LABELS] = slices.conflicting[rows]
        marks[TRAINED] = np.any([trained.seen(of, slices.same_slice) for of in reported], axis=0)
    if protocol == "no-look-alikes":
        marks[_alike(slices)] = np.any([trained.seen(of, slices.strict) for of in reported], axis=0)
    left = first_reasons(marks)
    return left if protocol == "given" else without_copies(left, slices.picture[rows])


def reasons_beside(rows: _Indices, scored: _Indices, slices: Slices) -> list[str | None]:
    """Why each reported row is not among those that a protocol of the file scores, or None.

    Args:
        rows: The reported rows.
        scored: Rows that are scored.
        slices: All slices.
    """
    out = ~np.isin(rows, scored)
    return first_reasons(
        {
            UNKNOWN: out & (slices.labels[rows] < 0),
            TWO_LABELS: out & slices.conflicting[rows],
            COPY: out & np.isin(slices.picture[rows], slices.picture[scored]),
            UNNAMED: out,
        }
    )


def _alike(slices: Slices) -> str:
    if slices.likeness is None:
        return "of a patient or series that was trained on"
    alike = f"a look-alike of a training slice (above {likeness_text(slices.likeness)})"
    return f"{alike}, or of its patient or series" if slices.ids else alike
