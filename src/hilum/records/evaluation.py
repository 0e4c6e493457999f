"""What metrics.json of an evaluation holds (docs/evaluate.md)."""

from typing import Literal

from pydantic import Field

from hilum.records.audit import Said
from hilum.records.base import Document, Record
from hilum.records.figures import Estimate, GroupFigures, ProtocolFigures
from hilum.records.model import Bin, RiskPoint

EVALUATION_SCHEMA = "hilum.evaluation/1"


class NamedFloor(Estimate):
    """The highest floor where a model was trained."""

    name: str
    protocol: str


class EvaluatedModel(Record):
    """The model, and its macro-F1 where it was trained."""

    name: str
    digest: str
    classes: tuple[str, ...]
    trained_on: str
    scores: dict[str, Estimate]
    highest_floor: NamedFloor | None


class EvaluatedData(Record):
    """The slices, what their classes were read as, and how many were left out for which reason."""

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
    """When the model did not answer."""

    answer: float
    outlier: float


class EvaluatedCalibration(Record):
    """How far probabilities could be taken for shares."""

    error: float
    band: tuple[float, float]
    brier: float
    bins: tuple[Bin, ...]


class Decisions(Record):
    """Shares of the slices by decision, and how many of those answered were right."""

    answered: Estimate = Field(alias="class")
    abstain: Estimate
    outlier: Estimate
    accuracy_of_answered: Estimate


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
    calibration: EvaluatedCalibration
    decisions: Decisions
    risk_coverage: tuple[RiskPoint, ...]
