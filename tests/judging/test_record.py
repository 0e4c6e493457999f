"""The record of a judgement: whole, in the classes of the predictions."""

import json

import pytest
from judging import made, predictions  # the benchmark

import hilum
from hilum.records.comparison import ComparisonRecord


@pytest.fixture(scope="module")
def judged():
    table, audit = made(100)
    frame = predictions(table, sure=2)
    two = frame.assign(malignant=1 - frame["normal"])[["path", "normal", "malignant"]]
    mapped = {"adenocarcinoma": "malignant", "squamous_cell_carcinoma": "malignant"}
    return hilum.judge(two, table, mapped=mapped, audited=audit)


def test_it_is_written_and_read_alike(judged):
    record = judged.recorded("hilum judge")
    assert ComparisonRecord.read(json.dumps(record.as_json()), "metrics.json") == record
    assert record.command == "hilum judge"


def test_it_is_in_the_classes_of_the_predictions(judged):
    record, rows = judged.record, judged.table.rows
    assert record.data.classes == ("malignant", "normal")
    assert sum(record.data.counts["test"].values()) == sum(
        row.split == "test" and row.label != "large_cell_carcinoma" for row in rows
    )
    assert set(record.best_model.protocols["given"].per_class) == {"malignant", "normal"}
    assert record.settings.negative == "normal"
    assert record.settings.mapped == {"adenocarcinoma": "malignant", "squamous_cell_carcinoma": "malignant"}


def test_left_out_slices_are_counted_by_reason(judged):
    left = judged.predictions()["left_out"].dropna().value_counts().to_dict()
    assert judged.record.judged.left_out == left
    assert left["of a class that is neither known nor mapped"] > 0


def test_protocols_say_what_they_are(judged):
    titles = {of.name: (of.title, of.likeness) for of in judged.record.protocols}
    assert titles == {
        "given": ("as reported", None),
        "no-copies": ("no copies", None),
        "no-look-alikes": ("no look-alikes (0.87)", 0.87),
    }
    assert [of.repeats for of in judged.record.protocols] == [1, 1, 1]
