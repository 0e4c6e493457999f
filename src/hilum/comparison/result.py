"""What a comparison found: facts only, made once and then read by tables, figures and files."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hilum.evaluation.metrics import Evaluation
from hilum.slices.labels import Split
from hilum.training.history import Epoch


@dataclass(frozen=True)
class Settings:
    """What a comparison was asked for.

    Attributes:
        models: Names in the order of the table.
        epochs, patience: Of the heads; `patience` also of the CNN.
        cnn_epochs: Of the CNN.
        seed: Of everything that is drawn.
        engine: What ran the frozen backbones, with its version.
        size: Side of the input in pixels, where it is not each backbone's own.
        crop: Whether slices were cropped to the body.
        negative: The class that is no cancer, or None.
        random_weights: Whether the backbones were left random.
    """

    models: tuple[str, ...]
    epochs: int
    patience: int
    cnn_epochs: int
    seed: int
    engine: str
    size: int | None
    crop: bool
    negative: str | None
    random_weights: bool


@dataclass(frozen=True)
class Seconds:
    """What a model cost when the work was done; `cached` where this run took the features from the cache."""

    decoding: float
    features: float
    head: float
    cached: bool

    @property
    def total(self) -> float:
        """All three together."""
        return self.decoding + self.features + self.head


@dataclass(frozen=True)
class ModelResult:
    """One model that was trained and scored.

    Attributes:
        name: As `--models` takes it.
        title: The published name.
        facts: Of the backbone (tag, licence, engine, weights, size, width), for the record; the CNN has its size only.
        history: One entry an epoch.
        best_epoch: The epoch whose weights were kept.
        probabilities: `[rows of the table, classes]`, also for train.
        evaluations: Of valid and test.
        seconds: What it cost.
    """

    name: str
    title: str
    facts: Mapping[str, object]
    history: tuple[Epoch, ...]
    best_epoch: int
    probabilities: NDArray[np.float64]
    evaluations: Mapping[Split, Evaluation]
    seconds: Seconds


@dataclass(frozen=True)
class Unavailable:
    """A model that could not be compared, and why."""

    name: str
    title: str
    tag: str
    reason: str
