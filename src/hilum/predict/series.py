"""Summaries of DICOM series."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.predict.rows import Row, as_written
from hilum.trust.abstention import DECISIONS


@dataclass(frozen=True)
class SeriesSummary:
    """The summary of a DICOM series.

    Attributes:
        series: Salted hash of the series and its patient.
        path: Path of its first slice.
        slices: Number of its rows.
        decisions: Number of rows with each decision.
        label: Class of most answered slices (of ties, the one with the highest mean probability), or None if no slice
            was answered.
        probabilities: Mean probabilities of the answered slices by class name, or None if no slice was answered.
    """

    series: str
    path: str
    slices: int
    decisions: dict[str, int]
    label: str | None
    probabilities: dict[str, float] | None

    def as_json(self) -> dict[str, Any]:
        """The summary as a JSON object."""
        return as_written(vars(self))


@dataclass
class _Sums:
    path: str
    decisions: Counter[str]
    labels: Counter[str]
    probabilities: NDArray[np.float64]


@dataclass
class Tally:
    """Counts of rows, in memory that grows with the number of series, not of slices.

    Attributes:
        classes: Class names, in the model's order.
        decisions: Number of rows with each decision.
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
        """One summary per series, in the order of their first rows."""
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
