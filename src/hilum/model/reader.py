"""What every form of a trained model can do: read grey squares."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hilum.records.model import ModelRecord


@dataclass(frozen=True)
class Reading:
    """What a model says of n slices.

    Attributes:
        probabilities: Calibrated, float32 `[n, classes]`; rows sum to 1.
        outlier_scores: float32 `[n]`; the higher, the less like the training slices.
        maps: Class activation maps, float32 `[n, classes, h, w]`: what each place adds to a class's logit.
        neighbours: The nearest training slices, places in `facts.index`, `[n, k]`, nearest first.
        distances: Theirs, float32 `[n, k]`, in the unit of the outlier score.
    """

    probabilities: NDArray[np.float32]
    outlier_scores: NDArray[np.float32]
    maps: NDArray[np.float32]
    neighbours: NDArray[np.intp]
    distances: NDArray[np.float32]


class Reader(Protocol):
    """A trained model that is ready to read.

    Attributes:
        facts: What the model says of itself.
    """

    facts: ModelRecord

    def read(self, greys: NDArray[np.float32]) -> Reading:
        """From grey levels `[n, size, size]` in `[0, 1]`, cropped and resized as `facts` says, to answers."""
        ...
