"""What hilum takes from a DICOM header, frame by frame. Nothing else in a header leaves these functions."""

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from hilum.slices.dicom_doubt import CT_CLASSES, header_doubt
from hilum.slices.dicom_elements import as_number, needed_number, numbers_of, text_of, values_of
from hilum.slices.read import UnreadableSlice
from hilum.slices.windows import CURVES, Curve, Window

_RESCALING = "PixelValueTransformationSequence"
# Only these codes are ever shown: any other text in the field might be a name.
_MODALITIES = {
    "CT", "MR", "PT", "NM", "US", "IVUS", "CR", "DX", "DR", "MG", "XA", "RF", "XC", "OT", "SC", "ES", "GM",
    "SM", "OP", "OPT", "OCT", "IO", "PX", "BMD", "SEG", "REG", "PR", "KO", "SR", "DOC", "RTIMAGE", "RTDOSE",
    "RTPLAN", "RTSTRUCT", "RTRECORD", "ECG", "EEG",
}  # fmt: skip


@dataclass(frozen=True)
class Header:
    """Facts of one frame.

    Attributes:
        modality: DICOM code of the modality, or None if it is not a known one.
        doubt: Why the frame may not be an axial CT slice, or None.
        hounsfield: Whether the rescaled values are Hounsfield units.
        window: First valid window that the file names, or None.
        spacing: Spacing between rows and between columns in mm, or None.
        position: Position along the slice's normal in mm, or None.
    """

    modality: str | None
    doubt: str | None
    hounsfield: bool
    window: Window | None
    spacing: tuple[float, float] | None
    position: float | None


def header_of(dataset: Dataset, frame: int) -> Header:
    """The facts of a frame, counted from 0.

    A functional group of the frame takes precedence over one shared by all frames, and both over the top of the header.
    """
    sop_class = text_of(dataset, "SOPClassUID") or text_of(dataset.file_meta, "MediaStorageSOPClassUID")
    modality = _modality(dataset, sop_class)
    rescaling = _group(dataset, frame, _RESCALING)
    rescaled = any(values_of(rescaling, keyword) for keyword in ("RescaleSlope", "RescaleIntercept"))
    normal = _normal(_group(dataset, frame, "PlaneOrientationSequence"))
    origin = numbers_of(_group(dataset, frame, "PlanePositionSequence"), "ImagePositionPatient", 3)
    spacing = numbers_of(_group(dataset, frame, "PixelMeasuresSequence"), "PixelSpacing", 2)
    frame_type = _group(dataset, frame, "CTImageFrameTypeSequence")
    return Header(
        modality=modality,
        doubt=header_doubt(dataset, frame_type, rescaling, sop_class, modality, normal),
        hounsfield=modality == "CT" and (rescaled or sop_class in CT_CLASSES),
        window=_window(_group(dataset, frame, "FrameVOILUTSequence")),
        spacing=None if spacing is None else (spacing[0], spacing[1]),
        position=None if normal is None or origin is None else float(np.dot(normal, origin)),
    )


def rescale_of(dataset: Dataset, frame: int) -> tuple[float, float]:
    """Slope and intercept that turn a frame's stored values into rescaled ones.

    Raises:
        UnreadableSlice: One of them is not a number, or the slope is 0.
    """
    source = _group(dataset, frame, _RESCALING)
    slope, intercept = needed_number(source, "RescaleSlope"), needed_number(source, "RescaleIntercept")
    if slope == 0:
        raise UnreadableSlice("RescaleSlope in its DICOM header is 0, which makes all values equal")
    return 1.0 if slope is None else slope, intercept or 0.0


def _modality(dataset: Dataset, sop_class: str | None) -> str | None:
    modality = (text_of(dataset, "Modality") or "").upper()
    if not modality and sop_class in CT_CLASSES:
        return "CT"
    return modality if modality in _MODALITIES else None


def _group(dataset: Dataset, frame: int, name: str) -> Dataset:
    """The part of the header that holds some values of a frame: its own group, the shared one, or the top."""
    each = dataset.get("PerFrameFunctionalGroupsSequence") or []
    shared = dataset.get("SharedFunctionalGroupsSequence") or []
    found = next((groups[name].value for groups in (*each[frame : frame + 1], *shared[:1]) if groups.get(name)), None)
    values: Dataset = found[0] if found else dataset
    return values


def _normal(orientation: Dataset) -> tuple[float, ...] | None:
    """The unit vector across a slice, or None if the header gives no valid directions of rows and columns."""
    directions = numbers_of(orientation, "ImageOrientationPatient", 6)
    if directions is None:
        return None
    normal = np.cross(directions[:3], directions[3:])
    length = float(np.linalg.norm(normal))
    return tuple((normal / length).tolist()) if length > 1e-3 else None


def _window(source: Dataset) -> Window | None:
    named = (text_of(source, "VOILUTFunction") or "").upper()
    curve: Curve = next((curve for curve in CURVES if curve == named), "LINEAR")
    for pair in zip(values_of(source, "WindowCenter"), values_of(source, "WindowWidth"), strict=False):
        centre, width = map(as_number, pair)
        if centre is not None and width is not None and width > 0:
            return Window(centre, width, curve)
    return None
