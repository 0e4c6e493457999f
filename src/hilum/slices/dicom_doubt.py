"""Why a DICOM picture may not be an axial CT slice: what its header says, and what its values say."""

import math
import re

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import UID, CTImageStorage, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage

from hilum.slices.dicom_elements import text_of, values_of
from hilum.slices.windows import Window

SMALLEST_AXIAL = math.cos(math.radians(45))  # of the normal's share along the body; gantries tilt by up to 30 degrees
CT_CLASSES = (CTImageStorage, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage)
# Beginnings of values of Image Type, of Frame Type and of how a volume was drawn, without blanks and underscores.
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
_LEAST_TISSUE = 0.1  # of the pixels
_MOST_BEYOND = 0.1  # of the pixels, above metal
_SOLID, _LEAST_SOLID = -300, 0.01  # the wall of the chest is, and vessels in the lungs
_BELOW_WATER, _LEAST_BELOW = -20, 0.01  # fat and air are, of which every slice has some
_MOST_MISSED, _MOST_WIDTHS = 0.25, 5  # of a window: its part below the values, and its widths that they take
_FAULTS = 20  # pixels that may be hot or dead


def header_doubt(
    dataset: Dataset,
    frame_type: Dataset,
    rescaling: Dataset,
    sop_class: str | None,
    modality: str | None,
    normal: tuple[float, ...] | None,
) -> str | None:
    """What speaks against an axial CT slice in a frame's header, or None.

    Args:
        dataset: The header.
        frame_type: Where the frame's own type stands.
        rescaling: Where the unit of the frame's values stands.
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
    values = {re.sub("[ _]", "", str(value).upper()) for where, name in elements for value in values_of(where, name)}
    kind = next((doubt for doubt, kind in _KINDS.items() if any(map(kind.match, values))), None)
    if kind is not None:
        return kind
    named = UID(sop_class or "")
    if named not in CT_CLASSES and named.type == "SOP Class":  # of the standard; makers have their own
        name = "a secondary capture" if "Secondary Capture" in named.name else f"of the class {named.name}"
        return f"{name.removesuffix(' Storage')}, not a CT slice"
    if not str(dataset.get("PhotometricInterpretation")).startswith("MONOCHROME"):
        return "in colour, not a CT slice"
    unit = _UNITS.get((text_of(rescaling, "RescaleType") or "").upper())
    if unit is not None:
        return f"values in {unit}, not in Hounsfield units"
    return "not axial" if normal is not None and abs(normal[2]) < SMALLEST_AXIAL else None


def unit_doubt(values: NDArray[np.float32], intercept: float, own: Window | None) -> str | None:
    """Why values cannot be Hounsfield units, or None where they can.

    Some of a slice lies between air and metal, little above metal, some is no air, and without an intercept that puts
    zero at water, some lies below it. Neither a few pixels beyond nor a wide margin of one value below everything else
    changes that.

    Args:
        values: Values of a frame, NaN where there is none.
        intercept: Number that the header adds to the stored values.
        own: The file's own window, if they are shown through it. One whose centre lies well among the values shows
            them correctly, whatever their unit.
    """
    known = values[np.isfinite(values)]
    if not known.size or known.min() == known.max():  # blank, which is seen elsewhere
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
    return f"values from {known.min():,.0f} to {known.max():,.0f} are no Hounsfield units"


def _fits(window: Window, values: NDArray[np.float32]) -> bool:
    """Whether a window was made for values: it lies in their midst, hardly below them, and is not narrow beside them.

    One that was made for Hounsfield units reaches far below values to which no intercept is added.
    """
    sides = (values < window.centre, values > window.centre)
    low, high = np.percentile(values, (5, 95))
    return bool(
        min(map(np.count_nonzero, sides)) > _FAULTS
        and low - (window.centre - window.width / 2) <= _MOST_MISSED * window.width
        and high - low <= _MOST_WIDTHS * window.width
    )
