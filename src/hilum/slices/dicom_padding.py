"""Padding in DICOM pixels: stored values that are not measurements, such as those around a round field of view."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from hilum.slices.dicom_elements import number_of

_AMONG = 0.01  # share of pixels on either side above which a padding value counts as lying among those of tissue


def padding(kind: str, dataset: Dataset, stored: NDArray[Any], decoded: NDArray[Any]) -> NDArray[np.bool_]:
    """Finds the pixels of a frame that are padding, `[height, width]`.

    If the padding value lies among the values of tissue, single pixels that happen to have it are not padding.

    Args:
        kind: Prefix of the elements' names: `Pixel`, `FloatPixel` or `DoubleFloatPixel`.
        dataset: The header.
        stored: The frame's stored values, `[height, width]`.
        decoded: The stored values together with the unused bits around them, which padding may set.
    """
    given = [number_of(dataset, f"{kind}{name}") for name in ("PaddingValue", "PaddingRangeLimit")]
    if given[0] is None:
        return np.zeros(stored.shape, np.bool_)
    ends = [_as_stored(end, stored.dtype) for end in given if end is not None]
    low, high = min(ends), max(ends)
    found: NDArray[np.bool_] = ((stored >= low) & (stored <= high)) | ((decoded >= low) & (decoded <= high))
    others = stored[~found]
    if others.size and min((others < low).mean(), (others > high).mean()) >= _AMONG:
        return _areas(found)
    return found


def _as_stored(end: float, stored: np.dtype[Any]) -> float:
    """A padding value with the sign that stored values have; headers give it signed or unsigned."""
    span = 2.0 ** (8 * stored.itemsize)
    if stored.kind == "i" and span / 2 <= end < span:
        return end - span
    if stored.kind == "u" and -span / 2 <= end < 0:
        return end + span
    return end


def _areas(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The part of a mask that lies in or beside a full square of 3 x 3; outside the picture the mask counts as set."""
    squares = sliding_window_view(np.pad(mask, 2, constant_values=True), (3, 3)).all((2, 3))
    beside = sliding_window_view(np.pad(squares, 1), (5, 5)).any((2, 3))
    return np.logical_and(mask, beside)
