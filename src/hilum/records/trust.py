"""Figures of trust: how far probabilities, abstentions, prediction sets and outlier scores hold."""

from hilum.records.base import Record
from hilum.records.calibration import Bin
from hilum.records.figures import Estimate


class CalibrationFigures(Record):
    """How well probabilities match the shares that are right; `band` is the range of the error by chance alone."""

    error: float
    band: tuple[float, float]
    inside: bool
    brier: float
    loss: float
    bins: tuple[Bin, ...]


class Calibration(Record):
    """Calibration before and after temperature scaling, with one temperature for each cross-fitting fold."""

    temperatures: tuple[float, ...]
    before: CalibrationFigures
    after: CalibrationFigures


class Promise(Record):
    """What a model's own answer threshold promises: an accuracy of its answers, on groups like those it was fitted on.

    Attributes:
        shown: Whether the accuracy was shown; if not, the threshold promises nothing.
        accuracy: Share of answers that should be right, each group counting once.
        error_rate: Chance that a promise is made and not kept.
        groups: Number of groups that the threshold was fitted on.
        fewest_groups: Number of groups below which no promise is ever made.
    """

    shown: bool
    accuracy: float
    error_rate: float
    groups: int
    fewest_groups: int

    def __str__(self) -> str:
        if self.shown:
            return (
                f"Promise: of what it answers at its own limit at least {self.accuracy:.0%} is right on slices like "
                "those it was trained on, each group of look-alikes counting once; such a promise fails at most "
                f"{self.error_rate:.0%} of the time."
            )
        if self.groups < self.fewest_groups:
            why = f"it takes at least {self.fewest_groups} groups to show {self.accuracy:.0%} right, not {self.groups}"
        else:
            why = f"its {self.groups} groups show for no limit that {self.accuracy:.0%} of the answers are right"
        return f"The model promises nothing: {why}. Its limit is the one that did best on held-out slices."


class Answered(Record):
    """The share of slices answered, and the accuracy of the answers: by slice, and with each group counting once."""

    wanted_accuracy: float | None = None
    wanted_coverage: float | None = None
    coverage: Estimate
    accuracy: Estimate
    accuracy_by_group: Estimate | None = None


class RiskPoint(Record):
    """The share of slices answered at a threshold on the top probability, and the share of wrong answers."""

    threshold: float
    coverage: float
    risk: Estimate


class Answers(Record):
    """Measured effects of thresholds on the top probability."""

    accuracy: Estimate
    at_threshold: Answered
    at_90_coverage: Answered
    risk_coverage: tuple[RiskPoint, ...]


class Conformal(Record):
    """Measured coverage and sizes of prediction sets."""

    confidence: float
    coverage: Estimate
    coverage_by_class: tuple[Estimate, ...]
    coverage_by_group: Estimate
    mean_size: float
    sizes: tuple[float, ...]


class Outliers(Record):
    """Shares of good slices that are refused as outliers."""

    percentile: int | float
    refused: Estimate
    refused_by_class: tuple[Estimate, ...]
