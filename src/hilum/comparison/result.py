"""What a comparison found: facts only, made once and then read by tables, figures and files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hilum.audit.audit import Audit
from hilum.comparison.options import CompareOptions
from hilum.heads.history import Epoch
from hilum.records.comparison import Difference, Unavailable
from hilum.records.figures import Figures, ProtocolFigures
from hilum.scoring.protocols import Plan, Protocol
from hilum.scoring.scoring import Predictions
from hilum.slices.table import SliceTable

ENSEMBLE = "+"  # between the names of its members


@dataclass(frozen=True)
class Seconds:
    """What a model cost when the work was done; `cached` where this run took the features from the cache.

    `head` is training and predicting on the split as given, all seeds together; `protocols` is what the other
    protocols cost beside it, which is no part of `total`.
    """

    decoding: float
    features: float
    cached: bool
    head: float = 0.0
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
    valid: Figures[float | None]
    seconds: Seconds
    predictions: Mapping[Protocol, Predictions]


@dataclass(frozen=True)
class Worth:
    """What the scores are worth (docs/run-folder.md).

    Attributes:
        figures: By protocol and model.
        differences: To the best model, by protocol.
    """

    figures: Mapping[Protocol, Mapping[str, ProtocolFigures]]
    differences: Mapping[Protocol, list[Difference]]


@dataclass(frozen=True)
class Compared:
    """What a comparison found.

    Attributes:
        table: The slices.
        settings: What was asked for, its engine and negative class those that were used.
        results: Models that were scored, in the order asked for.
        unavailable: Models that could not be had, and why.
        audit: What is wrong with the slices.
        plans: The protocols that these slices allow.
        worth: Figures with intervals, and differences to the best model.
        curve: The scores against the strength at which slices are joined (docs/run-folder.md).
        notes: Protocols that were left out and why, and what did not go as the others say.
    """

    table: SliceTable
    settings: CompareOptions
    results: tuple[ModelResult, ...]
    unavailable: tuple[Unavailable, ...]
    audit: Audit
    plans: Mapping[Protocol, Plan]
    worth: Worth
    curve: Sequence[Mapping[str, object]]
    notes: tuple[str, ...]

    @property
    def best(self) -> ModelResult:
        """The model with the highest macro-F1 on validation (ties: the lower loss there); test plays no part."""
        return best_of(self.results)


def best_of(results: Sequence[ModelResult]) -> ModelResult:
    """The model with the highest macro-F1 on validation (ties: the lower loss there); test plays no part."""
    return min(results, key=lambda result: result.valid.rank)
