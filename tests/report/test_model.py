"""What is said on the terminal after training."""

import pytest

from hilum.records.trained import TrainedRecord
from hilum.report import model
from hilum.report.trust_words import trust_lines


def _figure(value, low=None, high=None):
    return {"value": value, "low": low, "high": high}


def training_lines(record):
    return model.training_lines(TrainedRecord.made(record))


@pytest.fixture
def scored(model_record):
    """A record whose scores are told apart."""
    scores = model_record["scores"]
    scores["protocols"]["given"]["f1_macro"] = _figure(0.9, 0.85, 0.95)
    scores["protocols"]["strict"]["f1_macro"] = _figure(0.6, 0.5, 0.7)
    pair = {"classes": ["large_cell_carcinoma", "normal"], "count": 3}
    scores["out_of_fold"] = {
        **scores["out_of_fold"], "f1_macro": _figure(0.55, 0.45, 0.65), "most_confused": pair
    }  # fmt: skip
    floors = scores["floors"]["given"]
    scores["protocols"] = {name: scores["protocols"][name] for name in ("given", "strict")}
    model_record["data"]["fitted"] = {"large_cell_carcinoma": 1200, "normal": 34}
    model_record["synthetic"] = False
    scores["floors"] = {"given": {
        "file facts": {**floors["file facts"], "f1_macro": _figure(0.42, 0.4, 0.5)},
        "border alone": {**floors["border alone"], "f1_macro": _figure(0.15, 0.1, 0.2)},
    }}  # fmt: skip
    return model_record


def test_the_hardest_score_is_the_verdict_and_stands_beside_its_floor(scored):
    record = TrainedRecord.made(scored)
    end = "; the model's head is fitted on 1,234 slices of 4 classes."
    assert model.training_lines(record) == [
        f"Under strict (ids), EfficientNet-Lite0 reaches macro-F1 0.600 [0.50–0.70]{end}",
        trust_lines(record)[0],
    ]
    del scored["scores"]["protocols"]["strict"]
    floor = "0.420 [0.40–0.50] (file facts)"
    assert training_lines(scored)[0] == (
        f"Under given, EfficientNet-Lite0 reaches macro-F1 0.900 [0.85–0.95], beside a floor of {floor}{end}"
    )


def test_synthetic_slices_and_random_weights_are_said_first(scored):
    lines = training_lines({**scored, "synthetic": True, "random_weights": True})
    assert lines[:2] == ["Synthetic phantom slices.", "Random weights: scores mean nothing."]


def test_what_was_not_measured_is_not_said(scored):
    scores = scored["scores"]
    scores["floors"]["given"]["file facts"]["f1_macro"] = _figure(None)
    del scores["floors"]["given"]["border alone"]
    scores["protocols"] = {"given": {**scores["protocols"]["given"], "f1_macro": _figure(None)}}
    assert training_lines(scored)[0].startswith("Under given, EfficientNet-Lite0 reaches macro-F1 –; the model's head")
