"""The whole content of model.json, as `hilum train` writes it: what is needed to use a model, and all that is known."""

from typing import Literal

from hilum.records.audit import Finding, Leak
from hilum.records.base import Record
from hilum.records.figures import ByProtocol, Floors, ProtocolFigures
from hilum.records.heads import ChosenScorer
from hilum.records.model import (
    BackboneFacts,
    HeadFacts,
    KnownTrust,
    ModelRecord,
    ModelScores,
    Preparation,
    TrainedOn,
)
from hilum.records.trust import Answers, Calibration, Conformal, Outliers


class TrainedBackbone(BackboneFacts):
    """The frozen network with the licence of its weights."""

    title: str
    licence: str
    width: int


class TrainedPreparation(Preparation):
    """The preparation with the means and standard deviations of the channels."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


class TrainedHead(HeadFacts):
    """The head: its strength C if it is logistic, what its scorers chose, and the further views that it learnt from."""

    kind: str
    class_weight: str = "none"
    strength: float | None
    chosen: tuple[ChosenScorer, ...] = ()
    width: int
    views: tuple[str, ...] = ()


class Trust(KnownTrust):
    """Measurements of a model's answers; a part is None if it could not be measured."""

    n: int
    groups: int
    repeats: int
    cross_folds: int
    calibration: Calibration | None
    answers: Answers | None
    conformal: Conformal | None
    outliers: Outliers | None
    notes: tuple[str, ...]


class TrainedScores(ModelScores):
    """All scores of the recipe."""

    protocols: ByProtocol[ProtocolFigures]
    out_of_fold: ProtocolFigures
    floors: Floors


class TrainingData(TrainedOn):
    """The slices: counts, those that were fitted on, groups, and findings of the audit."""

    folder: str
    digest: str
    on: Literal["train", "development", "all"]
    files: int
    distinct: int
    counts: dict[str, dict[str, int]]
    fitted: dict[str, int]
    groups: dict[str, int]
    grouped_by: str
    likeness: float | None = None
    split_drawn: bool
    skipped: dict[str, int]
    leaks: tuple[Leak, ...]
    label_conflicts: tuple[tuple[str, ...], ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


class Failure(Record):
    """A wrong out-of-fold prediction with a high probability."""

    path: str
    content: str
    label: str
    called: str
    probability: float


class TrainedRecord(ModelRecord):
    """All of model.json; `files` and `digest` are added when it is written."""

    created: str
    command: str | None
    backbone: TrainedBackbone
    preparation: TrainedPreparation
    head: TrainedHead
    temperature: float
    trust: Trust
    scores: TrainedScores
    data: TrainingData
    failures: tuple[Failure, ...]
    versions: dict[str, str]
    digest: str = ""
