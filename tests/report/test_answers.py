"""The answers that a model is judged by, and its mistakes."""

import pandas as pd
import pytest

from hilum.records.comparison import ComparisonRecord
from hilum.report.answers import answers, mistakes

CLASSES = ("adenocarcinoma", "large_cell_carcinoma", "normal", "squamous_cell_carcinoma")


@pytest.fixture
def made(record):
    return ComparisonRecord.made(record)


def test_a_model_that_ran_under_strict_is_judged_there(made, predictions, probabilities):
    found = answers(made, made.best_model, probabilities)
    own = predictions[predictions["model"] == made.best].set_index("path")
    assert set(found["path"]) == set(own.index[own["strict_predicted"].notna()])
    for row in found.itertuples():
        assert row.called == own.loc[row.path, "strict_predicted"]
        assert row.p_normal == own.loc[row.path, "strict_p_normal"]


def test_others_are_judged_on_the_given_test(made, probabilities):
    cnn = next(model for model in made.ranked if model.name == "cnn")
    found = answers(made, cnn, probabilities)
    assert set(found["split"]) == {"test"}
    assert len(found) == cnn.protocols["given"].n
    assert list(found.columns) == ["path", "split", "label", "called", *(f"p_{name}" for name in CLASSES)]


def test_without_valid_slices_all_that_were_given_are_scored(record, probabilities):
    for model in record["models"][:3]:
        model["splits"]["valid"] = None
    made = ComparisonRecord.made(record)
    cnn = next(model for model in made.ranked if model.name == "cnn")
    assert set(answers(made, cnn, probabilities)["split"]) == {"valid", "test"}


def test_mistakes_are_the_surest_wrong_answers(made, probabilities):
    every = mistakes(made, probabilities, 1000)
    assert (every["label"] != every["called"]).all()
    assert every["probability"].is_monotonic_decreasing
    known = answers(made, made.best_model, probabilities)
    assert len(every) == (known["label"] != known["called"]).sum()
    pd.testing.assert_frame_equal(mistakes(made, probabilities, 2), every.head(2))
