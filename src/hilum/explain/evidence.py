"""Where a map's evidence lies: a map is cut to the body, and its positive part is compared with the lungs."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from hilum.audit.anatomy import anatomy, body_mask, box_around, lungs
from hilum.explain.placing import stretched
from hilum.report.words import readable
from hilum.slices.body import regions

_PART_OF_LUNG = 0.1  # share of the largest region of air on its side; the windpipe has less
_DIP = 0.15  # share of the square's side: the height of a mass from the ribs to the mediastinum
_LUNG_WORDS = ("", "the one lung that was found", "the lungs")

_Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Regions:
    """The body and the lungs in the square that a model saw.

    Attributes:
        body: Mask `[size, size]`; everything if no body was found.
        lungs: Mask `[size, size]` of the lungs, with masses in them or on the chest wall.
        found: Number of lungs: 0, 1 or 2.
    """

    body: _Mask
    lungs: _Mask
    found: int


@dataclass(frozen=True)
class Evidence:
    """A map cut to the body, and where its evidence for a class lies.

    Attributes:
        drawn: Map on the square that the model saw, `[size, size]`; 0 outside the body.
        outside_lungs: Share of the positive part that lies outside the lungs, or None if there is no positive part or
            no lung was found.
        remarks: Sentences about it, the share first.
    """

    drawn: NDArray[np.float32]
    outside_lungs: float | None
    remarks: tuple[str, ...]


def regions_of(square: NDArray[np.float32]) -> Regions:
    """Finds the body and the lungs.

    A lung is the air on one side of the body and what lies between it and the convex hull towards the ribs, because
    air alone would leave out a mass that touches the chest wall. Towards the heart it ends with the air, but for short
    gaps; most of a mass that lies along the mediastinum is outside. Small regions of air, such as the windpipe, are
    left out.

    Args:
        square: Grey levels `[size, size]` in `[0, 1]`.
    """
    seen = anatomy(square)
    body, air = body_mask(square, seen), lungs(square, seen)
    box = box_around(body)
    if box is None:
        return Regions(np.ones_like(body), np.zeros_like(body), 0)
    middle = (box.left + box.right) // 2
    sides = []
    for inwards in (1, -1):
        half = air[:, ::inwards].copy()  # a row runs from the ribs to the middle of the body
        half[:, (middle if inwards > 0 else air.shape[1] - middle) :] = False
        numbered, count = regions(half)
        if count:
            sizes = np.bincount(numbered.ravel())[1:]
            lung = np.isin(numbered, np.flatnonzero(sizes >= _PART_OF_LUNG * sizes.max()) + 1)
            ends = _without_dips(np.where(lung.any(1), lung.shape[1] - lung[:, ::-1].argmax(1), 0))
            sides.append((_hull(lung) & (np.arange(lung.shape[1]) < ends[:, None]))[:, ::inwards])
    found = np.logical_or.reduce(sides) if sides else np.zeros_like(body)
    return Regions(body, found & body, len(sides))


def evidence_of(values: NDArray[np.float32], seen: Regions, label: str) -> Evidence:
    """Cuts a map to the body and says where its evidence lies.

    Args:
        values: Map of a class, float32 `[h, w]`; negative values are evidence against the class.
        seen: Regions of the square that the map covers.
        label: Name of the class.
    """
    whole, name = stretched(values, seen.body.shape), readable(label)
    drawn = np.where(seen.body, whole, np.float32(0))
    positive = np.maximum(drawn, 0).astype(np.float64)
    total = positive.sum()
    if not total > 0:
        return Evidence(drawn, None, (f"The map has no evidence for {name} inside the body.",))
    astray = not seen.body.ravel()[whole.argmax()]
    beyond = [f"The strongest evidence for {name} lies outside the body, where it is not drawn."] if astray else []
    if not seen.found:
        unknown = f"No lungs were found, so nobody can say how much of the evidence for {name} lies outside them."
        return Evidence(drawn, None, (unknown, *beyond))
    outside, where = float(positive[~seen.lungs].sum() / total), _LUNG_WORDS[seen.found]
    remarks = [f"{100 * outside:.0f} % of the evidence for {name} lies outside {where}.", *beyond]
    if not astray and not seen.lungs.ravel()[drawn.argmax()]:
        remarks.append(f"So does the strongest evidence for {name}.")
    if drawn[seen.lungs].sum(dtype=np.float64) < 0:
        remarks.append(f"Inside {where}, the map as a whole speaks against {name}.")
    return Evidence(drawn, outside, tuple(remarks))


def _without_dips(ends: NDArray[np.intp]) -> NDArray[np.intp]:
    """Where the air of each row ends, `[rows]`, with short dips filled (a closing)."""
    width = 2 * round(_DIP * len(ends) / 2) + 1

    def slid(values: NDArray[np.intp], otherwise: int) -> NDArray[np.intp]:
        return sliding_window_view(np.pad(values, width // 2, constant_values=otherwise), width)

    closed: NDArray[np.intp] = slid(slid(ends, 0).max(1), int(ends.max())).min(1)
    return closed


def _hull(mask: _Mask) -> _Mask:
    """The convex hull of a mask that is not empty (Andrew's monotone chain, 1979)."""
    rows = np.flatnonzero(mask.any(1))
    ends = [(int(row), int(column)) for row in rows for column in np.flatnonzero(mask[row])[[0, -1]]]
    chains = []
    for points in (ends, ends[::-1]):
        chain: list[tuple[int, int]] = []
        for y, x in points:
            while len(chain) > 1 and _turns_right(chain[-2], chain[-1], (y, x)):
                chain.pop()
            chain.append((y, x))
        chains.append(chain)
    image = Image.new("1", mask.shape[::-1])
    ImageDraw.Draw(image).polygon([(x, y) for chain in chains for y, x in chain], fill=1, outline=1)
    return np.asarray(image) | mask


def _turns_right(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) <= 0
