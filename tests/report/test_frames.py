"""The leaderboard and the differences as DataFrames."""

import math

import pytest

from hilum.records.comparison import ComparisonRecord
from hilum.report.frames import differences, leaderboard


@pytest.fixture
def made(record):
    return ComparisonRecord.made(record)


def test_a_row_a_model_the_best_first(made):
    frame = leaderboard(made)
    assert list(frame.index) == [model.name for model in made.ranked]
    assert frame.index[0] == "densenet169"
    best = frame.loc["densenet169"]
    assert list(best[["strict", "strict_low", "strict_high"]]) == [0.7, 0.6, 0.8]
    assert (best["floor"], best["floor_name"], best["lead"]) == (0.65, "lungs blanked", 0.05)
    assert best["seconds"] == made.best_model.seconds.total
    assert {"given", "given_low", "external:iq", "external:iq_high"} <= set(frame.columns)
    auc = made.best_model.protocols["external:iq"].auc_macro
    assert list(best[["external:iq", "external:iq_auc", "external:iq_auc_high"]]) == [0.5, auc.value, auc.high]
    assert "given_auc" not in frame.columns
    assert math.isnan(frame.loc["cnn", "strict"])  # it was not run there
    assert frame.dtypes.drop(["title", "floor_name"]).eq("float64").all()


def test_differences_have_a_row_a_protocol_and_model(made):
    frame = differences(made)
    rows = [(name, row.model) for name, found in made.differences.items() for row in found]
    assert list(zip(frame["protocol"], frame["model"], strict=True)) == rows
    second = next(row for row in made.differences["strict"] if row.f1_macro.difference)
    gap = second.f1_macro
    row = frame[(frame["protocol"] == "strict") & (frame["model"] == second.model)].iloc[0]
    expected = (gap.difference.value, gap.difference.low, gap.p_holm)
    assert (row["f1_macro"], row["f1_macro_low"], row["p_holm"]) == expected


def test_without_differences_the_columns_are_there(made):
    assert list(differences(made.model_copy(update={"differences": {}})).columns) == list(differences(made).columns)


def test_judged_predictions_have_no_seconds(judged_record):
    made = ComparisonRecord.made(judged_record())
    found = leaderboard(made)
    assert list(found.index) == ["densenet169", "densenet121"]
    assert {"no-look-alikes", "floor", "lead", "given", "no-copies"} <= set(found.columns)
    assert "seconds" not in found.columns
