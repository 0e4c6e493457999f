"""What a trained model says of itself: model.json, also kept inside an exported file."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from hilum.errors import HilumError
from hilum.model.rules import BrokenRule, is_record
from hilum.text import plain_name, spelt

SCHEMA = "hilum.model/1"
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
    record: Mapping[str, Any]

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
    def headlines(self) -> dict[str, Any]:
        """Macro-F1 with its interval under each protocol and out of fold, as far as the record has them."""
        scores = self.record.get("scores") or {}
        found = {**(scores.get("protocols") or {}), "out_of_fold": scores.get("out_of_fold") or {}}
        return {name: of["f1_macro"] for name, of in found.items() if "f1_macro" in of}

    @property
    def _least_coverage(self) -> float:
        """The share of the slices behind the curve that is enough to judge a threshold by."""
        n = (self.record.get("trust") or {}).get("n") or 0
        return min(_JUDGES, n // 2) / n if n else 0.0


def facts_of(record: Mapping[str, Any], origin: str) -> ModelFacts:
    """Reads model.json's content.

    Args:
        record: As `json.loads` gives it.
        origin: What to call it in an error.

    Raises:
        HilumError: It is of another schema, or lacks something, or a value makes no sense.
    """
    schema = record.get("schema") if isinstance(record, Mapping) else None
    if schema != SCHEMA:
        if isinstance(schema, str) and schema.startswith("hilum.model/"):
            raise HilumError(f"{origin} has the schema {schema}; this hilum reads {SCHEMA}. Use the newer hilum.")
        raise HilumError(f"{origin} is no model of hilum (its schema is {str(schema)[:40]!r}, not {SCHEMA!r}).")
    try:
        is_record(record)
        facts = _facts(record)
        _agree(facts)
    except BrokenRule as error:
        raise HilumError(f"{origin} is damaged: {error}. Take it from its source again.") from error
    return facts


def _facts(record: Mapping[str, Any]) -> ModelFacts:
    preparation, thresholds = record["preparation"], record["thresholds"]
    return ModelFacts(
        classes=tuple(map(plain_name, record["classes"])),
        negative=None if record["negative"] is None else plain_name(record["negative"]),
        name=record["backbone"]["name"],
        scales=record["head"]["scales"],
        size=preparation["size"],
        interpolation=preparation["interpolation"],
        crop=preparation["crop"],
        window=preparation["window"],
        engine=record["engine"],
        answer_threshold=float(thresholds["answer"]),
        outlier_threshold=float(thresholds["outlier"]),
        set_threshold=None if thresholds.get("set") is None else float(thresholds["set"]),
        curve=tuple(CurvePoint(*map(float, point)) for point in record["curve"]),
        index=tuple(Indexed(spelt(path), plain_name(label), content) for path, label, content in record["index"]),
        record=record,
    )


def _agree(facts: ModelFacts) -> None:
    """Checks what no field shows alone.

    Raises:
        BrokenRule: Fields contradict each other.
    """
    known = set(facts.classes)
    if len(known) < 2 or len(known) < len(facts.classes):
        raise BrokenRule("classes must be two or more, each once")
    if facts.negative is not None and facts.negative not in known:
        raise BrokenRule("negative must be one of the classes, or null")
    if not facts.index:
        raise BrokenRule("index must name a training slice")
    if not {row.label for row in facts.index} <= known:
        raise BrokenRule("index must have no label that is none of the classes")


def parse_facts(text: str | bytes, origin: str) -> ModelFacts:
    """Reads model.json's text.

    Raises:
        HilumError: It is no JSON, or larger than `LARGEST`, or as `facts_of` says.
    """
    if len(text) > LARGEST:
        raise HilumError(f"{origin} has {len(text) >> 20} MB of facts; hilum reads {LARGEST >> 20} MB at most.")
    try:
        record = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise HilumError(f"{origin} is damaged: it is no JSON. Take it from its source again.") from error
    return facts_of(record, origin)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
