"""Reasons to doubt that a DICOM picture is an axial CT slice, from its header and from its values."""

import math
import re

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import UID, CTImageStorage, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage

from hilum.slices.dicom_elements import text_of, values_of
from hilum.slices.windows import Window

SMALLEST_AXIAL = math.cos(math.radians(45))  # share of the normal along the body; gantries tilt by up to 30 degrees
CT_CLASSES = (CTImageStorage, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage)
# How values of Image Type, Frame Type and Volume Based Calculation Technique begin, without blanks and underscores.
_KINDS = {
    "a localizer": re.compile("LOCALI[SZ]ER|SCOUT|SCANO|SURVIEW|TOPO|CTSOM[0-9]+TOP"),
    "a screen save, not a CT slice": re.compile("SCREEN(SAVE|SHOT|CAPTURE)|SNAPSHOT"),
    "a report, not a CT slice": re.compile("DOSE(INFO|REPORT|SUMMARY)|CTSOM[0-9]+PROT|PATIENTPROTOCOL"),
    "a 3D rendering, not a CT slice": re.compile("(VOLUME|SURFACE)RENDER|(VRT?|SSD)$"),
    "a curved reformat, not a CT slice": re.compile("CURVED|CPR$"),
}
_UNITS = {
    "MGML": "mg/ml",
    "PCT": "per cent",
    "Z_EFF": "effective atomic numbers",
    "ED": "electron densities",
    "EDW": "electron densities",
    "OD": "optical densities",
}
_TISSUE = (-1100, 4000)  # Hounsfield units, from air with its noise to metal on the common scale
_LEAST_TISSUE = 0.1  # share of the pixels
_MOST_BEYOND = 0.1  # share of the pixels that may lie above metal
_SOLID, _LEAST_SOLID = -300, 0.01  # the chest wall is solid, and so are vessels in the lungs
_BELOW_WATER, _LEAST_BELOW = -20, 0.01  # fat and air lie below water, and every slice has some
_MOST_MISSED, _MOST_WIDTHS = 0.25, 5  # share of a window below the values; spread of the values in window widths
_FAULTS = 20  # number of pixels that may be hot or dead


def header_doubt(
    dataset: Dataset,
    frame_type: Dataset,
    rescaling: Dataset,
    sop_class: str | None,
    modality: str | None,
    normal: tuple[float, ...] | None,
) -> str | None:
    """Why a frame may not be an axial CT slice by its header, or None.

    Args:
        dataset: The header.
        frame_type: Part of the header that holds the frame's own type.
        rescaling: Part of the header that holds the unit of the frame's values.
        sop_class: SOP class of the file.
        modality: DICOM code of the modality, or None if it is not a known one.
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
    values = {re.sub("[ _]", "", str(value).upper()) for where, name in elements for value in values_of(where, name)}
    kind = next((doubt for doubt, kind in _KINDS.items() if any(map(kind.match, values))), None)
    if kind is not None:
        return kind
    named = UID(sop_class or "")
    if named not in CT_CLASSES and named.type == "SOP Class":  # one of the standard; vendors have their own
        name = "a secondary capture" if "Secondary Capture" in named.name else f"of the class {named.name}"
        return f"{name.removesuffix(' Storage')}, not a CT slice"
    if not str(dataset.get("PhotometricInterpretation")).startswith("MONOCHROME"):
        return "in colour, not a CT slice"
    unit = _UNITS.get((text_of(rescaling, "RescaleType") or "").upper())
    if unit is not None:
        return f"values in {unit}, not in Hounsfield units"
    return "not axial" if normal is not None and abs(normal[2]) < SMALLEST_AXIAL else None


def unit_doubt(values: NDArray[np.float32], intercept: float, own: Window | None) -> str | None:
    """Why values cannot be Hounsfield units, or None if they can.

    In a slice some values lie between air and metal, few lie above metal, and some lie above air. Without an intercept
    that puts zero at water, some also lie below water. A few outlying pixels do not matter, and neither does a wide
    margin that has one value below all others.

    Args:
        values: Values of a frame; NaN where a pixel has none.
        intercept: Number that the header adds to the stored values.
        own: The file's own window, if the frame is shown through it. A window whose centre lies well among the values
            shows them correctly in any unit.
    """
    known = values[np.isfinite(values)]
    if not known.size or known.min() == known.max():  # the audit finds blank slices
        return None
    if own is not None and _fits(own, known):
        return None
    inside = known[known > known.min()]
    tissue = (inside >= _TISSUE[0]) & (inside <= _TISSUE[1])
    if (
        tissue.mean() >= _LEAST_TISSUE
        and (tissue & (inside > _SOLID)).mean() >= _LEAST_SOLID
        and (inside > _TISSUE[1]).mean() <= _MOST_BEYOND
        and (intercept < 0 or (known < _BELOW_WATER).mean() >= _LEAST_BELOW)
    ):
        return None
    return f"values from {known.min():,.0f} to {known.max():,.0f} are not Hounsfield units"


def _fits(window: Window, values: NDArray[np.float32]) -> bool:
    """Whether a window was made for values: it lies in their midst, hardly below them, and is not too narrow for them.

    A window made for Hounsfield units reaches far below values to which no intercept is added.
    """
    sides = (values < window.centre, values > window.centre)
    low, high = np.percentile(values, (5, 95))
    return bool(
        min(map(np.count_nonzero, sides)) > _FAULTS
        and low - (window.centre - window.width / 2) <= _MOST_MISSED * window.width
        and high - low <= _MOST_WIDTHS * window.width
    )
