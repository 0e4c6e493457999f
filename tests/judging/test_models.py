"""Models in the form that scoring takes: labels as read, valid, the best, calibration."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.judged import answers, given
from judging import made  # the benchmark
from sklearn.metrics import f1_score

from hilum.comparison.result import Scores
from hilum.comparison.scores import score_models
from hilum.judging.models import as_read, best_model, calibrated, models_of
from hilum.judging.options import JudgeOptions
from hilum.judging.plans import judged_protocols
from hilum.judging.trained import Trained
from hilum.trust.calibration import measured_calibration

TABLE, AUDIT = made(100)
TEST = np.flatnonzero(TABLE.in_split("test"))
KNOWN = Trained(TABLE.in_split("train"), 25, "train")


def test_labels_are_read_as_the_classes_of_the_predictions():
    of = given(TABLE, answers(TEST, classes=2), classes=("malignant", "normal"))
    meant = {"adenocarcinoma": "malignant", "squamous_cell_carcinoma": "malignant", "normal": "normal"}
    slices = as_read(AUDIT.slices, TABLE, replace(of, reading=replace(of.reading, folder=meant)))
    for row, label in zip(TABLE.rows, slices.labels, strict=True):
        assert label == {"malignant": 0, "normal": 1}.get(meant.get(row.label), -1)
    assert slices.classes == ("malignant", "normal")
    for group in np.unique(slices.same_slice):
        own = slices.same_slice == group
        assert set(slices.conflicting[own]) == {len(set(slices.labels[own])) > 1}


@pytest.fixture
def two():
    """Two models with rows of valid, of which the first is better there and the second in the headline figure."""
    first, second = (answers(TEST[10:], model=name, seed=seed) for seed, name in enumerate("ab"))
    right = np.eye(4)[TABLE.labels[TEST]][None]
    second = replace(second, probabilities=right[:, 10:])
    valid = replace(answers(TEST[:10], model="a"), probabilities=right[:, :10]), answers(TEST[:10], model="b")
    return replace(given(TABLE, first, second), valid=valid)


def test_the_best_is_chosen_on_valid_if_all_models_have_it(two):
    protocols = judged_protocols(two, AUDIT.slices, KNOWN)
    models = models_of(two, protocols, AUDIT.slices, "normal")
    assert models[0].valid.f1_macro == 1
    called = two.valid[1].probabilities[0].argmax(1)
    assert models[1].valid.f1_macro == pytest.approx(f1_score(TABLE.labels[TEST[:10]], called, average="macro"))
    assert best_model(models, protocols.headline, AUDIT.slices, "normal") == ("a", True)
    lacking = models_of(replace(two, valid=two.valid[:1]), protocols, AUDIT.slices, "normal")
    assert best_model(lacking, protocols.headline, AUDIT.slices, "normal") == ("b", False)


def test_calibration_is_that_of_the_first_repeat():
    of = given(TABLE, answers(TEST, repeats=2))
    protocols = judged_protocols(of, AUDIT.slices, KNOWN)
    models = models_of(of, protocols, AUDIT.slices, "normal")
    scores = score_models(models, "model", protocols.plans, AUDIT.slices, JudgeOptions(), {})
    found = calibrated(scores, models, AUDIT.slices, 3)
    assert isinstance(found, Scores)
    for name, plan in protocols.plans.items():
        first = models[0].predictions[name].probabilities[0]
        expected = measured_calibration(AUDIT.slices.labels[plan.scored], first, 3)
        assert found.figures[name]["model"].calibration == expected
