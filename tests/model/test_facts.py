"""What model.json says, and the thresholds that a user may choose instead."""

import copy
import json

import pytest
from helpers.model_records import NAME, record_for
from hypothesis import given
from hypothesis import strategies as st

from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.model.facts import parse_facts
from hilum.records.figures import Estimate
from hilum.records.model import Indexed

INDEX = [("train/a/1.png", "a", "1" * 64), ("train/b/2.png", "b", "2" * 64)]
CURVE = [[0.0, 1.0, 0.2], [0.4, 0.9, 0.15], [0.6, 0.8, 0.1], [0.9, 0.4, 0.01]]


def facts_of(record, origin):
    return parse_facts(json.dumps(record), origin)


@pytest.fixture
def record():
    return record_for(backbone(NAME), index=INDEX, curve=CURVE)


def test_facts_are_those_of_the_record(record):
    facts = facts_of(record, "it")
    assert facts.classes == ("a", "b", "c")
    assert (facts.backbone.name, facts.head.scales) == (NAME, "last")
    preparation = facts.preparation
    assert (preparation.size, preparation.interpolation) == (224, "bicubic")
    assert (preparation.crop, preparation.window) == (True, "auto")
    assert facts.index == (Indexed(*INDEX[0]), Indexed(*INDEX[1]))
    assert (facts.thresholds.answer, facts.thresholds.outlier, facts.negative) == (0.6, 0.5, None)
    assert facts.as_json() == record
    assert facts == facts_of(record, "it")


def test_headlines_are_the_protocols_and_what_was_out_of_fold(record):
    assert facts_of({**record, "scores": None}, "it").headlines == {}
    given, strict = ({"value": value, "low": 0.1, "high": 0.9} for value in (0.8, 0.6))
    scores = {"protocols": {"given": {"f1_macro": given}, "grouped": {}}, "out_of_fold": {"f1_macro": strict}}
    assert facts_of({**record, "scores": scores}, "it").headlines == {
        "given": Estimate(**given),
        "out_of_fold": Estimate(**strict),
    }


def test_the_threshold_is_the_model_s_own_or_as_chosen(record):
    facts = facts_of(record, "it")
    assert facts.threshold_for() == 0.6
    assert [facts.threshold_for(coverage=wanted) for wanted in (1, 0.95, 0.9, 0.5, 0.4)] == [0, 0, 0.4, 0.6, 0.9]
    assert [facts.threshold_for(risk=wanted) for wanted in (1, 0.2, 0.19, 0.1, 0.05)] == [0, 0, 0.4, 0.6, 0.9]


def test_a_threshold_that_few_slices_judge_is_passed_over(record):
    record["trust"] = {"n": 60}  # 0.9 answers 24 of them
    facts = facts_of(record, "it")
    assert facts.threshold_for(coverage=0.4) == 0.6
    with pytest.raises(HilumError, match=r"the lowest was 0\.100"):
        facts.threshold_for(risk=0.05)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"coverage": 0.5, "risk": 0.5}, "not both"),
        ({"coverage": 1.1}, "coverage must be from 0 to 1, not 1.1"),
        ({"coverage": float("nan")}, "coverage must be from 0 to 1"),
        ({"risk": -0.1}, "risk must be from 0 to 1"),
        ({"risk": 0.001}, r"had a risk of 0.001 or less; the lowest was 0\.010"),
    ],
)
def test_thresholds_that_cannot_be(record, wanted, reason):
    with pytest.raises(HilumError, match=reason):
        facts_of(record, "it").threshold_for(**wanted)


@given(st.lists(st.tuples(*[st.floats(0, 1)] * 3), max_size=6), st.floats(0, 1))
def test_a_chosen_coverage_is_reached(points, wanted):
    """At the threshold that is chosen, the curve covers what was asked for; it starts where all is answered."""
    points = [(0.0, 1.0, 0.5), *points]
    facts = facts_of(record_for(backbone(NAME), index=INDEX, curve=points), "it")
    threshold = facts.threshold_for(coverage=wanted)
    assert any(point.threshold == threshold and point.coverage >= wanted for point in facts.curve)


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (("classes",), ["a"]),
        (("classes",), ["a", "a", "b"]),
        (("classes",), "abc"),
        (("classes",), [1, 2, 3]),
        (("negative",), "normal"),
        (("head", "scales"), 3),
        (("preparation", "size"), 0),
        (("preparation", "size"), 10**6),
        (("preparation", "size"), 224.5),
        (("preparation", "size"), float("inf")),
        (("preparation", "interpolation"), "guessed"),
        (("preparation", "crop"), "no"),
        (("preparation", "window"), "door"),
        (("thresholds", "answer"), 1.5),
        (("thresholds", "answer"), float("nan")),
        (("thresholds", "outlier"), float("inf")),
        (("thresholds", "outlier"), 10**400),
        (("thresholds",), None),
        (("curve",), [[0.5, 1.0]]),
        (("curve",), [[0.5, 1.0, float("nan")]]),
        (("index",), []),
        (("index",), ["abc"]),
        (("index",), [["train/d/1.png", "d", "0"]]),
        (("index",), [["train/a/1.png", "a", 0]]),
        (("backbone", "seed"), "0"),
        (("backbone", "weights"), {}),
        (("backbone", "tag"), None),
        (("digest",), 5),
        (("notice",), None),
    ],
)
def test_values_that_make_no_sense_are_refused(record, way, value):
    record = copy.deepcopy(record)
    *outer, last = way
    part = record
    for key in outer:
        part = part[key]
    part[last] = value
    with pytest.raises(HilumError, match="it is damaged"):
        facts_of(record, "it")
    del part[last]
    with pytest.raises(HilumError, match=r"it is damaged: .* is missing"):
        facts_of(record, "it")
