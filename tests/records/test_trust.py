import pytest

from hilum.records.trust import RiskPoint

POINT = {"threshold": 0.5, "coverage": 0.8, "risk": {"value": 0.1, "low": None, "high": None}}


def test_a_point_is_read_as_it_was_made():
    point = RiskPoint.made(POINT)
    assert (point.threshold, point.coverage, point.risk.value, point.risk.low) == (0.5, 0.8, 0.1, None)
    assert point.as_json() == POINT


@pytest.mark.parametrize("changed", [{"coverage": "much"}, {"coverage": float("nan")}, {"more": 1}])
def test_what_does_not_fit_is_not_made(changed):
    with pytest.raises(ValueError, match="validation error"):
        RiskPoint.made({**POINT, **changed})
