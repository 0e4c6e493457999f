"""An evaluation in words."""

import pytest

from hilum.records.evaluation import EvaluationRecord
from hilum.report.evaluation import figure_rows, one_line, terminal_lines, verdict


@pytest.fixture
def record(evaluated):
    return evaluated


def made(record):
    return EvaluationRecord.made(record)


def test_the_verdict_has_the_figure_beside_those_of_the_training_and_the_floor(record):
    assert verdict(made(record)) == (
        "On elsewhere, densenet169 reaches macro-F1 0.900 [0.80–0.95] (40 slices in 30 groups), beside 0.850 "
        "[0.80–0.90] under strict (0.87) where it was trained; the highest floor there is 0.600 [0.50–0.70] of a "
        "simple model of the border alone."
    )


def test_two_classes_are_said_and_have_an_auc(record):
    record["classes"] = ["cancer", "normal"]
    words = verdict(made(record))
    assert "macro-F1 0.900 [0.80–0.95] and AUC 0.950 [0.90–0.98] (40 slices in 30 groups, read as cancer and" in words
    assert "where it was trained, in its 3 classes;" in words


def test_few_groups_and_a_model_without_scores_are_said(record):
    record["model"].update(scores={}, highest_floor=None)
    record["figures"]["groups"] = 4
    words = verdict(made(record))
    assert "in 4 groups, too few to tell)" in words
    assert words.endswith("; what it reached where it was trained is not recorded.")


def test_rows_name_what_is_measured_where(record):
    names = [name for name, _ in figure_rows(made(record))]
    assert names == [
        "here, by slice", "here, by group, of 30", "where it was trained, given",
        "where it was trained, strict (0.87)",
        "floor there, strict (0.87): border alone",
    ]  # fmt: skip
    assert [len(values) for _, values in figure_rows(made(record))] == [3] * 5


def test_the_model_has_its_title_if_the_record_has_one(record):
    record["model"]["title"] = "DenseNet121"
    assert one_line(made(record)).startswith("DenseNet121 on elsewhere, ")
    assert verdict(made(record)).startswith("On elsewhere, DenseNet121 reaches ")


def test_one_line(record):
    assert one_line(made(record)) == "densenet169 on elsewhere, 40 slices in 30 groups: macro-F1 0.900 [0.80–0.95]"


def test_lines_for_the_terminal(record):
    few = {"value": 0.1, "low": 0.05, "high": 0.2}
    record["decisions"].update({"class": {"value": 0.8, "low": 0.7, "high": 0.9}, "abstain": few, "outlier": few})
    assert terminal_lines(made(record)) == [
        "A note.",
        verdict(made(record)),
        "It answered 0.80 [0.70–0.90] of them, 0.900 [0.80–0.95] rightly; it abstained on 0.10 [0.05–0.20], and "
        "0.10 [0.05–0.20] were outliers.",
        "Promise: 95%. Of its answers here, 0.900 [0.80–0.95] are right, each group counting once: "
        "the promise is kept.",
    ]


def test_without_answers_none_are_right(record):
    none = {"value": None, "low": None, "high": None}
    record["decisions"].update({"class": {"value": 0.0, "low": 0.0, "high": 0.1}, "accuracy_of_answered": none})
    assert any(
        line.startswith("It answered 0.00 [0.00–0.10] of them; it abstained") for line in terminal_lines(made(record))
    )


def test_the_terminal_warns_first_and_says_what_became_of_a_promise(record):
    record.update(synthetic=True, random_weights=True)
    record["promise"]["kept"] = False
    lines = terminal_lines(made(record))
    assert lines[:2] == ["Synthetic phantom slices.", "Random weights: scores mean nothing."]
    assert lines[-1].endswith(" are right, each group counting once: the promise is not kept.")
    record["promise"]["kept"] = None
    assert terminal_lines(made(record))[-1].endswith(" are right, each group counting once.")
    record["promise"]["accuracy"] = {"value": None, "low": None, "high": None}
    assert terminal_lines(made(record))[-1] == "Promise: 95%. Here it answered nothing."
    del record["promise"]
    assert terminal_lines(made(record))[-1].endswith(" were outliers.")
