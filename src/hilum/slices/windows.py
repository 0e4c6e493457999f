"""Windows: which values of a scan become black, which become white, and how grey runs between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from hilum.options import check_name

Curve = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]
CURVES: tuple[Curve, ...] = get_args(Curve)


@dataclass(frozen=True)
class Window:
    """A window in the units of the rescaled values, which are Hounsfield units for CT.

    Attributes:
        centre: Value that becomes middle grey.
        width: Distance from black to white, greater than 0.
        curve: Curve of grey between black and white (DICOM's VOI LUT Function).
    """

    centre: float
    width: float
    curve: Curve = "LINEAR"


PRESETS: Mapping[str, Window] = {
    "lung": Window(-600, 1500),
    "mediastinum": Window(40, 400),
    "bone": Window(300, 1500),
}
WINDOWS = (*PRESETS, "file", "auto")


def check_window(name: str) -> None:
    """Checks the name of a window.

    Raises:
        HilumError: There is no such window.
    """
    check_name("window", name, WINDOWS)


def windowed(values: NDArray[np.float32], window: Window) -> NDArray[np.float32]:
    """Grey levels in `[0, 1]` for values of any shape (DICOM PS3.3, C.11.2.1.2 and C.11.2.1.3); NaN stays NaN."""
    centre, width = np.float32(window.centre), np.float32(window.width)
    if window.curve == "SIGMOID":
        with np.errstate(over="ignore"):
            return np.asarray(1 / (1 + np.exp(-4 * (values - centre) / width)), np.float32)
    if window.curve == "LINEAR":  # this curve counts integer values: a width of n holds n of them
        centre, width = centre - np.float32(0.5), width - 1
        if width <= 0:
            return np.where(np.isnan(values), values, values > centre).astype(np.float32)
    return np.asarray(((values - centre) / width + 0.5).clip(0, 1), np.float32)


def stretched(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values scaled from 0 for the least to 1 for the greatest, or all 0 if they are equal; NaN is ignored and kept."""
    least, greatest = np.fmin.reduce(values, None), np.fmax.reduce(values, None)
    if not greatest > least:
        return np.zeros_like(values)
    return np.asarray(((values - least) / (greatest - least)).clip(0, 1), np.float32)
