"""DICOM frames with the values that the window was laid over. Only `hilum.serve.jobs` imports this."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.pixels.processing import apply_modality_lut

from hilum.slices.dicom import DicomFile
from hilum.slices.dicom_header import Header
from hilum.slices.windows import Window


class ValuedFile(DicomFile):
    """A DICOM file that keeps the values of the frame that was decoded last.

    Attributes:
        values: Hounsfield or stored units, float32 `[height, width]`; None of colours, and of pictures that are to be
            shown inverted, which a window on the page would show wrongly.
    """

    values: NDArray[np.float32] | None = None

    def _grey(
        self, stored: NDArray[Any], header: Header, window: str
    ) -> tuple[NDArray[np.float32], bool, Window | None]:
        self.values = None
        shown = super()._grey(stored, header, window)
        if self._photometric == "MONOCHROME2":
            if "ModalityLUTSequence" in self._dataset:
                values = apply_modality_lut(stored, self._dataset).astype(np.float32)
            else:
                values = stored.astype(np.float32) * np.float32(header.slope) + np.float32(header.intercept)
            self.values = np.nan_to_num(values, copy=False)
        return shown
