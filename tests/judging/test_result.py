"""What a judgement found fits together, in the classes of the predictions."""

import numpy as np
import pandas as pd
import pytest
from judging import made, predictions  # the benchmark

import hilum

MEANT = {"adenocarcinoma": "adeno", "normal": "clear"}


@pytest.fixture(scope="module")
def judged():
    """Two models whose classes have other names, of which the folder's last is none."""
    table, audit = made(100)
    frames = [predictions(table, seed).rename(columns=MEANT).assign(model=f"model {seed}") for seed in (0, 1)]
    of = pd.concat(frames).drop(columns=table.classes[-1])
    shares = of.columns.difference(["path", "model"])
    of[shares] = of[shares].div(of[shares].sum(axis=1), axis=0)
    return hilum.judge(of, table, mapped=MEANT, negative="clear", audited=audit)


def test_slices_are_in_the_classes_of_the_predictions(judged):
    classes = judged.given.reading.classes
    assert judged.slices.classes == classes
    assert {"adeno", "clear"} <= {*classes}
    meant = [MEANT.get(row.label, row.label) for row in judged.table.rows]
    assert judged.slices.labels.tolist() == [classes.index(name) if name in classes else -1 for name in meant]
    assert (judged.slices.labels == -1).any()
    assert judged.settings.negative == "clear"


def test_every_protocol_has_the_predictions_of_every_model(judged):
    assert judged.best in {model.name for model in judged.results}
    assert judged.protocols.plans is judged.plans
    for model in judged.results:
        assert model.valid is None
        assert model.predictions.keys() == judged.plans.keys() == judged.scores.figures.keys()
        for name, of in model.predictions.items():
            np.testing.assert_array_equal(of.plan.scored, judged.plans[name].scored)
            assert (judged.slices.labels[of.plan.scored] >= 0).all()
            assert of.probabilities.shape == (1, len(of.plan.scored), len(judged.slices.classes))


def test_a_reported_slice_is_scored_or_has_a_reason(judged):
    reported, left = judged.protocols.reported, judged.protocols.left_out
    kept = [reason is None for reason in left]
    assert reported[kept].tolist() == judged.plans[judged.protocols.headline].scored.tolist()
    assert 0 < sum(kept) < len(reported)
