"""Figures with intervals of every model under every protocol, and differences to the best."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.protocol_slices import make_slices
from sklearn.metrics import f1_score

from hilum.comparison.result import ModelResult, Seconds
from hilum.comparison.scores import score_models
from hilum.scoring.options import ScoringOptions
from hilum.scoring.scoring import Predictions, plans_for

LITE0 = "efficientnet_lite0"


def test_given_and_its_interval_are_of_the_same_predictions(compared, phantom_table):
    for result in compared.results:
        given = result.predictions["given"]
        test = phantom_table.in_split("test")
        np.testing.assert_array_equal(given.probabilities[0], result.probabilities[test])
        figures = compared.scores.figures["given"][result.name]
        truth, called = phantom_table.labels[test], result.probabilities[test].argmax(1)
        assert figures.f1_macro.value == pytest.approx(f1_score(truth, called, average="macro", zero_division=0))
        assert figures.f1_macro.low is None  # each class of this small test split is of one patient
        assert figures.over_floor is None
    for row in compared.scores.differences["given"]:
        assert row.f1_macro.difference is None
        assert not row.f1_macro.told_apart
        assert row.first is None
    strict = compared.scores.figures["strict"][LITE0].f1_macro
    assert strict.low <= strict.value <= strict.high


def test_a_models_lead_is_over_the_highest_of_its_own_floor_and_the_cheap_ones(compared, phantom_table):
    audit, settings = compared.audit, compared.settings
    for result in compared.results:
        for name, floor in result.floors.items():
            truth = phantom_table.labels[floor.plan.scored]
            shares = [f1_score(truth, of.argmax(1), average="macro", zero_division=0) for of in floor.probabilities]
            assert compared.scores.floors[name][result.name].f1_macro.value == pytest.approx(np.mean(shares))
    strict, draws = compared.scores.figures["strict"][LITE0], audit.floor_draws_of(settings.seed)
    own, cheap = compared.scores.floors["strict"][LITE0], audit.floors["strict"]
    values = {"lungs blanked": own.f1_macro.value} | {name: floor.f1_macro.value for name, floor in cheap.items()}
    highest = max(values, key=values.get)
    assert strict.over_floor.floor == highest
    assert strict.over_floor.difference.value == pytest.approx(strict.f1_macro.value - values[highest])

    def lead(floor, draws):
        (result,) = (replace(result, floors=floor) for result in compared.results if result.name == LITE0)
        scored = score_models([result], LITE0, {"strict": compared.plans["strict"]}, audit.slices, settings, draws)
        return scored.figures["strict"][LITE0].over_floor

    (result,) = (result for result in compared.results if result.name == LITE0)
    same = lead({"strict": result.predictions["strict"]}, {})  # the pictures tell as much without their lungs
    assert (same.floor, same.above) == ("lungs blanked", False)
    assert same.difference.low < same.difference.value == 0 < same.difference.high
    assert lead({}, draws).floor in cheap


def test_models_are_told_apart_by_macro_f1_under_strict_alone():
    slices = replace(make_slices(0), classes=("a", "b", "c"))
    plans, _ = plans_for(slices, ["grouped", "strict"], repeats=1, seed=0)
    results = [_drawn(name, sure, plans, slices) for name, sure in (("good", 3.0), ("bad", 0.5))]
    scores = score_models(results, "good", plans, slices, ScoringOptions(negative=None), {}, margin=0.02)
    strict, grouped = (scores.differences[name][1] for name in ("strict", "grouped"))
    assert strict.f1_macro.p_holm < 0.05
    assert (strict.f1_macro.told_apart, strict.f1_macro.as_good) == (True, False)
    for gap in (strict.auc_macro, grouped.f1_macro, grouped.auc_macro):
        assert gap.difference.high < 0
        assert (gap.p, gap.p_holm, gap.told_apart, gap.as_good) == (None, None, None, None)


def _drawn(name, sure, plans, slices):
    """A model that is right the more often, the surer it is."""
    random, predictions = np.random.default_rng(0), {}
    for protocol, plan in plans.items():
        labels = slices.labels[plan.scored]
        scores = np.exp(random.normal(size=(1, len(labels), 3)) + sure * np.eye(3)[labels])
        probabilities = scores / scores.sum(2, keepdims=True)
        predictions[protocol] = Predictions(plan, probabilities, probabilities)
    return ModelResult(
        name=name,
        title=name,
        facts={},
        history=(),
        best_epoch=0,
        chosen=(),
        probabilities=np.empty((0, 0)),
        valid={},
        seconds=Seconds(0, 0, cached=False),
        predictions=predictions,
        floors={},
    )
