"""Cropping and resizing in one step, the same for training and for use."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hilum.slices.body import Box, body_box

INTERPOLATIONS = frozenset(("bilinear", "bicubic", "lanczos", "nearest"))  # names of Pillow's filters


def crop_and_resize(
    pixels: NDArray[np.float32], box: Box | None, size: int, interpolation: str = "bilinear"
) -> NDArray[np.float32]:
    """Cuts a box out of a slice and stretches it to a square.

    Args:
        pixels: Grey levels `[height, width]` in `[0, 1]`.
        box: The part to keep; None keeps everything.
        size: Side of the result in pixels.
        interpolation: `bilinear`, `bicubic`, `lanczos` or `nearest`; the first three average when shrinking.

    Returns:
        Grey levels `[size, size]` in `[0, 1]`, float32, with any overshoot of the interpolation clipped.
    """
    if box is not None:  # cut first: with Pillow's own `box` argument, filters use the pixels around it
        pixels = pixels[box.top : box.bottom, box.left : box.right]
    resized = Image.fromarray(pixels).resize((size, size), Image.Resampling[interpolation.upper()])
    return np.asarray(resized).clip(0, 1)


def body_square(pixels: NDArray[np.float32], size: int, interpolation: str, crop: bool) -> NDArray[np.float32]:
    """Turns grey levels `[height, width]` into a square `[size, size]` as a network takes it.

    Args:
        pixels: Grey levels in `[0, 1]`.
        size: Side of the square in pixels.
        interpolation: Name of the interpolation, as `crop_and_resize` takes it.
        crop: Whether to crop to the body.
    """
    return crop_and_resize(pixels, body_box(pixels) if crop else None, size, interpolation)
