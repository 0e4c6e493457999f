"""Features of slices whose lungs are painted over: what a frozen backbone can tell from everything else."""

import hashlib
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from hilum.audit.picture_checks import Look
from hilum.backbones.engine import engine_name
from hilum.backbones.weights import NoWeights, obtain_weights
from hilum.backbones.zoo import backbone
from hilum.features.extract import recipe_of, run_backbone
from hilum.progress import Tracker, silent
from hilum.slices.body import Box
from hilum.slices.pixels import pixels_of
from hilum.slices.resize import crop_and_resize
from hilum.slices.table import SliceRow, SliceTable

_VERSION = 4  # version of the blanked pictures; hilum.audit.audit has that of the floors
BACKBONE = "efficientnet_lite0"  # its weights come with a package, so every machine has this floor


def blanked_features(
    table: SliceTable, looks: Sequence[Look], track: Tracker = silent
) -> tuple[NDArray[np.float32] | None, list[str]]:
    """Features `[rows, width]` of every slice with its lungs blanked; without weights None and a sentence why."""
    network = backbone(BACKBONE)
    try:
        weights = obtain_weights(network, None, track)
    except NoWeights as error:
        return None, [f"The floor of blanked lungs is left out: {error}"]
    recipe = recipe_of(network, weights, f"{network.tag} lungs blanked {_VERSION}", engine_name("auto"))
    keys = [hashlib.sha256(row.facts.pixels.encode()).digest() for row in table.rows]
    square = partial(_blanked, table, network.size)
    pictures = list(zip(table.rows, looks, strict=True))
    found, _ = run_backbone(network, weights, recipe, keys, pictures, square, "floor: lungs blanked", track)
    return np.stack([entry.features for entry in found]), []


def blank(pixels: NDArray[np.float32], body: Box | None, lungs: Box | None) -> NDArray[np.float32]:
    """Paints over a box around both lungs: their content, their outline and what lies between them disappear.

    Where no lungs are found, the middle 60 % of the body's box is painted over. The paint is the picture's mean grey.

    Args:
        pixels: Grey levels `[height, width]` in `[0, 1]`.
        body: Box around the body, if one was found.
        lungs: Box around the lungs, if any were found.
    """
    whole = body or Box(0, 0, pixels.shape[1], pixels.shape[0])
    if lungs:
        # Where one lung was missed, the mirror image of the other's box covers it.
        sides = (lungs.left, lungs.right)
        both = (*sides, *(whole.left + whole.right - side for side in sides))
        box = Box(max(0, min(both)), lungs.top, min(pixels.shape[1], max(both)), lungs.bottom)
    else:
        width, height = whole.right - whole.left, whole.bottom - whole.top
        box = Box(
            whole.left + width // 5, whole.top + height // 5, whole.right - width // 5, whole.bottom - height // 5
        )
    painted = pixels.copy()
    painted[box.top : box.bottom, box.left : box.right] = pixels.mean()
    return painted


def _blanked(table: SliceTable, size: int, picture: tuple[SliceRow, Look]) -> NDArray[np.float32]:
    row, look = picture
    return crop_and_resize(blank(pixels_of(table, row), row.facts.body, look.lungs), row.facts.body, size, "bicubic")
