"""What the slices of each DICOM series come to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.predict.rows import DECISIONS, Row, as_written


@dataclass(frozen=True)
class SeriesSummary:
    """A DICOM series.

    Attributes:
        series: A salted hash of it and its patient.
        path: Of its first slice.
        slices: How many rows it has.
        decisions: How many of them had each decision.
        label: The class of most answered slices, by mean probability where two tie; None where none was answered.
        probabilities: Their mean over the answered slices, by class name; None where none was answered.
    """

    series: str
    path: str
    slices: int
    decisions: dict[str, int]
    label: str | None
    probabilities: dict[str, float] | None

    def as_json(self) -> dict[str, Any]:
        """The summary as JSON holds it."""
        return as_written(vars(self))


@dataclass
class _Sums:
    path: str
    decisions: Counter[str]
    labels: Counter[str]
    probabilities: NDArray[np.float64]


@dataclass
class Tally:
    """Counts rows as they come; what it keeps grows with the number of series, not of slices.

    Attributes:
        classes: Names, in the model's order.
        decisions: How many rows had each decision.
    """

    classes: Sequence[str]
    decisions: Counter[str] = field(default_factory=Counter)
    _series: dict[str, _Sums] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Counts one row."""
        self.decisions[row.decision] += 1
        if row.series is None:
            return
        if (sums := self._series.get(row.series)) is None:
            sums = self._series[row.series] = _Sums(row.path, Counter(), Counter(), np.zeros(len(self.classes)))
        sums.decisions[row.decision] += 1
        if row.label is not None and row.probabilities is not None:
            sums.labels[row.label] += 1
            sums.probabilities += [row.probabilities[name] for name in self.classes]

    def summaries(self) -> list[SeriesSummary]:
        """One summary a series, in the order in which the series first came."""
        return [self._summary(series, sums) for series, sums in self._series.items()]

    def _summary(self, series: str, sums: _Sums) -> SeriesSummary:
        answered = sums.labels.total()
        label, means = None, None
        if answered:
            means = {
                name: round(float(mean), 6)
                for name, mean in zip(self.classes, sums.probabilities / answered, strict=True)
            }
            label = max(self.classes, key=lambda name: (sums.labels[name], means[name]))
        decisions: dict[str, int] = {name: sums.decisions[name] for name in DECISIONS}
        return SeriesSummary(series, sums.path, sums.decisions.total(), decisions, label, means)
