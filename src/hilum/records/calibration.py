"""How well probabilities match the shares that are right."""

from hilum.records.base import Record


class Bin(Record):
    """Slices with similar top probabilities."""

    confidence: float
    accuracy: float
    count: int


class MeasuredCalibration(Record):
    """The calibration error, the band of errors that chance alone explains, the Brier score and the bins."""

    error: float
    band: tuple[float, float]
    brier: float
    bins: tuple[Bin, ...]
