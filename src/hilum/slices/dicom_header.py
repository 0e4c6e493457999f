"""What hilum takes from a DICOM header, frame by frame; nothing else of a header leaves these functions."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import (
    CTImageStorage,
    EnhancedCTImageStorage,
    LegacyConvertedEnhancedCTImageStorage,
    SecondaryCaptureImageStorage,
)

from hilum.slices.windows import CURVES, Window

SMALLEST_AXIAL = math.cos(math.radians(45))  # of the normal's share along the body; gantries tilt by up to 30 degrees
_CT_CLASSES = (CTImageStorage, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage)
# Only these are ever shown: whatever else stands in the field might be a name.
_MODALITIES = {
    "CT", "MR", "PT", "NM", "US", "IVUS", "CR", "DX", "DR", "MG", "XA", "RF", "XC", "OT", "SC", "ES", "GM",
    "SM", "OP", "OPT", "OCT", "IO", "PX", "BMD", "SEG", "REG", "PR", "KO", "SR", "DOC", "RTIMAGE", "RTDOSE",
    "RTPLAN", "RTSTRUCT", "RTRECORD", "ECG", "EEG",
}  # fmt: skip
_OVERVIEWS = {"LOCALIZER", "SCOUT", "TOPOGRAM", "SCANOGRAM"}


@dataclass(frozen=True)
class Header:
    """Facts of one frame.

    Attributes:
        modality: DICOM's code, or None where it is none that is known.
        doubt: Why it is no axial CT slice, or None.
        hounsfield: Whether its rescaled values are Hounsfield units.
        slope, intercept: From stored to rescaled values.
        window: The first that the file names, or None.
        spacing: Between rows and between columns in mm, or None.
        position: Along the slice's normal in mm, or None.
    """

    modality: str | None
    doubt: str | None
    hounsfield: bool
    slope: float
    intercept: float
    window: Window | None
    spacing: tuple[float, float] | None
    position: float | None


def header_of(dataset: Dataset, frame: int) -> Header:
    """The facts of a frame, counted from 0.

    A functional group of the frame goes before one that all frames share, and that before the top of the header.
    """
    modality = _modality(dataset)
    values = _group(dataset, frame, "PixelValueTransformationSequence")
    slope, intercept = _number(values, "RescaleSlope"), _number(values, "RescaleIntercept")
    rescaled = slope is not None or intercept is not None
    normal = _normal(_group(dataset, frame, "PlaneOrientationSequence"))
    origin = _numbers(_group(dataset, frame, "PlanePositionSequence"), "ImagePositionPatient", 3)
    spacing = _numbers(_group(dataset, frame, "PixelMeasuresSequence"), "PixelSpacing", 2)
    return Header(
        modality=modality,
        doubt=_doubt(dataset, frame, modality, normal),
        hounsfield=modality == "CT" and (rescaled or dataset.get("SOPClassUID") in _CT_CLASSES),
        slope=1.0 if slope is None else slope,
        intercept=0.0 if intercept is None else intercept,
        window=_window(_group(dataset, frame, "FrameVOILUTSequence")),
        spacing=None if spacing is None else (spacing[0], spacing[1]),
        position=None if normal is None or origin is None else float(np.dot(normal, origin)),
    )


def text_of(dataset: Dataset, keyword: str) -> str | None:
    """A value as text without the blanks around it, or None where there is none."""
    value = dataset.get(keyword)
    return str(value).strip(" \0") or None if value is not None else None


def _modality(dataset: Dataset) -> str | None:
    modality = text_of(dataset, "Modality")
    if modality is None and dataset.get("SOPClassUID") in _CT_CLASSES:
        return "CT"
    return modality if modality in _MODALITIES else None


def _doubt(dataset: Dataset, frame: int, modality: str | None, normal: tuple[float, ...] | None) -> str | None:
    if modality is None:
        return "not known to be CT"
    if modality != "CT":
        return f"not CT but {modality}"
    kinds = {
        str(kind).strip().upper()
        for source, keyword in (
            (dataset, "ImageType"),
            (_group(dataset, frame, "CTImageFrameTypeSequence"), "FrameType"),
        )
        for kind in _listed(source.get(keyword))
    }
    if kinds & _OVERVIEWS:
        return "a localizer"
    if dataset.get("SOPClassUID") == SecondaryCaptureImageStorage:
        return "a secondary capture, not a CT slice"
    if normal is not None and abs(normal[2]) < SMALLEST_AXIAL:
        return "not axial"
    return None


def _group(dataset: Dataset, frame: int, name: str) -> Dataset:
    """Where a frame's values of a kind stand: its functional group, the shared one, or the top of the header."""
    each = dataset.get("PerFrameFunctionalGroupsSequence") or []
    shared = dataset.get("SharedFunctionalGroupsSequence") or []
    found = next((groups[name].value for groups in (*each[frame : frame + 1], *shared[:1]) if groups.get(name)), None)
    values: Dataset = found[0] if found else dataset
    return values


def _normal(orientation: Dataset) -> tuple[float, ...] | None:
    """The unit vector across a slice, or None where the header gives no sound directions of rows and columns."""
    directions = _numbers(orientation, "ImageOrientationPatient", 6)
    if directions is None:
        return None
    normal = np.cross(directions[:3], directions[3:])
    length = float(np.linalg.norm(normal))
    return tuple((normal / length).tolist()) if length > 1e-3 else None


def _window(source: Dataset) -> Window | None:
    centre, width = _number(source, "WindowCenter"), _number(source, "WindowWidth")
    if centre is None or width is None or width <= 0:
        return None
    named = (text_of(source, "VOILUTFunction") or "").upper()
    return Window(centre, width, next((curve for curve in CURVES if curve == named), "LINEAR"))


def _number(source: Dataset, keyword: str) -> float | None:
    """The first value, or None where there is none; a value that is no finite number is an error."""
    values = _listed(source.get(keyword))
    return _finite(values[0]) if values else None


def _numbers(source: Dataset, keyword: str, count: int) -> list[float] | None:
    values = _listed(source.get(keyword))
    return [_finite(value) for value in values] if len(values) == count else None


def _finite(value: Any) -> float:  # noqa: ANN401
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _listed(value: Any) -> list[Any]:  # noqa: ANN401
    if value is None or value == "":
        return []
    return [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)
