"""The results of a comparison, from which tables, figures and files are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hilum.audit.audit import Audit
from hilum.brief import Brief
from hilum.comparison.options import CompareOptions
from hilum.heads.history import Epoch
from hilum.records.comparison import Difference, Unavailable
from hilum.records.figures import Figures, Floor, ProtocolFigures
from hilum.records.heads import ChosenScorer
from hilum.scoring.options import ScoringOptions
from hilum.scoring.protocols import Plan, Protocol
from hilum.scoring.scoring import Predictions
from hilum.slices.table import SliceTable

if TYPE_CHECKING:
    from hilum.comparison.outside import Outside

ENSEMBLE = "+"  # between the names of its members


@dataclass(frozen=True)
class Seconds:
    """Time that a model took when the work was done, in seconds.

    Attributes:
        decoding: Reading and preparing the slices.
        features: Running the frozen network.
        cached: Whether this run took the features from the cache.
        head: Training and predicting on the given split, all seeds together.
        protocols: Training and predicting under the other protocols; not part of `total`.
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


@dataclass(frozen=True, repr=False, kw_only=True)
class ScoredModel(Brief):
    """One model with its predictions, made here or elsewhere.

    Attributes:
        name: Name of the model.
        title: Name for readers.
        valid: Figures on valid, without intervals (`splits` in docs/run-folder.md), by which the best is chosen; None
            if there are no predictions on valid.
        predictions: Predictions under each protocol that was run.
        floors: Predictions of the same model on blanked pictures, under the same protocols; empty without them.
    """

    name: str
    title: str
    valid: Figures[float | None] | None
    predictions: Mapping[Protocol, Predictions]
    floors: Mapping[Protocol, Predictions] = field(default_factory=dict)


@dataclass(frozen=True, repr=False, kw_only=True)
class ModelResult(ScoredModel):
    """One model that was trained and scored; its name is that of `--models`, its title the published one.

    Attributes:
        facts: Tag, licence, engine, weights, size and width of the backbone, for the record; the CNN has only its size.
        history: One entry per epoch or strength of the first seed's head (of its first scorer); empty for an ensemble.
        best_epoch: Number (1-based) of the entry whose weights were kept; 0 if there was no choice.
        chosen: Settings that the scorers of the first seed's head chose.
        probabilities: Probabilities of heads trained under `given`, averaged over seeds, for every row of the table,
            `[rows, classes]`.
        seconds: Time that the model took.
    """

    facts: Mapping[str, object]
    history: tuple[Epoch, ...]
    best_epoch: int
    chosen: tuple[ChosenScorer, ...]
    probabilities: NDArray[np.float64]
    valid: Figures[float | None]
    seconds: Seconds


@dataclass(frozen=True, repr=False)
class Scores(Brief):
    """Scores of all models (docs/run-folder.md).

    Attributes:
        figures: Figures with intervals, by protocol and model.
        floors: Figures of the models on blanked pictures, by protocol and model.
        differences: Differences from the best model, by protocol.
    """

    figures: Mapping[Protocol, Mapping[str, ProtocolFigures]]
    floors: Mapping[Protocol, Mapping[str, Floor]]
    differences: Mapping[Protocol, list[Difference]]

    def with_those(self, others: "Scores") -> "Scores":
        """These scores and those under other protocols."""
        return Scores(
            {**self.figures, **others.figures},
            {**self.floors, **others.floors},
            {**self.differences, **others.differences},
        )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Models that were scored, by a comparison or elsewhere.

    Attributes:
        table: The slices.
        settings: Options, with the negative class that was used.
        results: Models that were scored, in the order asked for.
        audit: The audit of the slices.
        plans: Plans of the protocols that these slices allow.
        scores: Figures with intervals, and differences from the best model.
        notes: Protocols that were left out and why, and deviations from the others.
    """

    table: SliceTable
    settings: ScoringOptions
    results: Sequence[ScoredModel]
    audit: Audit
    plans: Mapping[Protocol, Plan]
    scores: Scores
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Compared(Outcome):
    """What a comparison found; its settings have the engine that was used.

    Attributes:
        unavailable: Models without weights, and why.
        curve: Scores against the similarity above which slices are joined (docs/run-folder.md).
        outside: Slices from elsewhere that the models were scored on.
        weights: Folder of weights that was looked into first, if one was named.
    """

    settings: CompareOptions
    results: tuple[ModelResult, ...]
    unavailable: tuple[Unavailable, ...]
    curve: Sequence[Mapping[str, object]]
    outside: "Outside"
    weights: Path | None

    @property
    def best(self) -> ModelResult:
        """The model with the highest macro-F1 on valid, or of equals the one with the lowest loss there."""
        return best_of(self.results)


def best_of(results: Sequence[ModelResult]) -> ModelResult:
    """The model with the highest macro-F1 on valid, or of equals the one with the lowest loss there.

    The test split is never used to choose.
    """
    return min(results, key=lambda result: result.valid.rank)
