"""Figures: the highest value, and the highest floor."""

import math

import pytest

from hilum.records.figures import Estimate, Headline, highest, highest_floor, protocol_title


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


def test_the_highest_floor_is_the_one_that_reaches_most():
    floors = {name: Headline(f1_macro=Estimate(value=value)) for name, value in (("a", 0.2), ("b", 0.7), ("c", None))}
    assert highest_floor(floors) == ("b", Estimate(value=0.7))


def test_where_no_floor_is_known_there_is_none():
    assert highest_floor({"a": Headline(f1_macro=Estimate(value=None)), "b": Headline()}) is None
    assert highest_floor({}) is None


@pytest.mark.parametrize(
    ("likeness", "ids", "title"),
    [(0.9, False, "strict (0.90)"), (0.875, False, "strict (0.875)"), (0.87, True, "strict (ids, 0.87)"),
     (None, True, "strict (ids)"), (None, False, "strict (ids)")],
)  # fmt: skip
def test_strict_is_named_with_its_likeness(likeness, ids, title):
    assert protocol_title("strict", likeness, ids=ids) == title
    assert protocol_title("no-look-alikes", likeness, ids=ids) == "no look-alikes"
