"""From the stored values of a DICOM frame to grey levels, through the modality's rescaling and a window."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut

from hilum.slices.dicom_doubt import unit_doubt
from hilum.slices.dicom_header import Header, rescale_of
from hilum.slices.read import UnreadableSlice
from hilum.slices.windows import PRESETS, Window, stretched, windowed

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R 601-2, as Pillow does for PNG


@dataclass(frozen=True)
class Shown:
    """A frame as it is shown.

    Attributes:
        pixels: Grey levels, float32 `[height, width]` in `[0, 1]`; 0 in padding.
        coloured: Whether any pixel's colour channels differ.
        window: Window that the frame is shown through, or None if the whole range is shown.
        values: Values in Hounsfield or stored units, float32 `[height, width]`; NaN in padding. None for colours.
        doubt: Why the values are not Hounsfield units, or None.
    """

    pixels: NDArray[np.float32]
    coloured: bool = False
    window: Window | None = None
    values: NDArray[np.float32] | None = None
    doubt: str | None = None


def grey_of(
    stored: NDArray[Any], padding: NDArray[np.bool_], dataset: Dataset, number: int, header: Header, window: str
) -> Shown:
    """Shows a greyscale frame.

    Args:
        stored: Stored values, `[height, width]`.
        padding: Mask of the pixels without a value, `[height, width]`.
        dataset: The file's header.
        number: Frame number, counted from 0.
        header: Facts of the frame.
        window: One of `hilum.slices.windows.WINDOWS`.

    Raises:
        UnreadableSlice: The frame lacks the window that was asked for, or a number that its values depend on.
    """
    if dataset.get("ModalityLUTSequence"):
        stored, (slope, intercept) = apply_modality_lut(stored, dataset), (1.0, 0.0)
    else:
        slope, intercept = rescale_of(dataset, number)
    values = stored.astype(np.float32) * np.float32(slope) + np.float32(intercept)
    values[padding | ~np.isfinite(values)] = np.nan
    height, width = values.shape  # raises an error if pixels have several samples
    own = header.window if window not in PRESETS else None
    shown = PRESETS.get(window) or own
    if shown is None and window == "file":
        raise UnreadableSlice("it names no window of its own; choose one, such as lung")
    if shown is None and header.hounsfield:
        shown = PRESETS["lung"]
    grey = stretched(values) if shown is None else windowed(values, shown)
    grey = 1 - grey if dataset.PhotometricInterpretation == "MONOCHROME1" else grey
    hounsfield = header.modality == "CT" and shown is not None
    return Shown(
        np.nan_to_num(grey, copy=False).reshape(height, width),
        window=shown,
        values=values,
        doubt=unit_doubt(values, intercept, own) if hounsfield else None,
    )


def grey_of_colours(stored: NDArray[Any], dataset: Dataset, bits: int) -> Shown:
    """Shows a colour frame: `[height, width, 3]`, or `[height, width]` with a palette, with `bits` per sample."""
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        stored = apply_color_lut(stored, dataset)
        bits = 8 * stored.itemsize
    coloured = not (stored == stored[..., :1]).all()
    return Shown((stored[..., :3].astype(np.float32) @ _LUMA / np.float32(2**bits - 1)).clip(0, 1), coloured)
