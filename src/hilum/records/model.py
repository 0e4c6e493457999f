"""What model.json holds (docs/model.md): all that is written, and what is needed of it to use a model."""

import math
from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, Field, WrapValidator

from hilum.errors import HilumError
from hilum.options import LARGEST_SIZE
from hilum.records.audit import Finding, Leak
from hilum.records.base import Record, one_of, said
from hilum.records.figures import Estimate, Floors, Headline, ProtocolFigures
from hilum.slices.resize import INTERPOLATIONS
from hilum.slices.windows import WINDOWS
from hilum.text import plain_name, spelt

MODEL_SCHEMA = "hilum.model/1"
_JUDGES = 30  # slices, as for the model's own threshold
_LARGEST_COUNT = 2**32 - 1  # more files than any folder has, and the largest seed

Count = Annotated[
    int,
    Field(ge=0, le=_LARGEST_COUNT),
    WrapValidator(said(f"must be a whole number from 0 to {_LARGEST_COUNT:,}")),
]
Share = Annotated[float, Field(ge=0, le=1), WrapValidator(said("must be a number from 0 to 1"))]
Size = Annotated[
    int, Field(ge=1, le=LARGEST_SIZE), WrapValidator(said(f"must be a whole number from 1 to {LARGEST_SIZE:,}"))
]
Scales = Annotated[int, Field(ge=1, le=2), WrapValidator(said("must be 1 or 2"))]
Name = Annotated[str, AfterValidator(plain_name)]


class Indexed(NamedTuple):
    """A training slice of a model's index: its path below the training folder, label, and SHA-256 of the file.

    The path is as `hilum.text.spelt` gives it; `hilum.text.found_below` finds the file.
    """

    path: Annotated[str, AfterValidator(spelt)]
    label: Name
    content: str


class CurvePoint(NamedTuple):
    """At a threshold on the top probability: which share of slices is answered, and how many of those are wrong."""

    threshold: float
    coverage: float
    risk: float


class WeightsFacts(Record):
    """Where a backbone's weights came from, and the digests of the file and of the tensors."""

    origin: str
    digest: str
    tensors: str


class BackboneFacts(Record):
    """The frozen network."""

    name: str
    title: str = ""
    tag: str
    width: Count = 0
    seed: Count
    weights: WeightsFacts


class Preparation(Record):
    """How a slice becomes the network's input."""

    size: Size
    interpolation: Annotated[str, one_of(INTERPOLATIONS)]
    crop: bool
    window: Annotated[str, one_of(WINDOWS)]


class HeadFacts(Record):
    """What the head sees."""

    scales: Scales
    width: Count = 0


class Thresholds(Record):
    """When the model answers: `set` is of prediction sets, None in models without them."""

    answer: Share
    outlier: float
    set: Share | None = None


class ModelScores(Record):
    """A model's macro-F1 by protocol and out of fold, and that of floors by protocol and name."""

    protocols: Mapping[str, Headline] | None = None
    out_of_fold: Headline | None = None
    floors: Mapping[str, Mapping[str, Headline] | None] | None = None


class TrustSize(Record):
    """How many slices the thresholds were fitted on."""

    n: Count | None = None


class TrainedOn(Record):
    """The training folder."""

    folder: str = "unknown"


class ModelRecord(Record):
    """What is needed to use a model, also one whose record lacks how it was made."""

    kind: Literal["hilum.model/1"] = Field(alias="schema")
    notice: str
    synthetic: bool = False
    random_weights: bool = False
    classes: tuple[Name, ...]
    negative: Name | None
    backbone: BackboneFacts
    preparation: Preparation
    engine: str
    head: HeadFacts
    thresholds: Thresholds
    curve: tuple[Annotated[CurvePoint, WrapValidator(said("must have 3 values, all finite numbers"))], ...]
    trust: TrustSize | None = None
    scores: ModelScores | None = None
    data: TrainedOn | None = None
    index: tuple[Indexed, ...]
    thumbnails: bool = False
    files: dict[str, str] = Field(default={})
    digest: str

    @property
    def headlines(self) -> dict[str, Estimate]:
        """Macro-F1 by protocol and `out_of_fold`, as far as the record has them."""
        if self.scores is None:
            return {}
        found = {**(self.scores.protocols or {}), "out_of_fold": self.scores.out_of_fold}
        return {name: of.f1_macro for name, of in found.items() if of and of.f1_macro}

    @property
    def floors(self) -> Mapping[str, Mapping[str, Headline]]:
        """Simple models by protocol and name, as far as the record has them."""
        floors = (self.scores and self.scores.floors) or {}
        return {name: of for name, of in floors.items() if of}

    def threshold_for(self, coverage: float | None = None, risk: float | None = None) -> float:
        """The threshold on the top probability that a wanted coverage or risk needs; the model's own without either.

        Both in `[0, 1]`, as measured out of fold when the model was trained, on the slices that its own limits were
        fitted on, before outliers were refused. Thresholds that fewer than 30 of them judge are passed over.

        Raises:
            HilumError: Both are given, one is out of range, or no threshold reaches the risk.
        """
        if coverage is not None and risk is not None:
            raise HilumError("Give --coverage or --risk, not both: each sets the same threshold.")
        for name, wanted in (("--coverage", coverage), ("--risk", risk)):
            if wanted is not None and not 0 <= wanted <= 1:
                raise HilumError(f"{name} must be from 0 to 1, not {wanted:g}.")
        curve = [point for point in self.curve if point.coverage >= self._least_coverage]
        if coverage is not None:
            enough = [point.threshold for point in curve if point.coverage >= coverage]
            return max(enough, default=0.0)
        if risk is not None:
            safe = [point.threshold for point in curve if point.risk <= risk]
            if not safe:
                lowest = min((point.risk for point in curve), default=math.nan)
                raise HilumError(
                    f"No threshold of this model had a risk of {risk:g} or less; the lowest was {lowest:.3f}."
                )
            return min(safe)
        return self.thresholds.answer

    @property
    def _least_coverage(self) -> float:
        """The share of the slices behind the curve that is enough to judge a threshold by."""
        n = (self.trust and self.trust.n) or 0
        return min(_JUDGES, n // 2) / n if n else 0.0


class TrainedBackbone(BackboneFacts):
    """The frozen network, whose weights have a licence."""

    title: str
    licence: str
    width: int


class TrainedPreparation(Preparation):
    """With the means and standard deviations of the channels."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


class TrainedHead(HeadFacts):
    """The head, and the strength of its penalty."""

    kind: str
    strength: float
    width: int


class Bin(Record):
    """Slices of like top probability."""

    confidence: float
    accuracy: float
    count: int


class CalibrationFigures(Record):
    """How far probabilities can be taken for shares; `band` is where chance alone would put the error."""

    error: float
    band: tuple[float, float]
    inside: bool
    brier: float
    loss: float
    bins: tuple[Bin, ...]


class Calibration(Record):
    """Before and after division by a temperature, one a cross-fitting fold."""

    temperatures: tuple[float, ...]
    before: CalibrationFigures
    after: CalibrationFigures


class Answered(Record):
    """Which share is answered, and which of those rightly."""

    wanted_accuracy: float | None = None
    wanted_coverage: float | None = None
    coverage: Estimate
    accuracy: Estimate


class RiskPoint(Record):
    """At a threshold on the top probability: the share answered, and which of those wrongly."""

    threshold: float
    coverage: float
    risk: Estimate


class Answers(Record):
    """What thresholds on the top probability are worth."""

    accuracy: Estimate
    at_threshold: Answered
    at_90_coverage: Answered
    risk_coverage: tuple[RiskPoint, ...]


class Conformal(Record):
    """What prediction sets are worth."""

    confidence: float
    coverage: Estimate
    coverage_by_class: tuple[Estimate, ...]
    coverage_by_group: Estimate
    mean_size: float
    sizes: tuple[float, ...]


class Outliers(Record):
    """How many good slices are refused."""

    percentile: int | float
    refused: Estimate
    refused_by_class: tuple[Estimate, ...]


class Trust(TrustSize):
    """How far a model's answers can be trusted; a part is None where nothing could be measured."""

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

    protocols: Mapping[str, ProtocolFigures]
    out_of_fold: ProtocolFigures
    floors: Floors


class TrainingData(TrainedOn):
    """The slices: how many, which were fitted on, in which groups, and what the audit found."""

    folder: str
    digest: str
    on: Literal["train", "development", "all"]
    files: int
    distinct: int
    counts: dict[str, dict[str, int]]
    fitted: dict[str, int]
    groups: dict[str, int]
    grouped_by: str
    split_drawn: bool
    skipped: dict[str, int]
    leaks: tuple[Leak, ...]
    label_conflicts: tuple[tuple[str, ...], ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


class Failure(Record):
    """A sure mistake out of fold."""

    path: str
    content: str
    label: str
    called: str
    probability: float


class TrainedRecord(ModelRecord):
    """All of model.json; `files` and `digest` come when it is written."""

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
