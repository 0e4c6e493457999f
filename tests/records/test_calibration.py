"""Measured calibration as records keep it."""

import pytest

from hilum.records.calibration import MeasuredCalibration

BIN = {"confidence": 0.6, "accuracy": 0.5, "count": 20}
MEASURED = {"error": 0.1, "band": [0.0, 0.1], "brier": 0.2, "bins": [BIN]}


def test_what_was_measured_is_written_as_it_was():
    made = MeasuredCalibration.made(MEASURED)
    assert made.band == (0.0, 0.1)
    assert made.bins[0].count == 20
    assert made.as_json() == MEASURED


@pytest.mark.parametrize("wrong", [{"band": [0.1]}, {"bins": [{**BIN, "count": 0.5}]}, {"error": None}, {"extra": 1}])
def test_anything_else_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        MeasuredCalibration.made({**MEASURED, **wrong})
