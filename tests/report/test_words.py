"""Words: short titles, counts with their nouns, and figures with their intervals."""

import math

import pytest

from hilum.records.comparison import ComparisonRecord
from hilum.records.figures import Estimate
from hilum.report.words import interval, listed, number, plural, short_title, with_interval


def test_an_ensemble_goes_by_its_size_where_that_tells_it_apart(record):
    single, *ensembles = record["models"][:-1]
    ensembles.append({**ensembles[0], "name": "third"})
    record["models"].insert(0, ensembles[-1])
    for model, title, members in zip(ensembles, ("A + B + C", "A + B", "A + C"), ("abc", "ab", "ac"), strict=True):
        model.update(title=title, members=list(members))
    made = ComparisonRecord.made(record)
    titles = {model.title: short_title(model, made) for model in made.ranked}
    assert titles == {single["title"]: single["title"], "A + B + C": "3 averaged", "A + B": "A + B", "A + C": "A + C"}


def test_plural():
    assert [plural(count, "file") for count in (0, 1, 1000)] == ["0 files", "1 file", "1,000 files"]


def test_parts_are_listed_for_a_sentence():
    assert [listed(parts) for parts in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


def test_numbers_that_are_not_known_are_a_dash():
    assert [number(value, 1) for value in (1234.56, None, math.nan)] == ["1,234.6", "–", "–"]


@pytest.mark.parametrize(
    ("of", "shown"),
    [
        ((0.9261, 0.891, 0.952), "0.926 [0.89–0.95]"),
        ((0.05, -0.012, 0.1), "0.050 [−0.01 to 0.10]"),
        ((0.5, None, None), "0.500 [–]"),
        ((None, None, None), "–"),
    ],
)
def test_a_figure_has_its_interval(of, shown):
    assert with_interval(Estimate(**dict(zip(("value", "low", "high"), of, strict=True)))) == shown
    assert with_interval(None) == "–"


def test_an_interval_may_stand_alone():
    assert interval(Estimate(value=0.5, low=0.4, high=0.6)) == "[0.40–0.60]"
