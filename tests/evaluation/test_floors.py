import math

import pytest

from hilum.evaluation.floors import highest, highest_floor


def floor(value):
    return {"f1_macro": {"value": value, "low": None, "high": None}, "accuracy": {"value": 1.0}}


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"a": 0.2, "b": 0.4, "c": 0.3}, "b"),
        ({"a": 0.4, "b": 0.4}, "a"),
        ({"a": None, "b": math.nan, "c": 0.0}, "c"),
        ({"a": None}, None),
        ({}, None),
    ],
)
def test_the_first_of_the_highest_that_are_known(values, name):
    assert highest(values) == name


def test_the_highest_floor_is_named_with_its_interval():
    floors = {"file facts": floor(0.42), "border alone": floor(0.5), "lungs blanked": floor(None)}
    assert highest_floor(floors) == ("border alone", {"value": 0.5, "low": None, "high": None})
    assert highest_floor({"border alone": floor(None)}) is None
    assert highest_floor({}) is None
