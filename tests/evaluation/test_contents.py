"""What the folder, the frame and the report of an evaluation hold."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from hilum.evaluation import contents


def test_scored_slices_bear_out_the_figures(evaluation):
    labels, probabilities = contents.scored(evaluation)
    own = [roc_auc_score(labels == place, probabilities[:, place]) for place in range(3)]
    assert np.mean(own) == pytest.approx(evaluation.record.figures.auc_macro.value)


def test_mistakes_are_the_wrong_answers_with_pictures(evaluation):
    (mistake,) = contents.mistakes(evaluation)
    assert (mistake.path, mistake.label, mistake.called) == ("dark/4.png", "dark", "bright")
    assert mistake.picture.startswith(b"\x89PNG")


def test_charts_and_page_are_of_the_record(evaluation):
    drawn = contents.charts(evaluation)
    page = contents.page(evaluation, dict.fromkeys(drawn, b""))
    assert "dark/4.png" in page
    assert len(drawn) == 4
