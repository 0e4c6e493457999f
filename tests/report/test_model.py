"""What is said on the terminal after training."""

import copy

import pytest

from hilum.report.model import training_lines


def _figure(value, low=None, high=None):
    return {"value": value, "low": low, "high": high}


@pytest.fixture
def model_record():
    floors = {"file facts": {"f1_macro": _figure(0.42, 0.4, 0.5)}, "border": {"f1_macro": _figure(0.15, 0.1, 0.2)}}
    return {
        "synthetic": False,
        "random_weights": False,
        "classes": ["large_cell_carcinoma", "normal"],
        "backbone": {"title": "EfficientNet-Lite0"},
        "data": {"fitted": {"large_cell_carcinoma": 1200, "normal": 34}, "grouped_by": "look-alikes"},
        "scores": {
            "protocols": {
                "given": {"f1_macro": _figure(0.9, 0.85, 0.95)}, "strict": {"f1_macro": _figure(0.6, 0.5, 0.7)}
            },
            "out_of_fold": {
                "f1_macro": _figure(0.55, 0.45, 0.65),
                "most_confused": {"classes": ["large_cell_carcinoma", "normal"], "count": 3},
            },
            "floors": {"given": floors},
        },
        "thresholds": {"answer": 0.71, "outlier": 0.4},
        "trust": {"answers": {"at_threshold": {"coverage": _figure(0.8, 0.7, 0.9), "accuracy": _figure(0.95, 0.9, 1)}}},
    }  # fmt: skip


def test_every_score_stands_beside_its_floor(model_record):
    assert training_lines(model_record) == [
        "EfficientNet-Lite0 with a head fitted on 1,234 slices of 2 classes.",
        "Macro-F1 given: 0.900 [0.85–0.95], highest floor 0.420 [0.40–0.50].",
        "Macro-F1 strict: 0.600 [0.50–0.70].",
        "Out of fold over what it was fitted on, look-alikes kept together: 0.550 [0.45–0.65].",
        "Most often taken for each other: large cell carcinoma and normal.",
        "It abstains below 0.71: answers 0.80 [0.70–0.90] of the slices, 0.95 [0.90–1.00] of them rightly.",
    ]


def test_synthetic_slices_and_random_weights_are_said_first(model_record):
    lines = training_lines({**model_record, "synthetic": True, "random_weights": True})
    assert lines[:2] == ["Synthetic phantom slices.", "Random weights: scores mean nothing."]


def test_what_was_not_measured_is_not_said(model_record):
    record = copy.deepcopy(model_record)
    record["trust"]["answers"] = None
    record["scores"]["out_of_fold"]["most_confused"] = None
    record["scores"]["floors"]["given"] = {"border": {"f1_macro": _figure(None)}}
    record["data"]["grouped_by"] = "given ids"
    record["scores"]["protocols"] = {"given": {"f1_macro": _figure(None)}}
    assert training_lines(record)[1:] == [
        "Macro-F1 given: –.",
        "Out of fold over what it was fitted on, given groups kept together: 0.550 [0.45–0.65].",
    ]
