"""What a comparison found: facts only, made once and then read by tables, figures and files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.evaluation.protocols import Protocol
from hilum.evaluation.scoring import Predictions
from hilum.training.history import Epoch

ENSEMBLE = "+"  # between the names of its members


@dataclass(frozen=True)
class Settings:
    """What a comparison was asked for.

    Attributes:
        models: Names in the order of the table.
        head: `logistic` or `softmax`.
        ensembles: Names of frozen backbones whose probabilities are averaged, a tuple an ensemble.
        epochs, patience: Of softmax heads; `patience` also of the CNN.
        cnn_epochs: Of the CNN.
        seed: Of everything that is drawn.
        engine: What ran the frozen backbones, with its version.
        size: Side of the input in pixels, where it is not each backbone's own.
        crop: Whether slices were cropped to the body.
        scales: How many of the last scales' maps features are means of.
        negative: The class that is no cancer, or None.
        random_weights: Whether the backbones were left random.
        protocols: Those asked for; the CNN runs `given` and `unseen` of them unless `cnn_folds`.
        cnn_folds: Whether the CNN runs the fold protocols too.
    """

    models: tuple[str, ...]
    head: str
    ensembles: tuple[tuple[str, ...], ...]
    epochs: int
    patience: int
    cnn_epochs: int
    seed: int
    engine: str
    size: int | None
    crop: bool
    scales: int
    negative: str | None
    random_weights: bool
    protocols: tuple[Protocol, ...]
    cnn_folds: bool


@dataclass(frozen=True)
class Seconds:
    """What a model cost when the work was done; `cached` where this run took the features from the cache.

    `head` is training and predicting on the split as given, all seeds together; `protocols` is what the other
    protocols cost beside it, which is no part of `total`.
    """

    decoding: float
    features: float
    head: float
    cached: bool
    protocols: float = 0.0

    @property
    def total(self) -> float:
        """Reading, features and head together."""
        return self.decoding + self.features + self.head


@dataclass(frozen=True)
class ModelResult:
    """One model that was trained and scored.

    Attributes:
        name: As `--models` takes it.
        title: The published name.
        facts: Of the backbone (tag, licence, engine, weights, size, width), for the record; the CNN has its size only.
        history: One entry an epoch, or of a logistic head a strength, of the first seed; an ensemble has none.
        best_epoch: The entry whose weights were kept, counted from 1; 0 where there was no choice.
        probabilities: `[rows of the table, classes]`, also for train; trained as given, averaged over seeds.
        valid: Figures on valid, without intervals (`splits` in docs/run-folder.md); the best is chosen by them.
        seconds: What it cost.
        predictions: Under each protocol that it ran.
    """

    name: str
    title: str
    facts: Mapping[str, object]
    history: tuple[Epoch, ...]
    best_epoch: int
    probabilities: NDArray[np.float64]
    valid: Mapping[str, Any]
    seconds: Seconds
    predictions: Mapping[Protocol, Predictions]


@dataclass(frozen=True)
class Unavailable:
    """A model that could not be compared, and why."""

    name: str
    title: str
    tag: str
    reason: str
