"""Figures with intervals of every model under every protocol, and differences to the best."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score

from hilum.comparison.scores import score_models

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

    def lead(floor):
        (result,) = (replace(result, floors=floor) for result in compared.results if result.name == LITE0)
        scored = score_models([result], LITE0, {"strict": compared.plans["strict"]}, audit.slices, settings, draws)
        return scored.figures["strict"][LITE0].over_floor

    (result,) = (result for result in compared.results if result.name == LITE0)
    same = lead({"strict": result.predictions["strict"]})  # the pictures tell as much without their lungs
    assert (same.floor, same.above) == ("lungs blanked", False)
    assert set(same.difference.as_json().values()) == {0.0}
    assert lead({}).floor in cheap
