"""The run folder of an evaluation: complete, and safe whatever names are in it."""

import csv
import io
import json
import os
import re

import pytest
from helpers.brightness import write_model
from helpers.evaluation_facts import FACTS

from hilum.errors import HilumError
from hilum.evaluation.evaluate import evaluate_model
from hilum.evaluation.run_folder import report_lines, report_text, write_evaluation
from hilum.model.reader import Reader
from hilum.slices.table import read_labelled

RIGHT = {"dark": [40, 50, 60, 45], "grey": [120, 130, 125], "bright": [200, 210, 205, 215]}


def _evaluated(reader, folder, **options):
    return evaluate_model(reader, read_labelled(folder), **options)


def test_the_run_folder_holds_what_was_found(reader, folder, tmp_path):
    evaluation = _evaluated(reader, folder(**RIGHT), command="hilum evaluate")
    out = write_evaluation(evaluation, tmp_path / "run")
    record = json.loads((out / "metrics.json").read_text())
    assert record == json.loads(json.dumps(evaluation.record.as_json(), allow_nan=False))
    table = list(csv.DictReader(io.StringIO((out / "predictions.csv").read_text())))
    assert [row["path"] for row in table] == [row.path for row in evaluation.rows]
    assert {row["label"] for row in table} == set(RIGHT)
    text = (out / "report.md").read_text()
    assert text == report_text(evaluation.record)
    assert all(name in text for name in RIGHT)
    with pytest.raises(HilumError, match="--overwrite"):
        write_evaluation(evaluation, out)
    write_evaluation(evaluation, out, overwrite=True)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("mine")
    with pytest.raises(HilumError, match="something else"):
        write_evaluation(evaluation, foreign, overwrite=True)
    assert [path.name for path in foreign.iterdir()] == ["thesis.txt"]


def test_names_make_no_markup(reader, folder):
    place = folder(dark=[40, 50], grey=[120], bright=[200])
    (place / "dark").rename(place / "<img src=x>|`")
    evaluation = _evaluated(reader, place)
    assert "of a class that is neither known nor mapped" in evaluation.record.data.left_out
    text = report_text(evaluation.record)
    assert "\\<img" in text
    assert not re.search(r"(?<!\\)<img", text)


def test_a_name_that_is_no_text_or_looks_like_a_formula_is_written(reader, folder, tmp_path):
    place = folder(**RIGHT)
    (place / "dark" / "0.png").rename(place / "dark" / os.fsdecode(b"\xff.png"))
    evaluation = _evaluated(reader, place)
    write_evaluation(evaluation, tmp_path / "out")
    assert "\\xff.png" in (tmp_path / "out" / "predictions.csv").read_text("utf-8")


def test_the_highest_floor_stands_beside_the_score(tmp_path, folder):
    interval = {"value": 0.7, "low": 0.6, "high": 0.8}
    floors = {
        "strict": {"border alone": {"f1_macro": interval}, "file facts": {"f1_macro": {**interval, "value": 0.2}}}
    }
    scores = {**FACTS["scores"], "floors": floors}
    reader = Reader(write_model(tmp_path / "m.onnx", **{**FACTS, "scores": scores}), 1)
    record = _evaluated(reader, folder(**RIGHT)).record
    assert record.model.titles == {"given": "given", "strict": "strict (0.90)"}, "a model of an earlier hilum"
    lines = report_lines(record)
    assert any("the highest floor there, border alone, 0.700 [0.60–0.80] (strict (0.90))" in line for line in lines)


def test_the_report_has_calibration_and_risk_with_intervals(reader, folder):
    record = _evaluated(reader, folder(**RIGHT)).record
    everything = record.risk_coverage[0]
    assert everything.coverage == 1
    assert everything.risk.value == pytest.approx(1 - record.figures.accuracy.value)
    text = report_text(record)
    assert f"| {everything.risk.value:.3f} [" in text
    assert "| mean top probability | share right | slices |" in text
