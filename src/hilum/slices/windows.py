"""Windows: which stored values of a scan become black, which white, and how the grey runs between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError

Curve = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]
CURVES: tuple[Curve, ...] = get_args(Curve)


@dataclass(frozen=True)
class Window:
    """A window in the units of the rescaled values, Hounsfield units for CT.

    Attributes:
        centre: The value that becomes middle grey.
        width: From black to white, over 0.
        curve: How grey runs in between (DICOM's VOI LUT Function).
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
    """Sees that a window is known.

    Raises:
        HilumError: It is not.
    """
    if name not in WINDOWS:
        raise HilumError(f"The window {name!r} is none of {', '.join(WINDOWS)}.")


def windowed(values: NDArray[np.float32], window: Window) -> NDArray[np.float32]:
    """Grey levels in `[0, 1]` of values of any shape (DICOM PS3.3, C.11.2.1.2 and C.11.2.1.3); NaN stays NaN."""
    centre, width = np.float32(window.centre), np.float32(window.width)
    if window.curve == "SIGMOID":
        with np.errstate(over="ignore"):
            return np.asarray(1 / (1 + np.exp(-4 * (values - centre) / width)), np.float32)
    if window.curve == "LINEAR":  # counts whole values, of which a width of n has n
        centre, width = centre - np.float32(0.5), width - 1
        if width <= 0:
            return np.where(np.isnan(values), values, values > centre).astype(np.float32)
    return np.asarray(((values - centre) / width + 0.5).clip(0, 1), np.float32)


def stretched(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values from the least as 0 to the greatest as 1; all 0 where they are equal. NaN counts for neither and stays."""
    least, greatest = np.fmin.reduce(values, None), np.fmax.reduce(values, None)
    if not greatest > least:
        return np.zeros_like(values)
    return np.asarray(((values - least) / (greatest - least)).clip(0, 1), np.float32)
