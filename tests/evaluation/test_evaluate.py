"""Evaluating: figures, and which slices are left out of them."""

import hashlib
import shutil
from dataclasses import replace

import numpy as np
import pytest
from helpers.brightness import write_model
from helpers.evaluation_facts import FACTS, RIGHT
from sklearn.metrics import accuracy_score, f1_score

from hilum.errors import HilumError
from hilum.evaluation.evaluate import evaluate_model
from hilum.model.reader import Reader
from hilum.report.evaluation import terminal_lines
from hilum.slices.table import read_labelled


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


@pytest.mark.parametrize(("wrong", "kept"), [(0, True), (1, False)])
def test_a_promise_is_kept_or_not(tmp_path, folder, wrong, kept):
    """Bright slices in the folder of dark ones are answered, and wrong."""
    promise = {"shown": True, "accuracy": 0.95, "error_rate": 0.1, "groups": 171, "fewest_groups": 45}
    thresholds = {"answer": 0.6, "outlier": 10.0, "promise": promise}
    reader = Reader(write_model(tmp_path / "m.onnx", thresholds=thresholds, **FACTS), 1)
    levels = {**RIGHT, "dark": [*RIGHT["dark"], *[215] * wrong]}
    evaluation = _evaluated(reader, folder(**levels))
    found = evaluation.record.promise
    assert found.kept is kept
    assert "at least 95% is right" in found.said
    (line,) = [line for line in terminal_lines(evaluation.record) if line.startswith("Promise")]
    assert line.endswith(f"the promise is {'kept' if kept else 'not kept'}.")


def test_without_a_promise_none_is_kept(reader, folder):
    found = _evaluated(reader, folder(**RIGHT)).record.promise
    assert found.kept is None
    assert found.said.startswith("The model promises nothing")


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
    assert any(
        "2 slices were left out: 1 (the model was trained on the same picture), 1 (a copy" in line
        for line in terminal_lines(evaluation.record)
    )


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


def test_a_picture_under_two_labels_is_left_out_under_both(reader, folder):
    place = folder(**RIGHT)
    (place / "grey" / "copy.png").write_bytes((place / "dark" / "1.png").read_bytes())
    evaluation = _evaluated(reader, place)
    assert evaluation.record.data.left_out == {"a picture that carries two labels": 2}
    assert evaluation.record.figures.n == 10
    assert any("holds no patient ids" in note for note in evaluation.record.data.notes)


def test_a_seed_out_of_range_is_refused(reader, folder):
    with pytest.raises(HilumError, match=r"^seed must be"):
        _evaluated(reader, folder(**RIGHT), seed=-1)


def test_a_model_that_keeps_no_scores_is_evaluated_all_the_same(tmp_path, folder):
    reader = Reader(write_model(tmp_path / "m.onnx", negative="grey"), 1)
    assert not {"data", "scores", "random_weights"} & reader.facts.model_fields_set
    evaluation = _evaluated(reader, folder(**RIGHT))
    assert evaluation.record.model.scores == {}
    (said,) = (line for line in terminal_lines(evaluation.record) if line.startswith("On "))
    assert said.endswith("; what it reached where it was trained is not recorded.")
    assert evaluation.record.model.trained_on == "unknown"


def test_answers_that_are_no_numbers_are_said_before_any_figure(reader, folder):
    class Broken:
        facts = reader.facts

        def read(self, greys):
            reading = reader.read(greys)
            return replace(reading, probabilities=np.full_like(reading.probabilities, np.nan))

    with pytest.raises(HilumError, match=r"answer on .*0\.png is not a number"):
        _evaluated(Broken(), folder(**RIGHT))


def test_slices_that_defaults_were_chosen_on_are_said(reader, iq_othnccd, tmp_path):
    for label in ("malignant", "normal"):
        (tmp_path / "some" / label).mkdir(parents=True)
        for file in sorted((iq_othnccd / label).iterdir())[:2]:
            shutil.copy(file, tmp_path / "some" / label)
    evaluation = _evaluated(reader, tmp_path / "some", mapped={"normal": "grey", "malignant": "dark"})
    assert any("hilum's defaults were chosen on these slices: 4 of 4" in note for note in evaluation.record.data.notes)
    assert evaluation.record.versions["hilum"]
