import csv
import hashlib
import io
import json
import os
import re
from dataclasses import replace

import numpy as np
import pytest
from helpers.brightness import write_model
from helpers.evaluation_facts import FACTS
from sklearn.metrics import accuracy_score, f1_score

from hilum.errors import HilumError
from hilum.evaluation.card import add_to_card, check_card
from hilum.evaluation.evaluate import evaluate_model
from hilum.evaluation.run_folder import report_lines, report_text, write_evaluation
from hilum.model.reader import Reader
from hilum.slices.table import read_labelled

RIGHT = {"dark": [40, 50, 60, 45], "grey": [120, 130, 125], "bright": [200, 210, 205, 215]}


def _evaluated(reader, folder, **options):
    return evaluate_model(reader, read_labelled(folder), **options)


def test_figures_are_scikit_learns(reader, folder):
    levels = {"dark": [40, 50, 125, 45], "grey": [120, 130, 125], "bright": [200, 210, 205, 120]}
    evaluation = _evaluated(reader, folder(**levels))
    truth = list(evaluation.labels)
    called = [max(row.probabilities, key=row.probabilities.get) for row in evaluation.rows]
    figures = evaluation.record.figures
    assert figures.n == 11
    assert figures.accuracy.value == pytest.approx(accuracy_score(truth, called)) == 9 / 11
    assert figures.f1_macro.value == pytest.approx(f1_score(truth, called, average="macro"))
    assert figures.binary.negative == "grey"
    decisions = evaluation.record.decisions
    shares = [share.value for share in (decisions.answered, decisions.abstain, decisions.outlier)]
    assert sum(shares) == pytest.approx(1)
    answered = [row.decision == "class" for row in evaluation.rows]
    assert shares[0] == pytest.approx(np.mean(answered))
    right = np.array(truth) == np.array(called)
    assert decisions.accuracy_of_answered.value == pytest.approx(right[answered].mean())
    assert evaluation.record.model.scores["given"].low == 0.8


def test_training_slices_and_copies_are_left_out(tmp_path, folder):
    place = folder(**RIGHT)
    seen = place / "dark" / "0.png"
    (place / "dark" / "copy.png").write_bytes((place / "dark" / "1.png").read_bytes())
    content = hashlib.sha256(seen.read_bytes()).hexdigest()
    reader = Reader(write_model(tmp_path / "m.onnx", index=[["x.png", "dark", content]], **FACTS), 1)
    evaluation = _evaluated(reader, place)
    assert evaluation.record.data.left_out == {
        "the model was trained on the same picture": 1, "a copy of another slice": 1,
    }  # fmt: skip
    assert evaluation.record.figures.n == 10
    assert any("1 the model was trained on" in line for line in report_lines(evaluation.record))


def test_nothing_left_to_score_is_said(tmp_path, folder):
    place = folder(dark=[40])
    content = hashlib.sha256((place / "dark" / "0.png").read_bytes()).hexdigest()
    reader = Reader(write_model(tmp_path / "m.onnx", index=[["x.png", "dark", content]], **FACTS), 1)
    with pytest.raises(HilumError, match="No slice is left to score"):
        _evaluated(reader, place)


def test_two_classes(reader, folder):
    evaluation = _evaluated(
        reader, folder(ill=[40, 50, 200], grey=[120, 130]), mapped={"ill": "cancer"}, negative="grey"
    )
    assert evaluation.record.classes == ("cancer", "grey")
    assert evaluation.record.figures.accuracy.value == 1
    assert evaluation.record.figures.binary.sensitivity.value == 1


def test_groups_that_are_given_are_figures_of_their_own(reader, folder, tmp_path):
    place = folder(**RIGHT)
    groups = tmp_path / "groups.csv"
    rows = [f"{label}/{number}.png,{label}{number // 2}" for label in RIGHT for number in range(len(RIGHT[label]))]
    groups.write_text("path,group\n" + "\n".join(rows))
    evaluation = evaluate_model(reader, read_labelled(place, groups=groups))
    assert evaluation.record.figures.groups == evaluation.record.per_group.n == 6
    assert not any("No patient" in note for note in evaluation.record.data.notes)


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
    assert "of a class that the model does not know" in evaluation.record.data.left_out
    text = report_text(evaluation.record)
    assert "\\<img" in text
    assert not re.search(r"(?<!\\)<img", text)


def test_a_picture_under_two_labels_is_left_out_under_both(reader, folder):
    place = folder(**RIGHT)
    (place / "grey" / "copy.png").write_bytes((place / "dark" / "1.png").read_bytes())
    evaluation = _evaluated(reader, place)
    assert evaluation.record.data.left_out == {"a picture that carries two labels": 2}
    assert evaluation.record.figures.n == 10


def test_a_seed_out_of_range_is_refused(reader, folder):
    with pytest.raises(HilumError, match=r"^seed must be"):
        _evaluated(reader, folder(**RIGHT), seed=-1)


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
    lines = report_lines(_evaluated(reader, folder(**RIGHT)).record)
    assert any("the highest floor there, border alone, 0.700 [0.60–0.80] (strict)" in line for line in lines)


def test_a_model_that_keeps_no_scores_is_evaluated_all_the_same(tmp_path, folder):
    reader = Reader(write_model(tmp_path / "m.onnx", negative="grey"), 1)
    assert not {"data", "scores", "random_weights"} & reader.facts.model_fields_set
    evaluation = _evaluated(reader, folder(**RIGHT))
    assert evaluation.record.model.scores == {}
    assert "Where it was trained: macro-F1 not recorded." in report_lines(evaluation.record)
    assert evaluation.record.model.trained_on == "unknown"


def test_the_report_has_calibration_and_risk_with_intervals(reader, folder):
    record = _evaluated(reader, folder(**RIGHT)).record
    everything = record.risk_coverage[0]
    assert everything.coverage == 1
    assert everything.risk.value == pytest.approx(1 - record.figures.accuracy.value)
    text = report_text(record)
    assert f"| {everything.risk.value:.3f} [" in text
    assert "| mean top probability | share right | slices |" in text


def test_a_card_lists_the_evaluations_one_by_one(reader, folder, tmp_path):
    evaluation = _evaluated(reader, folder(**RIGHT))
    card = tmp_path / "card.md"
    card.write_text("# Card\n\n## External evaluations\n\nSome words.\n\n## Limits\n\n- One.\n")
    add_to_card(tmp_path, evaluation.record)
    add_to_card(tmp_path, evaluation.record)
    text = card.read_text()
    assert text.startswith("# Card\n\n## External evaluations\n\nSome words.\n\n- 20")
    assert text.endswith("\n\n## Limits\n\n- One.\n")
    assert text.count("slices: 11 slices in") == 2
    card.write_text("# My own card\n")
    with pytest.raises(HilumError, match="nothing was added"):
        add_to_card(tmp_path, evaluation.record)
    assert card.read_text() == "# My own card\n"
    with pytest.raises(HilumError, match="--to-card needs a model folder"):
        check_card(tmp_path / "model.onnx")


def test_answers_that_are_no_numbers_are_said_before_any_figure(reader, folder):
    class Broken:
        facts = reader.facts

        def read(self, greys):
            reading = reader.read(greys)
            return replace(reading, probabilities=np.full_like(reading.probabilities, np.nan))

    with pytest.raises(HilumError, match=r"answer on .*0\.png is not a number"):
        _evaluated(Broken(), folder(**RIGHT))
