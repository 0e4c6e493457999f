"""The best model of a comparison is chosen on validation, whatever test says."""

import dataclasses

import numpy as np
import pytest
from sklearn.metrics import f1_score, log_loss

from hilum.comparison.result import Seconds


def _scored(template, name, table, valid, test):
    """A result whose chances for the true class are as given for each slice of valid and test."""
    probabilities = np.full((len(table.rows), len(table.classes)), 0.0)
    for split, chances in (("train", 0.7), ("valid", valid), ("test", test)):
        for number in np.flatnonzero(table.in_split(split)):
            chance = chances if np.isscalar(chances) else chances[number % len(chances)]
            probabilities[number] = (1 - chance) / (len(table.classes) - 1)
            probabilities[number, table.labels[number]] = chance
    rows = table.in_split("valid")
    figures = {
        "f1_macro": f1_score(table.labels[rows], probabilities[rows].argmax(1), average="macro"),
        "loss": log_loss(table.labels[rows], probabilities[rows], labels=range(len(table.classes))),
    }
    known = template.valid.model_copy(update=figures)
    return dataclasses.replace(template, name=name, probabilities=probabilities, valid=known)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    ("models", "best"),
    [
        # name: chances of the true class on valid, on test
        ({"a": ([0.9, 0.1], 0.9), "b": (0.6, [0.6, 0.1, 0.1])}, "b"),  # valid decides, whatever test says
        ({"a": (0.6, 0.9), "b": (0.8, 0.5), "c": (0.7, 0.9)}, "b"),  # all perfect on valid: the lowest loss there
        ({"a": (0.99, 0.5), "b": (0.6, 0.99), "c": ([0.99, 0.0], 1.0)}, "a"),
        ({"a": ([0.4, 0.4, 0.05], 0.4), "b": ([0.9, 0.9, 0.04], 0.4)}, "b"),  # equal macro-F1 below 1
    ],
)
def test_the_best_is_chosen_on_valid(compared, phantom_table, models, best, reverse):
    results = [
        _scored(compared.results[0], name, phantom_table, *chances)
        for name, chances in sorted(models.items(), reverse=reverse)
    ]
    comparison = dataclasses.replace(compared, results=tuple(results))
    assert comparison.best.name == best


def test_of_equals_the_first_is_best(compared, phantom_table):
    results = tuple(_scored(compared.results[0], name, phantom_table, 0.6, 0.6) for name in ("z", "a"))
    assert dataclasses.replace(compared, results=results).best.name == "z"


def test_the_total_is_reading_features_and_head():
    assert Seconds(1.0, 2.0, cached=True, head=4.0, protocols=8.0).total == 7.0
