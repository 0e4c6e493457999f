"""DICOM frames with their values before windowing. Only `hilum.serve.jobs` imports this module."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.slices.dicom import DicomFile
from hilum.slices.dicom_grey import Shown
from hilum.slices.dicom_header import Header


class ValuedFile(DicomFile):
    """A DICOM file that keeps the values of the last decoded frame.

    Attributes:
        values: Hounsfield or stored units, float32 `[height, width]`, with NaN as padding. None for colour and inverted
            pictures, which a window on the page would show wrongly.
    """

    values: NDArray[np.float32] | None = None

    def _shown(self, decoded: NDArray[Any], number: int, header: Header, window: str) -> Shown:
        shown = super()._shown(decoded, number, header, window)
        self.values = shown.values if self._photometric == "MONOCHROME2" else None
        return shown
