"""Run folders, read."""

import json

import pytest
from helpers.judged_records import judged
from helpers.run_records import SPAN, compared, comparison

from hilum.serve.runs import find_runs, history_rows, prediction_rows


def test_a_run_can_be_named_itself(runs):
    assert list(find_runs(runs / "compared")) == ["compared"]
    assert find_runs(runs / "nowhere") == {}


def test_an_evaluation_is_read_as_it_was_scored(runs):
    """Two of the model's classes are one here: `cat` and `dog` together make 0.6 of the first slice."""
    run = find_runs(runs)["<b>evaluated & all"]
    rows = list(prediction_rows(run))
    assert [(row["path"], row["label"], row["predicted"]) for row in rows[:2]] == [
        ("1.png", "hurt", "hurt"),
        ("2.png", "sound", "sound"),
    ]
    assert rows[0]["probabilities"]["hurt"] == pytest.approx(0.6)
    assert [row["path"] for row in prediction_rows(run, label="hurt", predicted="hurt")][:1] == ["1.png"]
    assert "3.png" not in [row["path"] for row in rows]


def test_a_model_under_strict_has_no_slices_in_a_run_of_an_earlier_version(runs, tmp_path):
    """Slices of the given test would not be those of the matrix that is shown, which is of strict."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "metrics.json").write_text((runs / "compared" / "metrics.json").read_text())
    text = "model,path,split,label,predicted,p_cat,p_dog\n" + "".join(
        f"{model},1.png,test,cat,dog,0.2,0.8\n" for model in "ab"
    )
    (tmp_path / "run" / "predictions.csv").write_text(text)
    run = find_runs(tmp_path)["run"]
    assert [row["path"] for row in prediction_rows(run, "a")] == ["1.png"]
    assert list(prediction_rows(run, "b")) == []


def test_files_that_are_missing_give_nothing(runs):
    run = find_runs(runs)["<b>evaluated & all"]
    assert history_rows(run) == []
    assert run.file("report.html") is None


def test_a_record_that_changes_is_read_again(runs, tmp_path):
    (tmp_path / "run").mkdir()
    record = tmp_path / "run" / "metrics.json"
    text = (runs / "compared" / "metrics.json").read_text()
    record.write_text(text)
    assert find_runs(tmp_path)["run"].record.best == "b"
    record.write_text(text.replace('"best": "b"', '"best": "a" '))
    assert find_runs(tmp_path)["run"].record.best == "a"


@pytest.fixture
def judged_run(tmp_path):
    """A run of predictions that were made elsewhere: of two slices one is left."""
    models = [compared("a", "A", {"given": SPAN, "no-copies": {**SPAN, "value": 0.7}})]
    record = comparison(models, "a", ["cat", "dog"], protocols=("given", "no-copies"))
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "metrics.json").write_text(json.dumps(judged(record, ["a"], ("given", "no-copies"))))
    (tmp_path / "run" / "predictions.csv").write_text(
        "model,path,split,label,predicted,p_cat,p_dog,left_out\n"
        "a,1.png,test,cat,dog,0.2,0.8,\na,2.png,test,cat,cat,0.8,0.2,a copy of another slice\n"
    )
    return find_runs(tmp_path)["run"]


def test_a_judged_run_has_the_slices_that_were_not_left_out(judged_run):
    rows = list(prediction_rows(judged_run))
    assert [(row["path"], row["predicted"], row["probabilities"]) for row in rows] == [
        ("1.png", "dog", {"cat": 0.2, "dog": 0.8})
    ]
    assert history_rows(judged_run) == []


def test_a_judged_run_is_headed_by_what_is_left_with_the_floor_there(judged_run):
    answer = judged_run.as_answer()
    assert (answer.kind, answer.judged_by) == ("comparison", "no-copies")
    assert list(answer.titles) == ["no-copies", "given"]
    assert answer.titles["given"] == "as reported"
    assert answer.models[0].scores["no-copies"].value == 0.7


def test_a_run_of_hilums_own_models_is_not_judged(runs):
    assert find_runs(runs)["compared"].as_answer().judged_by is None
