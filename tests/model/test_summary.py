"""A model in a few lines."""

import re

import pytest
from helpers.model_records import record_for

from hilum.backbones.zoo import backbone
from hilum.model.summary import summary_html, summary_line
from hilum.records.model import ModelRecord
from hilum.report.words import with_interval


def made(**changes):
    return ModelRecord.model_validate(record_for(backbone("vgg16"), **changes))


@pytest.fixture(scope="module")
def record(trained):
    return ModelRecord.model_validate(trained.record.as_json() | {"digest": "0" * 64})


def test_one_line_has_the_hardest_score_and_its_floor(record, trained):
    scores = trained.record.scores
    line = summary_line(record)
    assert line.startswith("EfficientNet-Lite0 on phantom: 4 classes, macro-F1 strict (ids) ")
    assert with_interval(scores.protocols["strict"].f1_macro) in line
    assert "highest floor 0." in line
    assert line.endswith(", synthetic phantom slices")


def test_a_model_without_scores_is_named_all_the_same():
    assert summary_line(made()) == "VGG16 on unknown: 3 classes"
    shown = summary_html(made(random_weights=True))
    assert "<table" not in shown
    assert "Random weights: scores mean nothing." in shown
    assert "The model promises nothing: an earlier hilum set its limit" in shown


def test_the_card_has_every_score_beside_its_floor_and_what_to_beware_of(record, trained):
    shown = summary_html(record)
    for name, figures in trained.record.scores.protocols.items():
        assert f">{record.title(name)}</td>" in shown
        assert with_interval(figures.f1_macro) in shown
    assert ">out of fold</td>" in shown
    assert "A score that is not above its floor is no evidence" in shown
    assert record.thresholds.about_answers in shown
    assert "Nothing is known about slices of other hospitals" in shown
    assert "No patient ids" not in shown
    assert record.notice in shown


def test_a_model_of_look_alikes_says_that_no_patient_is_known():
    assert "No patient ids were given" in summary_html(made())


def test_names_cannot_add_to_the_page():
    shown = summary_html(made(classes=("a<b>", "b", "c"), data={"folder": "<script>"}))
    assert "a&lt;b&gt;" in shown
    assert re.findall("<script|<b>", shown) == []
