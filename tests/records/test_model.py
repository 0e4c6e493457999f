"""The record of a model: what is needed to use it, its thresholds, and what is refused."""

import json

import pytest
from helpers.model_records import NAME, record_for

from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.records.model import ModelRecord


@pytest.fixture
def content():
    """As little as a model needs, with a curve of three thresholds."""
    return record_for(backbone(NAME), index=[("train/a/1.png", "a", "0" * 64)])


def read(content):
    return ModelRecord.read(json.dumps(content), "model.json")


def test_what_training_wrote_is_read_as_it_is(trained):
    written = {**trained.record.as_json(), "digest": "0" * 64}
    record = ModelRecord.read(json.dumps(written), "model.json")
    assert record.as_json() == written
    assert record.headlines.keys() == {*trained.record.scores.protocols, "out_of_fold"}
    assert record.floors.keys() == trained.record.scores.floors.keys()


def test_a_model_without_scores_has_none(content):
    assert read(content).headlines == read(content).floors == {}


@pytest.mark.parametrize(
    ("least", "expected"),
    [
        (None, None),
        (0.2, ("a", "b")),  # one number for all classes, as in earlier models
        ({"a": 0.6, "b": 0.1, "c": 0}, ("b", "c")),
        ({"a": 0.5}, ("a", "b", "c")),
    ],
)
def test_the_prediction_set_of_a_slice(content, least, expected):
    content["thresholds"]["set"] = least
    assert read(content).prediction_set([0.5, 0.4, 0.1]) == expected


def test_what_a_limit_promises_is_said_and_an_earlier_model_promises_nothing(content):
    assert read(content).thresholds.about_answers.startswith("The model promises nothing: an earlier hilum")
    promise = {"shown": True, "accuracy": 0.95, "error_rate": 0.1, "groups": 171, "fewest_groups": 45}
    for changed, words in (
        ({}, "at least 95% is right"),
        ({"shown": False}, "The model promises nothing: its 171 groups show for no limit that 95% of"),
        (
            {"shown": False, "groups": 30},
            "The model promises nothing: it takes at least 45 groups to show 95% right, not 30",
        ),
    ):
        content["thresholds"]["promise"] = promise | changed
        assert words in read(content).thresholds.about_answers


@pytest.mark.parametrize(
    ("wanted", "threshold"),
    [({}, 0.6), ({"coverage": 0.8}, 0.6), ({"coverage": 1}, 0.4), ({"risk": 0.1}, 0.6), ({"risk": 0.05}, 0.9)],
)
def test_the_threshold_for_a_coverage_or_a_risk(content, wanted, threshold):
    assert read(content).threshold_for(**wanted) == threshold


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"coverage": 0.5, "risk": 0.1}, "not both"),
        ({"coverage": 1.2}, "coverage must be from 0 to 1, not 1.2"),
        ({"risk": -0.1}, "risk must be from 0 to 1"),
        ({"risk": 0.001}, "risk of 0.001 or less; the lowest was 0.010"),
    ],
)
def test_a_threshold_that_makes_no_sense_is_refused(content, wanted, words):
    with pytest.raises(HilumError, match=words):
        read(content).threshold_for(**wanted)


def test_a_threshold_that_too_few_slices_judge_is_left_out(content):
    judged = read({**content, "trust": {"n": 60}})  # at coverage 0.4, 24 of 60 slices judge
    with pytest.raises(HilumError, match=r"the lowest was 0\.100"):
        judged.threshold_for(risk=0.05)


@pytest.mark.parametrize(
    ("part", "field", "value", "words"),
    [
        ("preparation", "interpolation", "nearest-ish", "must be one of"),
        ("preparation", "size", 0, "must be a whole number from 1 to"),
        ("head", "scales", 3, "must be last, earlier or both"),
        ("thresholds", "answer", 2.0, "must be a number from 0 to 1"),
    ],
)
def test_a_damaged_field_is_named(content, part, field, value, words):
    content[part][field] = value
    with pytest.raises(HilumError, match=rf"model.json is damaged: {part}.{field} {words}"):
        read(content)


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (None, "strict (0.90)"),
        ({"folder": "a"}, "strict (0.90)"),  # a model of an earlier hilum
        ({"grouped_by": "look-alikes"}, "strict (0.90)"),
        ({"grouped_by": "given ids"}, "strict (ids)"),
        ({"grouped_by": "look-alikes", "likeness": 0.87}, "strict (0.87)"),
        ({"grouped_by": "ids of DICOM headers", "likeness": None}, "strict (ids)"),
        ({"grouped_by": "given ids", "likeness": 0.87}, "strict (ids, 0.87)"),
    ],
)
def test_a_model_says_which_strict_its_scores_mean(content, data, title):
    record = read(content if data is None else {**content, "data": data})
    assert record.title("strict") == title
    assert record.title("no-copies") == "no copies"
