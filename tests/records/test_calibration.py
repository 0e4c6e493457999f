"""Measured calibration, as records keep it."""

import pytest

from hilum.records.calibration import MeasuredCalibration

MEASURED = {
    "error": 0.03, "band": [0.01, 0.05], "brier": 0.2, "bins": [{"confidence": 0.6, "accuracy": 0.5, "count": 8}],
}  # fmt: skip


def test_it_is_read_as_it_was_made():
    measured = MeasuredCalibration.made(MEASURED)
    assert (measured.band, measured.bins[0].count) == ((0.01, 0.05), 8)
    assert measured.as_json() == MEASURED


@pytest.mark.parametrize(
    "changed", [{"band": [0.01]}, {"bins": [{"confidence": 0.6, "accuracy": 0.5}]}, {"brier": float("nan")}, {"ece": 1}]
)
def test_what_does_not_fit_is_not_made(changed):
    with pytest.raises(ValueError, match="validation error"):
        MeasuredCalibration.made({**MEASURED, **changed})
