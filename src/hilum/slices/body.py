"""Where the body is in a slice: the bounding box of the largest bright connected region."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hilum.slices.components import components

VERSION = 2  # part of every cache key that depends on the crop
_SMALLEST_SHARE = 0.05


class Box(NamedTuple):
    """A rectangle in pixels; `right` and `bottom` are exclusive."""

    left: int
    top: int
    right: int
    bottom: int


def body_box(pixels: NDArray[np.float32], longest_side: int = 256) -> Box | None:
    """Finds the body.

    Pixels above Otsu's threshold count as bright; regions are 4-connected, on a grid of bounded size.

    Args:
        pixels: Grey levels `[height, width]` in `[0, 1]`.
        longest_side: Longest side of the grid in pixels. In a picture up to this size every pixel counts, and the box
            turns with the picture.

    Returns:
        The box around the largest bright region, or None if it covers less than 5 % of the picture.
    """
    step = max(1, -(-max(pixels.shape) // longest_side))
    small = pixels[::step, ::step]
    threshold = otsu(small)
    if threshold is None:
        return None
    region = largest_region(small > threshold)
    if region.sum() < _SMALLEST_SHARE * region.size:
        return None
    height, width = pixels.shape
    rows, columns = (np.flatnonzero(region.any(axis)) * step for axis in (1, 0))
    return Box(int(columns[0]), int(rows[0]), min(width, int(columns[-1]) + step), min(height, int(rows[-1]) + step))


def otsu(pixels: NDArray[np.float32]) -> float | None:
    """The threshold that best separates dark from bright (Otsu 1979), over 256 bins; None for a flat picture."""
    # Rounded: a picture windowed from DICOM and its 8-bit export then have the same bins.
    bins = np.rint(np.clip(pixels, 0, 1) * 255).astype(np.intp)
    counts = np.bincount(bins.ravel(), minlength=256).astype(np.float64)
    levels = np.arange(256)
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * levels)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    if not np.nanmax(between, initial=0.0) > 0:
        return None
    return (float(np.nanargmax(between)) + 0.5) / 255


def largest_region(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest 4-connected region of a mask `[height, width]`, as a mask; empty if the mask is empty."""
    numbered, _ = regions(mask)
    sizes = np.bincount(numbered.ravel())
    sizes[0] = 0
    largest: NDArray[np.bool_] = mask & (numbered == sizes.argmax())
    return largest


def regions(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], int]:
    """The 4-connected regions of a mask, as `scipy.ndimage.label` numbers them; the base install has no SciPy.

    Rows are cut into runs, and runs that touch the row above are joined. The slow part of the work therefore grows
    with the number of runs and not with the number of pixels.

    Args:
        mask: A mask `[height, width]`.

    Returns:
        The number of each pixel's region `[height, width]`, from 1 in the order of appearance and 0 outside the mask,
        and the number of regions.
    """
    if not mask.any():
        return np.zeros(mask.shape, np.intp), 0
    starts = mask & ~np.pad(mask, ((0, 0), (1, 0)))[:, :-1]
    runs, count = np.cumsum(starts).reshape(mask.shape) - 1, int(np.count_nonzero(starts))
    both = mask[:-1] & mask[1:]
    both[:, 1:] &= starts[:-1, 1:] | starts[1:, 1:]  # two runs touch along one stretch: where it begins is enough
    numbers = components(count, np.stack([runs[:-1][both], runs[1:][both]], 1)) + 1
    numbered: NDArray[np.intp] = np.where(mask, numbers[runs], 0)
    return numbered, int(numbers.max())
