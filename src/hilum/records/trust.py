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


class Answered(Record):
    """The share of slices answered, and the accuracy of the answers."""

    wanted_accuracy: float | None = None
    wanted_coverage: float | None = None
    coverage: Estimate
    accuracy: Estimate


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
