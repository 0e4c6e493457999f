"""The part of model.json (docs/model.md) that is needed to use a model; all of it is in `hilum.records.trained`."""

import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, Field, WrapValidator

from hilum.errors import BadOption, HilumError
from hilum.options import LARGEST_SIZE
from hilum.records.audit import EARLIER_LIKENESS
from hilum.records.base import Record, one_of, said
from hilum.records.comparison import ExternalFacts
from hilum.records.figures import ByProtocol, Estimate, Headline, ProtocolFigures, protocol_title
from hilum.records.scales import Scales
from hilum.records.trust import Answers, Calibration, Conformal, Outliers, Promise
from hilum.slices.resize import INTERPOLATIONS
from hilum.slices.windows import WINDOWS
from hilum.text import plain_name, spelt

MODEL_SCHEMA = "hilum.model/1"
LOOK_ALIKES = "look-alikes"  # what groups are by if no ids were given
LINEAR, HIRESCAM = "linear", "hirescam"  # the maps that come with every answer
_LINEAR_HEADS = ("logistic", "softmax")
_JUDGES = 30  # slices that must judge a threshold, as for the model's own threshold
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
Name = Annotated[str, AfterValidator(plain_name)]


class Indexed(NamedTuple):
    """A training slice of a model's index: its path below the training folder, label, and SHA-256 of the file.

    `hilum.text.spelt` makes the path; `hilum.text.found_below` finds the file.
    """

    path: Annotated[str, AfterValidator(spelt)]
    label: Name
    content: str


class CurvePoint(NamedTuple):
    """The share of slices answered at a threshold on the top probability, and the share of wrong answers."""

    threshold: float
    coverage: float
    risk: float


class WeightsFacts(Record):
    """The origin of a backbone's weights, and digests of the file and of the tensors."""

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
    """The steps from a slice to the network's input."""

    size: Size
    interpolation: Annotated[str, one_of(INTERPOLATIONS)]
    crop: bool
    window: Annotated[str, one_of(WINDOWS)]


class HeadFacts(Record):
    """The head and its input."""

    kind: str = "logistic"
    scales: Scales
    width: Count = 0

    @property
    def map_method(self) -> str:
        """The method of the map that comes with every answer: `linear` or `hirescam`."""
        return LINEAR if self.kind in _LINEAR_HEADS else HIRESCAM


class Thresholds(Record):
    """The thresholds of the model's answers.

    Attributes:
        answer: Top probability below which the model abstains.
        outlier: Outlier score above which a slice is an outlier.
        set: Lowest probability with which a class is in a prediction set, by class; one number in earlier models, None
            in those without sets.
        promise: What `answer` promises; None in earlier models, in which it was never tested.
    """

    answer: Share
    outlier: float
    set: Mapping[Name, Share] | Share | None = None
    promise: Promise | None = None

    @property
    def about_answers(self) -> str:
        """A sentence or two on what the answers at the model's own limit promise."""
        return str(self.promise or "The model promises nothing: an earlier hilum set its limit and did not test it.")


class ModelScores(Record):
    """Macro-F1 of a model by protocol and out of fold, and of floors by protocol and name."""

    protocols: ByProtocol[Headline] | None = None
    out_of_fold: Headline | None = None
    floors: ByProtocol[Mapping[str, Headline] | None] | None = None


class TrustElsewhere(Record):
    """A model's own temperature and thresholds on slices of another hospital.

    Attributes:
        slices: The slices, and the classes that labels and answers are read as.
        figures: The model's scores there, with their calibration.
        answers: Coverage and accuracy at the model's thresholds.
        conformal: Coverage and sizes of its prediction sets; `coverage_by_class` is in the order of `slices.classes`.
        outliers: Shares that its outlier limit refuses.
    """

    slices: ExternalFacts
    figures: ProtocolFigures
    answers: Answers
    conformal: Conformal
    outliers: Outliers


class KnownTrust(Record):
    """Number of slices that the thresholds were fitted on, and what was measured of the answers.

    `elsewhere` is of slices of other hospitals, by the name that the user gave them.
    """

    n: Count | None = None
    calibration: Calibration | None = None
    answers: Answers | None = None
    conformal: Conformal | None = None
    outliers: Outliers | None = None
    elsewhere: Mapping[str, TrustElsewhere] = Field(default={})


class TrainedOn(Record):
    """The training folder, and what `strict` kept together: groups by ids or look-alikes, and these above a likeness.

    The likeness is None if every slice has an id; earlier records, which had one only, lack it.
    """

    folder: str = "unknown"
    grouped_by: str = LOOK_ALIKES
    likeness: float | None = None


class ModelRecord(Record):
    """The part of model.json that is needed to use a model; the rest may be missing."""

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
    trust: KnownTrust | None = None
    scores: ModelScores | None = None
    data: TrainedOn | None = None
    index: tuple[Indexed, ...]
    thumbnails: bool = False
    files: dict[str, str] = Field(default={})
    digest: str

    @property
    def headlines(self) -> dict[str, Estimate]:
        """The known macro-F1 by protocol, the hardest first, and `out_of_fold`."""
        if self.scores is None:
            return {}
        hardest_first = reversed([*(self.scores.protocols or {}).items()])
        found = {**dict(hardest_first), "out_of_fold": self.scores.out_of_fold}
        return {name: of.f1_macro for name, of in found.items() if of and of.f1_macro}

    def title(self, protocol: str) -> str:
        """The name of a protocol for readers, such as `strict (0.87)`."""
        data = self.data or TrainedOn()
        ids, likeness = data.grouped_by != LOOK_ALIKES, data.likeness
        if "likeness" not in data.model_fields_set:
            likeness = None if ids else EARLIER_LIKENESS
        return protocol_title(protocol, likeness, ids=ids)

    @property
    def floors(self) -> Mapping[str, Mapping[str, Headline]]:
        """The known floors by protocol and name."""
        floors = (self.scores and self.scores.floors) or {}
        return {name: of for name, of in floors.items() if of}

    def threshold_for(self, coverage: float | None = None, risk: float | None = None) -> float:
        """The threshold on the top probability that reaches a coverage or risk; without either the model's own.

        Coverage and risk were measured out of fold when the model was trained, on the slices that its thresholds were
        fitted on, before outliers were refused. Thresholds that fewer than 30 slices judge are left out.

        Args:
            coverage: Smallest share of slices to answer on, in `[0, 1]`.
            risk: Largest share of wrong answers, in `[0, 1]`.

        Raises:
            HilumError: Both are given, one is out of range, or no threshold reaches the risk.
        """
        if coverage is not None and risk is not None:
            raise HilumError("Give a coverage or a risk, not both: each sets the same threshold.")
        for name, wanted in (("coverage", coverage), ("risk", risk)):
            if wanted is not None and not 0 <= wanted <= 1:
                raise BadOption(name, f"must be from 0 to 1, not {wanted:g}.")
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

    def prediction_set(self, probabilities: Iterable[float]) -> tuple[str, ...] | None:
        """The conformal set of classes for a slice's probabilities; None if the model has no thresholds for it."""
        least = self.thresholds.set
        if least is None:
            return None
        of = least if isinstance(least, Mapping) else dict.fromkeys(self.classes, least)
        return tuple(
            name for name, share in zip(self.classes, probabilities, strict=True) if share >= of.get(name, 0.0)
        )

    @property
    def _least_coverage(self) -> float:
        """The smallest share of the slices that is enough to judge a threshold."""
        n = (self.trust and self.trust.n) or 0
        return min(_JUDGES, n // 2) / n if n else 0.0
