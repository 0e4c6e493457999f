"""Figures of a model, on one split or with intervals under a protocol."""

import math
from collections.abc import Mapping
from typing import Annotated, Generic, Self, TypeVar

from pydantic import AfterValidator, Field

from hilum.records.base import Record
from hilum.records.calibration import MeasuredCalibration


class Estimate(Record):
    """A figure and its 95 % interval; None if they cannot be computed."""

    value: float | None
    low: float | None = None
    high: float | None = None


Figure = TypeVar("Figure", float | None, Estimate)


class ClassFigures(Record, Generic[Figure]):
    """One class against the rest."""

    precision: Figure
    recall: Figure
    specificity: Figure
    f1: Figure
    support: int
    groups: int = 0
    too_few: bool = False


class Binary(Record, Generic[Figure]):
    """Cancer against the negative class."""

    negative: str
    sensitivity: Figure = Field(title="sensi\u00adtivity")
    specificity: Figure = Field(title="speci\u00adficity")
    auc: Figure
    too_few: bool = False


class Keras(Record, Generic[Figure]):
    """The published notebook's figures, over the flattened one-hot matrix."""

    precision: Figure
    recall: Figure
    auc: Figure


class ConfusedPair(Record):
    """The two classes that are confused most often; the count is a mean over repeats."""

    classes: tuple[str, str]
    count: int | float


class Figures(Record, Generic[Figure]):
    """Every figure of a model on n slices. Figures with a title are columns of the page, broken at soft hyphens."""

    n: int
    loss: Figure = Field(title="loss")
    accuracy: Figure = Field(title="accu\u00adracy")
    precision_macro: Figure = Field(title="preci\u00adsion")
    recall_macro: Figure = Field(title="recall")
    f1_macro: Figure = Field(title="F1 macro")
    f1_micro: Figure = Field(title="F1 micro")
    f1_weighted: Figure
    auc_macro: Figure = Field(title="AUC")
    per_class: dict[str, ClassFigures[Figure]]
    confusion: tuple[tuple[int | float, ...], ...]
    most_confused: ConfusedPair | None
    binary: Binary[Figure] | None
    keras: Keras[Figure]

    @property
    def rank(self: "Figures[float | None]") -> tuple[float, float]:
        """Sort key of models, the best first: macro-F1, on ties the loss."""
        return -(self.f1_macro or 0), self.loss or 0


class GroupFigures(Record):
    """Figures of whole groups of slices."""

    n: int
    accuracy: Estimate
    f1_macro: Estimate


class Lead(Record):
    """The lead of a model over the highest floor."""

    floor: str
    difference: Estimate
    above: bool
    groups: int
    too_few: bool


class Headline(Record):
    """The one figure by which models and floors are compared."""

    f1_macro: Estimate | None = None


class ProtocolFigures(Figures[Estimate], Headline):
    """Figures with intervals under one protocol."""

    f1_macro: Estimate
    groups: int
    per_group: GroupFigures | None = None
    per_series: GroupFigures | None = None
    over_floor: Lead | None = None
    calibration: MeasuredCalibration | None = None


BLANKED, BORDER = "lungs blanked", "border alone"
"""Name of the floor of a network on blanked pictures: in a comparison, of the model's own."""


class Floor(Headline):
    """Figures of a simple model that hardly sees the disease."""

    accuracy: Estimate
    f1_macro: Estimate
    auc_macro: Estimate
    binary: Binary[Estimate] | None

    @classmethod
    def of(cls, figures: ProtocolFigures) -> Self:
        """The figures that a floor keeps."""
        return cls(**{name: getattr(figures, name) for name in cls.model_fields})


def today(protocol: str) -> str:
    """The present name of a protocol: what is `no-copies` was `unseen` in earlier records."""
    return "no-copies" if protocol == "unseen" else protocol


ProtocolName = Annotated[str, AfterValidator(today)]


def protocol_title(protocol: str, likeness: float | None, *, ids: bool = False) -> str:
    """The name of a protocol for readers, such as `no copies` or `strict (0.87)`.

    Args:
        protocol: Name of the protocol.
        likeness: Correlation above which `strict` keeps slices together; None if every slice has a given id.
        ids: Whether slices have given ids, which go before look-alikes.
    """
    if protocol != "strict":
        return protocol.replace("-", " ", 1)
    named = ["ids"] if ids or likeness is None else []
    return f"strict ({', '.join([*named, *([] if likeness is None else [likeness_text(likeness)])])})"


def likeness_text(likeness: float) -> str:
    """A likeness with two digits, or with as many as it needs: `0.90`, `0.875`."""
    return f"{likeness:.2f}" if round(likeness, 2) == likeness else f"{likeness:g}"


Named = TypeVar("Named")


def _renamed(found: Mapping[str, Named]) -> Mapping[str, Named]:
    return {today(name): of for name, of in found.items()}


ByProtocol = Annotated[Mapping[str, Named], AfterValidator(_renamed)]
"""Values by the name of a protocol; names of earlier records are understood."""

Floors = ByProtocol[Mapping[str, Floor]]
"""Floors by protocol and name of the simple model."""


def floors_with_own(own: Named | None, others: Mapping[str, Named]) -> dict[str, Named]:
    """A model's floors by name: its own on blanked pictures first, in place of any other network's."""
    if own is None:
        return dict(others)
    return {BLANKED: own, **{name: floor for name, floor in others.items() if name != BLANKED}}


def highest(values: Mapping[str, float | None]) -> str | None:
    """The name of the highest value, the first on ties; None if no value is known."""
    known = {name: value for name, value in values.items() if value is not None and not math.isnan(value)}
    return max(known, key=known.__getitem__, default=None)


def highest_floor(floors: Mapping[str, Headline]) -> tuple[str, Estimate] | None:
    """The name and the macro-F1 of the highest floor; None if no floor is known."""
    figures = {name: floor.f1_macro for name, floor in floors.items() if floor.f1_macro}
    name = highest({name: figure.value for name, figure in figures.items()})
    return None if name is None else (name, figures[name])
