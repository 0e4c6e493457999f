"""Placing a map over its slice, from the square that the model saw back to the pixels."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hilum.slices.body import Box, body_box

# Colours for and against a class. Colour-blind readers can tell orange from blue, and both stand out on dark lungs.
FOR, AGAINST = (240, 140, 0), (60, 160, 235)


def seen_box(pixels: NDArray[np.float32], crop: bool) -> Box:
    """The part of a slice `[height, width]` that a model sees: the body if it is cropped, otherwise everything."""
    height, width = pixels.shape
    return (body_box(pixels) if crop else None) or Box(0, 0, width, height)


def stretched(values: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A map `[h, w]` stretched to a height and width, interpolated linearly, float32."""
    image = Image.fromarray(values.astype(np.float32)).resize((shape[1], shape[0]), Image.Resampling.BILINEAR)
    return np.asarray(image)


def placed(values: NDArray[np.float32], box: Box, shape: tuple[int, int]) -> NDArray[np.float32]:
    """A map `[h, w]` over its slice, interpolated linearly inside a box and 0 outside.

    Args:
        values: Map to place.
        box: Part of the slice that the map covers.
        shape: Height and width of the slice in pixels.

    Returns:
        Map of `shape`, float32.
    """
    over = np.zeros(shape, np.float32)
    over[box.top : box.bottom, box.left : box.right] = stretched(values, (box.bottom - box.top, box.right - box.left))
    return over
