"""What a trained model says of itself: model.json, also kept inside an exported file."""

import math
from dataclasses import dataclass

from hilum.errors import HilumError
from hilum.records.model import ModelRecord
from hilum.text import plain_name, spelt

CARD = "card.md"  # in a model folder; the one file of it that may be edited
NEIGHBOURS = 5  # training slices that are named beside an answer
_JUDGES = 30  # slices, as for the model's own threshold
LARGEST = 64 * 2**20  # bytes of model.json, which is some 400,000 training slices


@dataclass(frozen=True)
class Indexed:
    """A training slice of a model's index: its path below the training folder, label, and SHA-256 of the file.

    The path is as `hilum.text.spelt` gives it; `hilum.text.found_below` finds the file.
    """

    path: str
    label: str
    content: str


@dataclass(frozen=True)
class CurvePoint:
    """At a threshold on the top probability: which share of slices is answered, and how many of those are wrong."""

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True)
class ModelFacts:
    """What reading with a model needs to know beside its tensors.

    Attributes:
        classes: Names as `hilum.text.plain_name` gives them, in the order of the probabilities.
        negative: The class that is no cancer, or None.
        name: Of the backbone.
        scales: Of how many of the backbone's last scales the head sees features, 1 or 2.
        size: Side of the input in pixels.
        interpolation: How slices are resized.
        crop: Whether slices are cropped to the body.
        window: How DICOM was windowed for training (`auto`, `lung`, ...).
        engine: What computed the training features, with its version.
        answer_threshold: Top probability in `[0, 1]` below which the model abstains.
        outlier_threshold: Outlier score above which a slice is an outlier.
        set_threshold: Probability from which on a class is in a prediction set; None in models without one.
        curve: Coverage and risk at other thresholds, by ascending threshold.
        index: The training slices, in the order of the index of features.
        record: All of model.json.
    """

    classes: tuple[str, ...]
    negative: str | None
    name: str
    scales: int
    size: int
    interpolation: str
    crop: bool
    window: str
    engine: str
    answer_threshold: float
    outlier_threshold: float
    set_threshold: float | None
    curve: tuple[CurvePoint, ...]
    index: tuple[Indexed, ...]
    record: ModelRecord

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
        return self.answer_threshold

    @property
    def _least_coverage(self) -> float:
        """The share of the slices behind the curve that is enough to judge a threshold by."""
        n = (self.record.trust and self.record.trust.n) or 0
        return min(_JUDGES, n // 2) / n if n else 0.0


def parse_facts(text: str | bytes, origin: str) -> ModelFacts:
    """Reads model.json's text.

    Args:
        text: JSON.
        origin: What to call it in an error.

    Raises:
        HilumError: It is larger than `LARGEST`, no JSON, of another schema, or lacks something, or a value makes no
            sense.
    """
    if len(text) > LARGEST:
        raise HilumError(f"{origin} has {len(text) >> 20} MB of facts; hilum reads {LARGEST >> 20} MB at most.")
    record = ModelRecord.read(text, origin)
    facts = ModelFacts(
        classes=tuple(map(plain_name, record.classes)),
        negative=None if record.negative is None else plain_name(record.negative),
        name=record.backbone.name,
        scales=record.head.scales,
        size=record.preparation.size,
        interpolation=record.preparation.interpolation,
        crop=record.preparation.crop,
        window=record.preparation.window,
        engine=record.engine,
        answer_threshold=record.thresholds.answer,
        outlier_threshold=record.thresholds.outlier,
        set_threshold=record.thresholds.set,
        curve=tuple(CurvePoint(*point) for point in record.curve),
        index=tuple(Indexed(spelt(path), plain_name(label), content) for path, label, content in record.index),
        record=record,
    )
    if fault := _contradiction(facts):
        raise HilumError(f"{origin} is damaged: {fault}. Take it from its source again.")
    return facts


def _contradiction(facts: ModelFacts) -> str | None:
    """What no field shows alone."""
    known = set(facts.classes)
    if len(known) < 2 or len(known) < len(facts.classes):
        return "classes must be two or more, each once"
    if facts.negative is not None and facts.negative not in known:
        return "negative must be one of the classes, or null"
    if not facts.index:
        return "index must name a training slice"
    if not {row.label for row in facts.index} <= known:
        return "index must have no label that is none of the classes"
    return None
