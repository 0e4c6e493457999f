"""Standardised features, for linear heads."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hilum.heads.questions import Linear

_LEAST = 0.1  # share of the median deviation below which no column's is taken


@dataclass(frozen=True, eq=False)
class Standard:
    """Mean and scale of each column.

    A column that hardly varies in training is not blown up: a new slice in which it does vary would otherwise be
    answered by that column alone.

    Attributes:
        mean: Means, `[width]`.
        scale: Standard deviations, none of them below a tenth of the median, `[width]`.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    @classmethod
    def of(cls, features: NDArray[np.floating]) -> Self:
        """The standard of features `[n, width]`."""
        deviations = features.std(0, dtype=np.float64)
        varied = deviations[deviations > 0]
        least = _LEAST * np.median(varied) if len(varied) else 1.0
        return cls(features.mean(0, dtype=np.float64), np.maximum(deviations, least))

    def __call__(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Standardised features, `[n, width]`."""
        rows: NDArray[np.float32] = ((features - self.mean) / self.scale).astype(np.float32)
        return rows

    def linear(self, weights: NDArray[np.floating], offsets: NDArray[np.floating]) -> Linear:
        """Weights `[k, width]` on standardised features and offsets `[k]`, as a scorer of features as they are."""
        plain = weights / self.scale
        return Linear(plain.astype(np.float32), (offsets - plain @ self.mean).astype(np.float32))
