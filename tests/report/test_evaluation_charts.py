"""The figures of an evaluation."""

import matplotlib as mpl
import numpy as np
import pytest

from hilum.errors import HilumError
from hilum.records.evaluation import EvaluationRecord
from hilum.report.evaluation import FIGURES
from hilum.report.evaluation_charts import chart, charts
from hilum.report.style import svg

LABELS = np.array([0, 0, 1, 1, 2])
PROBABILITIES = np.array([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.1, 0.8, 0.1], [0.2, 0.7, 0.1], [0.1, 0.1, 0.8]])


def texts(figure):
    return [text.get_text() for text in figure.findobj(mpl.text.Text)]


def test_every_figure_is_drawn_and_carries_what_a_reader_must_know(evaluated):
    evaluated.update(synthetic=True)
    drawn = charts(EvaluationRecord.made(evaluated), LABELS, PROBABILITIES)
    assert tuple(drawn) == FIGURES
    for figure in drawn.values():
        assert "Synthetic phantom slices" in texts(figure)
        assert svg(figure)
    assert "error 0.100; by chance\nalone 0.000 to 0.100" in texts(drawn["calibration"])
    assert "densenet169 on elsewhere\nslices" in texts(drawn["confusion"])


def test_roc_curves_are_those_of_the_classes_and_of_cancer(evaluated):
    evaluated["figures"]["binary"] = {
        "negative": "normal",
        **{name: {"value": 1.0} for name in ("sensitivity", "specificity", "auc")},
    }
    record = EvaluationRecord.made(evaluated)
    legend = [text for text in texts(chart(record, "roc", LABELS, PROBABILITIES)) if text[-5:-3] in ("0.", "1.")]
    assert legend == ["cancer against normal 1.000", "adenocarcinoma 1.000", "squamous 1.000"]
    two = record.model_copy(update={"classes": ("cancer", "normal")})
    figure = chart(two, "roc", np.array([0, 0, 1]), np.array([[0.9, 0.1], [0.4, 0.6], [0.6, 0.4]]))
    assert [text for text in texts(figure) if text.endswith("0.500")] == ["cancer against normal 0.500"]


def test_slices_of_one_class_have_no_roc_curve(evaluated):
    record, labels = EvaluationRecord.made(evaluated), np.zeros(5, np.intp)
    assert "roc" not in charts(record, labels, PROBABILITIES)
    with pytest.raises(HilumError, match="all slices that were scored are of one class"):
        chart(record, "roc", labels, PROBABILITIES)


def test_the_axis_of_a_share_ends_at_one(evaluated):
    evaluated["risk_coverage"][0]["risk"] = {"value": 0.9, "low": 0.8, "high": 1.0}
    (axes,) = chart(EvaluationRecord.made(evaluated), "risk", LABELS, PROBABILITIES).axes
    assert axes.get_ylim()[1] == pytest.approx(1.02)
