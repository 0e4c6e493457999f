"""Why a DICOM picture may not be an axial CT slice: what its header says, and what its values say."""

import math

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import (
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameSingleBitSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
)

from hilum.slices.dicom_elements import values_of
from hilum.slices.windows import Window

SMALLEST_AXIAL = math.cos(math.radians(45))  # of the normal's share along the body; gantries tilt by up to 30 degrees
_CAPTURES = (
    SecondaryCaptureImageStorage,
    MultiFrameSingleBitSecondaryCaptureImageStorage,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
)
# Values of Image Type and Frame Type, and of the technique that a volume was drawn with; spelt with and without spaces.
_KINDS = {
    "a localizer": {"LOCALIZER", "SCOUT", "TOPOGRAM", "SCANOGRAM"},
    "a screen save, not a CT slice": {"SCREENSAVE", "SCREENSHOT", "SCREENCAPTURE"},
    "a 3D rendering, not a CT slice": {"VOLUMERENDER", "VOLUMERENDERING", "VOLUMERENDERED", "SURFACERENDER", "VRT"},
}
_TISSUE = (-1100, 4000)  # Hounsfield units, from air with its noise to metal on the common scale
_LEAST_TISSUE = 0.1  # of the pixels
_BELOW_WATER, _LEAST_BELOW = -20, 0.01  # fat and air are, of which every slice has some
_FAULTS = 20  # pixels that may be hot or dead


def header_doubt(
    dataset: Dataset, frame_type: Dataset, sop_class: str | None, modality: str | None, normal: tuple[float, ...] | None
) -> str | None:
    """What speaks against an axial CT slice in a frame's header, or None.

    Args:
        dataset: The header.
        frame_type: Where the frame's own type stands.
        sop_class: The class of the file.
        modality: DICOM's code, or None if it is not a known one.
        normal: Unit vector across the slice, or None.
    """
    if modality != "CT":
        return "not known to be CT" if modality is None else f"not CT but {modality}"
    elements = (
        (dataset, "ImageType"),
        (frame_type, "FrameType"),
        (dataset, "VolumeBasedCalculationTechnique"),
        (frame_type, "VolumeBasedCalculationTechnique"),
    )
    found = {
        "".join(filter(str.isalpha, str(value).upper())) for where, name in elements for value in values_of(where, name)
    }
    kind = next((doubt for doubt, kinds in _KINDS.items() if found & kinds), None)
    if kind is not None:
        return kind
    if sop_class in _CAPTURES:
        return "a secondary capture, not a CT slice"
    if not str(dataset.get("PhotometricInterpretation")).startswith("MONOCHROME"):
        return "in colour, not a CT slice"
    return "not axial" if normal is not None and abs(normal[2]) < SMALLEST_AXIAL else None


def unit_doubt(values: NDArray[np.float32], intercept: float, own: Window | None) -> str | None:
    """Why values cannot be Hounsfield units, or None where they can.

    Some of a slice lies between air and metal, and without an intercept that puts zero at water, some lies below it.
    Neither a few pixels beyond nor a wide margin of one value below everything else changes that.

    Args:
        values: Values of a frame, NaN where there is none.
        intercept: Number that the header adds to the stored values.
        own: The file's own window, if they are shown through it. One whose centre lies well among the values shows
            them correctly, whatever their unit.
    """
    known = values[np.isfinite(values)]
    if not known.size or known.min() == known.max():  # blank, which is seen elsewhere
        return None
    sides = (known < own.centre, known > own.centre) if own is not None else ()
    if sides and min(map(np.count_nonzero, sides)) > _FAULTS:
        return None
    inside = known[known > known.min()]
    tissue = ((inside >= _TISSUE[0]) & (inside <= _TISSUE[1])).mean()
    if tissue >= _LEAST_TISSUE and (intercept < 0 or (known < _BELOW_WATER).mean() >= _LEAST_BELOW):
        return None
    return f"values from {known.min():,.0f} to {known.max():,.0f} are no Hounsfield units"
