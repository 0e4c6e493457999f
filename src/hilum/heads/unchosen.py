"""What is said of heads whose strengths no folds could choose."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hilum.heads.choice import in_largest
from hilum.records.heads import ChosenScorer
from hilum.scoring.protocols import Slices, in_fewer_groups


def unchosen_note(slices: Slices, rows: NDArray[np.intp], where: str, taken: Sequence[ChosenScorer]) -> str:
    """Why the groups of slices allowed no choice of a head's strength, what was taken, and what to do.

    Args:
        slices: All slices.
        rows: Those to choose on.
        where: Name of these.
        taken: The scorers of the head.
    """
    groups = slices.strict[rows]
    count = in_largest(groups)
    kind = "group of look-alikes" if slices.likeness is not None else "group of slices with one id"
    if count > len(rows) / 2:
        why = f"In {where}, {count:,} of the {len(rows):,} slices lie in one {kind}"
    else:
        few = slices.named(in_fewer_groups(slices, rows, slices.strict, 2)) or "a class"
        why = f"In {where}, the slices of {few} lie in fewer than two groups"
    strengths = " and ".join(dict.fromkeys(f"{one.strength:g}" for one in taken))
    return f"{why}, so no folds could choose the strength of the heads, which is {strengths}. {more_groups(slices)}"


def more_groups(slices: Slices) -> str:
    """A sentence on how to have more groups."""
    if slices.likeness is None:
        return "Add slices of other patients."
    return "Add slices of other patients, or name the patients with --groups (groups= in Python)."
