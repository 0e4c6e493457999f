"""The record of a comparison: the order of its models, and the names that reports take from it."""

import json

import pytest
from helpers.run_records import comparison

from hilum.comparison.record import record_of
from hilum.records.comparison import ComparisonRecord, Gap, SimilarityPoint


@pytest.fixture(scope="module")
def record(compared):
    return record_of(compared, "hilum compare phantom")


def test_the_best_comes_first_whatever_the_others_reach(record):
    first, second = record.ranked
    assert (first.name, record.best_model, first.splits.valid.rank < second.splits.valid.rank) == (
        record.best,
        first,
        True,
    )
    other = record.model_copy(update={"best": second.name})
    assert [model.name for model in other.ranked] == [second.name, first.name]
    assert list(other.titles) == [second.name, first.name]
    assert [model.name for model in record.unavailable] == ["vgg16"]


def test_models_are_ranked_by_valid_f1_and_on_ties_by_loss(record):
    first, second = record.ranked
    better, worse = (
        second.model_copy(
            update={
                "name": name,
                "splits": first.splits.model_copy(update={"valid": first.splits.valid.model_copy(update=change)}),
            }
        )
        for name, change in (("better", {"loss": 0.0}), ("worse", {"loss": 99.0}))
    )
    ranked = record.model_copy(update={"models": (worse, better, first)}).ranked
    assert [model.name for model in ranked] == [first.name, "better", "worse"]


def test_protocols_and_floors_are_named_in_order(record):
    assert record.protocol_names == ["given", "no-copies", "no-look-alikes", "grouped", "strict"]
    assert record.floor_names == ["file facts", "32x32 pixels", "border alone"]


def test_a_models_own_floor_stands_before_the_cheap_ones(record):
    for model in record.ranked:
        floors = record.floors_of(model, "given")
        assert list(floors) == ["lungs blanked", "file facts", "32x32 pixels", "border alone"]
        assert floors["lungs blanked"] == model.floors["given"]
        assert record.floors_of(model, "external:elsewhere") == {}


def test_floors_of_earlier_records_are_all_of_the_audit(record):
    """There, blanked pictures were those of one network for all models; a model's own takes its place."""
    cheap, own = record.audit.floors["strict"], record.best_model.floors["given"]
    floors = {**cheap, "lungs blanked": cheap["border alone"]}
    earlier = record.model_copy(update={"audit": record.audit.model_copy(update={"floors": {"strict": floors}})})
    model = record.best_model.model_copy(update={"floors": {}})
    assert earlier.floors_of(model, "strict") == floors
    assert "lungs blanked" in earlier.model_copy(update={"models": (model,)}).floor_names
    model = record.best_model.model_copy(update={"floors": {"strict": own}})
    assert earlier.floors_of(model, "strict") == {**floors, "lungs blanked": own}


def test_a_record_is_read_as_it_was_written(record):
    assert ComparisonRecord.made(record.as_json()).as_json() == record.as_json()


def test_similarity_keeps_its_name_in_json():
    point = SimilarityPoint.made({"strength": 0.9, "groups": 3, "largest": 2, "scores": {}})
    assert point.similarity == 0.9
    assert point.as_json()["strength"] == 0.9


def test_gaps_of_earlier_records_are_read_as_they_were():
    """They told models apart in every protocol and figure, and knew no margin."""
    earlier = {"difference": {"value": -0.1, "low": -0.2, "high": -0.05}, "p": 0.01, "p_holm": 0.02, "told_apart": True}
    gap = Gap.made(earlier)
    assert gap.as_json() == earlier
    assert (gap.told_apart, gap.as_good) == (True, None)


@pytest.mark.parametrize(
    ("groups", "title", "likeness"),
    [
        ({}, "strict (0.90)", 0.9),
        ({"given": 2, "ids": 2, "named_files": 3}, "strict (ids)", None),
        ({"given": 2, "ids": 2, "named_files": 2}, "strict (ids, 0.90)", 0.9),
        ({"given": 2}, "strict (ids)", None),  # before files with ids were counted
    ],
)
def test_earlier_records_say_which_strict_they_mean(groups, title, likeness):
    old = comparison([], "a", ["a", "b"], protocols=["given", "unseen", "strict"])
    old["audit"] = {**old["audit"], "groups": {**old["audit"]["groups"], **groups}}
    facts = {"meaning": "", "trained": 1, "scored": 1, "groups": 1, "repeats": 1, "notes": []}
    old["protocols"] = [{"name": name, "title": name, **facts} for name in ("given", "unseen", "strict")]
    old["settings"] = {**old["settings"], "protocols": ["given", "unseen", "strict"]}
    record = ComparisonRecord.read(json.dumps(old), "metrics.json")
    assert record.protocol_names == ["given", "no-copies", "strict"]
    assert [protocol.title for protocol in record.protocols] == ["given", "no copies", title]
    assert [protocol.likeness for protocol in record.protocols] == [None, None, likeness]
    assert record.settings.protocols == ("given", "no-copies", "strict")


def test_a_record_of_today_keeps_its_titles(record):
    assert [protocol.title for protocol in record.protocols][-1] == "strict (ids)"
    assert record.audit.title("strict") == "strict (ids)"
    assert record.protocols[-1].likeness is None
