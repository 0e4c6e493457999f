"""The likeness of strict: the correlation above which slices are kept together as slices of one chest."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hilum.audit.duplicates import LOOK_ALIKE, Links
from hilum.audit.purity import PURE
from hilum.records.audit import LikenessBy, Purity
from hilum.records.figures import likeness_text

if TYPE_CHECKING:
    from hilum.audit.groups import Groups

LARGEST = 0.2  # share of the slices in the largest group up to which a lower likeness is taken


def choose_likeness(
    judged: Purity | None, links: Links, pinned: float | None, *, named: bool
) -> tuple[float, LikenessBy]:
    """The pinned likeness; or the default, or a lower one if the slices show that it still means one chest.

    Lower is stricter. A likeness below the default is taken if the purity is sure of it and no group of it holds more
    than a fifth of the slices. A higher one is never taken.

    Args:
        judged: How often look-alikes differ in class, or None if it cannot be told.
        links: Links of distinct pictures.
        pinned: The likeness that the user asked for, or None.
        named: Whether every slice has a given id, which goes before any likeness.

    Returns:
        The likeness, and what it was chosen by.
    """
    if named:
        return LOOK_ALIKE if pinned is None else pinned, "ids"
    if pinned is not None:
        return pinned, "pinned"
    if judged and judged.pure_above is not None:
        for one in judged.bins:
            if judged.pure_above <= one.low < LOOK_ALIKE and largest_share(links.groups(one.low)) <= LARGEST:
                return one.low, "purity"
    return LOOK_ALIKE, "default"


def largest_share(groups: NDArray[np.intp]) -> float:
    """The share of things in the largest group."""
    return float(np.bincount(groups).max() / len(groups))


def likeness_notes(groups: "Groups", *, strict: bool = True) -> list[str]:
    """Which likeness look-alikes have and why, in a sentence, and a warning if their groups are huge.

    Args:
        groups: Groups of the slices.
        strict: Whether it is said of the protocol `strict`; a judgement has none.
    """
    if groups.likeness_by == "ids":
        return []
    at, default = likeness_text(groups.likeness), likeness_text(LOOK_ALIKE)
    why = {
        "default": "hilum's default; these slices do not show that a lower one would still mean one chest",
        "purity": f"lower than hilum's {default}, since pairs down to it surely differ in class at most "
        f"{100 * PURE:.0f} % as often as random pairs",
        "pinned": f"as asked for; hilum's default is {default}",
    }[groups.likeness_by]
    whose = " without an id" if groups.ids is not None else ""
    what = f"Strict keeps slices{whose} together" if strict else f"Look-alikes are slices{whose}"
    notes = [f"{what} that correlate above {at} ({why})."]
    share = largest_share(groups.links.groups(groups.likeness))
    if share > LARGEST:
        then = "strict may be harder than it need be, or impossible" if strict else "too many slices may be left out"
        notes.append(
            f"At {at} the largest group of look-alikes holds {100 * share:.0f} % of the distinct slices, more than "
            f"one chest should: {then}. Ids would tell the chests apart (--groups)."
        )
    return notes
