"""What the page is told of the model."""

from helpers.brightness import RECORD, write_model
from helpers.uploads import client_of


def test_the_model_says_what_it_is(client):
    body = client.get("/api/model").json()
    assert body["classes"] == list(RECORD["classes"])
    assert body["thresholds"] == RECORD["thresholds"]
    assert (body["digest"], body["notice"], body["methods"]) == (RECORD["digest"], RECORD["notice"], ["linear"])
    assert set(body["windows"]) == {"auto", "lung", "mediastinum", "bone", "file"}
    assert body["limits"]["pixels"] == 40_000_000
    assert (body["scores"], body["floors"]) == ({}, {})
    assert body["promised"] is False
    (line,) = body["trust"]
    assert line.endswith("The model promises nothing: an earlier hilum set its limit and did not test it.")


def test_its_scores_are_those_of_its_record(tmp_path):
    figure = {"value": 0.9, "low": 0.8, "high": 0.95}
    scores = {
        "protocols": {"given": {"f1_macro": figure, "n": 3}, "strict": {"f1_macro": {"value": None}}},
        "out_of_fold": {"f1_macro": {"value": 0.7, "low": None, "high": None}},
        "floors": {
            "given": {"low": {"f1_macro": {**figure, "value": 0.3}}, "high": {"f1_macro": {**figure, "value": 0.5}}}
        },
    }
    with client_of(write_model(tmp_path / "model.onnx", scores=scores, synthetic=True)) as client:
        body = client.get("/api/model").json()
    assert body["scores"] == {"given": figure, "out_of_fold": {"value": 0.7, "low": None, "high": None}}
    assert body["floors"] == {"given": {"name": "high", **figure, "value": 0.5}}
    assert body["synthetic"] is True


def test_a_promise_is_said(tmp_path):
    promise = {"shown": True, "accuracy": 0.95, "error_rate": 0.1, "groups": 171, "fewest_groups": 45}
    thresholds = {**RECORD["thresholds"], "promise": promise}
    with client_of(write_model(tmp_path / "model.onnx", thresholds=thresholds)) as client:
        body = client.get("/api/model").json()
    assert body["promised"] is True
    assert "at least 95% is right" in body["trust"][0]
    assert body["thresholds"] == RECORD["thresholds"]
