"""Slices whose lungs are painted over: what a model can tell from everything else."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hilum.audit.picture_checks import Look
from hilum.backbones.facts import Backbone
from hilum.backbones.weights import Weights
from hilum.features.extract import extract
from hilum.options import FeatureOptions
from hilum.progress import Tracker, silent
from hilum.slices.body import Box
from hilum.slices.pixels import squares_of
from hilum.slices.table import SliceTable


def blanked_features(
    table: SliceTable,
    looks: Sequence[Look],
    backbone: Backbone,
    weights: Weights,
    options: FeatureOptions,
    track: Tracker = silent,
    view: str | None = None,
) -> NDArray[np.float32]:
    """Features `[rows, width]` of slices with their lungs blanked; in all else those of `hilum.features.extract`.

    Args:
        table: Table from `read_table`.
        looks: Result of the picture checks of each row.
        backbone: The backbone.
        weights: Weights of the backbone.
        options: Options of feature extraction.
        track: Reports progress.
        view: Name of the view of each slice, or None.

    Raises:
        HilumError: The weights do not fit, a file changed since the table was read, or the cache cannot be written.
    """
    return extract(table, backbone, weights, options, track, painted=_boxes(table, looks), view=view).values


def blanked_squares(
    table: SliceTable, looks: Sequence[Look], size: int, crop: bool, track: Tracker = silent
) -> NDArray[np.float32]:
    """Slices with their lungs blanked, `[rows, size, size]`; in all else those of `hilum.slices.pixels.squares_of`.

    Args:
        table: Table from `read_table`.
        looks: Result of the picture checks of each row.
        size: Side of the squares in pixels.
        crop: Whether slices are cropped to the body.
        track: Reports progress.

    Raises:
        HilumError: A file can no longer be read, or has changed since the table was read.
    """
    return squares_of(table, size, crop, "small CNN, blanking slices", track, painted=_boxes(table, looks))


def box_over_lungs(width: int, height: int, body: Box | None, lungs: Box | None) -> Box:
    """The box around both lungs, in which their content, their outline and what lies between them disappear.

    Where no lungs are found, it is the middle 60 % of the body's box.

    Args:
        width: Width of the picture in pixels.
        height: Height of the picture in pixels.
        body: Box around the body, if one was found.
        lungs: Box around the lungs, if any were found.
    """
    whole = body or Box(0, 0, width, height)
    if lungs is None:
        across, down = (whole.right - whole.left) // 5, (whole.bottom - whole.top) // 5
        return Box(whole.left + across, whole.top + down, whole.right - across, whole.bottom - down)
    # Where one lung was missed, the mirror image of the other's box covers it.
    sides = (lungs.left, lungs.right)
    both = (*sides, *(whole.left + whole.right - side for side in sides))
    return Box(max(0, min(both)), lungs.top, min(width, max(both)), lungs.bottom)


def _boxes(table: SliceTable, looks: Sequence[Look]) -> list[Box]:
    return [
        box_over_lungs(row.facts.width, row.facts.height, row.facts.body, look.lungs)
        for row, look in zip(table.rows, looks, strict=True)
    ]
