"""ROC curves, beside the record's AUCs and scikit-learn's."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from hilum.records.comparison import ComparisonRecord
from hilum.report.answers import answers
from hilum.report.roc import roc_chart


@pytest.fixture
def made(record):
    return ComparisonRecord.made(record)


def _areas(figure):
    legend = figure.axes[0].get_legend()
    words = [text.get_text().rpartition(" ") for text in legend.get_texts()]
    return legend.get_title().get_text(), {name: float(value) for name, _, value in words}


def test_on_the_given_test_the_areas_are_the_record_s(compared, made, probabilities):
    cnn = next(model for model in made.ranked if model.name == "cnn")
    title, areas = _areas(roc_chart(made, probabilities, cnn))
    figures = next(model for model in compared.record.ranked if model.name == "cnn").protocols["given"]
    assert title == "AUC"
    assert list(areas) == ["cancer against normal", "adenocarcinoma", "large cell carcinoma", "squamous cell carcinoma"]
    assert areas["cancer against normal"] == pytest.approx(figures.binary.auc.value, abs=6e-4)
    assert np.mean([*areas.values()]) == pytest.approx(figures.auc_macro.value, abs=6e-4)


def test_under_strict_the_slices_of_all_folds_are_ranked_together(made, probabilities):
    figure = roc_chart(made, probabilities, made.best_model)
    title, areas = _areas(figure)
    assert title == "AUC, all folds together"
    assert figure.axes[0].get_title(loc="left") == "DenseNet169 under strict (ids)"
    known = answers(made, made.best_model, probabilities)
    expected = roc_auc_score(known["label"] == "adenocarcinoma", known["p_adenocarcinoma"])
    assert areas["adenocarcinoma"] == pytest.approx(expected, abs=6e-4)


def test_without_a_negative_class_every_class_has_a_curve(record, probabilities):
    record["settings"]["negative"] = None
    made = ComparisonRecord.made(record)
    _, areas = _areas(roc_chart(made, probabilities, made.best_model))
    assert list(areas) == ["adenocarcinoma", "large cell carcinoma", "normal", "squamous cell carcinoma"]


def test_slices_of_one_class_have_no_curve(made, probabilities):
    alone = probabilities[probabilities["label"] == "normal"]
    assert roc_chart(made, alone, made.best_model) is None
