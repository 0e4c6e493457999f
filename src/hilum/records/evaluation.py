"""The content of an evaluation's metrics.json (docs/evaluate.md)."""

from typing import Literal

from pydantic import Field

from hilum.records.audit import Said
from hilum.records.base import Document, Record
from hilum.records.calibration import MeasuredCalibration
from hilum.records.figures import ByProtocol, Estimate, GroupFigures, ProtocolFigures, ProtocolName
from hilum.records.trust import RiskPoint

EVALUATION_SCHEMA = "hilum.evaluation/1"


class NamedFloor(Estimate):
    """The highest floor on the slices that a model was trained on."""

    name: str
    protocol: ProtocolName


class EvaluatedModel(Record):
    """The model, and its macro-F1 on the slices that it was trained on; `titles` name the protocols for readers."""

    name: str
    title: str = ""
    digest: str
    classes: tuple[str, ...]
    trained_on: str
    scores: ByProtocol[Estimate]
    titles: dict[str, str] = Field(default={})
    highest_floor: NamedFloor | None

    @property
    def shown(self) -> str:
        """What readers see of its name; earlier records have no title."""
        return self.title or self.name


class EvaluatedData(Record):
    """The slices, the model's class for each of theirs, and counts of slices left out by reason."""

    folder: str
    digest: str
    files: int
    counts: dict[str, int]
    read_as: dict[str, str]
    window: str | None
    left_out: dict[str, int]
    skipped: tuple[Said, ...]
    notes: tuple[str, ...]


class Limits(Record):
    """The thresholds below which the model did not answer."""

    answer: float
    outlier: float


class Decisions(Record):
    """Shares of the slices by decision, and the accuracy of those that were answered."""

    answered: Estimate = Field(alias="class")
    abstain: Estimate
    outlier: Estimate
    accuracy_of_answered: Estimate


class PromiseHere(Record):
    """What the model's answer threshold promises, and what became of it on these slices.

    Attributes:
        said: The promise, or why there is none, in words.
        accuracy: Share of answers that are right, each group counting once.
        kept: Whether it is as high as promised; None without a promise or without answers.
    """

    said: str
    accuracy: Estimate
    kept: bool | None


class EvaluationRecord(Document):
    """All of metrics.json."""

    kind: Literal["hilum.evaluation/1"] = Field(alias="schema")
    random_weights: bool
    model: EvaluatedModel
    data: EvaluatedData
    classes: tuple[str, ...]
    limits: Limits
    figures: ProtocolFigures
    per_group: GroupFigures
    per_series: GroupFigures | None
    calibration: MeasuredCalibration
    decisions: Decisions
    promise: PromiseHere | None = None
    risk_coverage: tuple[RiskPoint, ...]
    versions: dict[str, str] = Field(default={})
    files: tuple[str, ...] = ()
