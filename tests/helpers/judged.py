"""Predictions to judge."""

import numpy as np
import pandas as pd

from hilum.judging.given import Answers, Given
from hilum.scoring.classes import ClassReading
from hilum.scoring.protocols import Slices

NUMBERS = np.arange(8)
# Slices 0 and 1 are copies, 2 and 3 the same slice, 4 and 5 look alike.
SLICES = Slices(
    *(NUMBERS % 2, np.where(NUMBERS < 4, 0, 2), np.array([0, 0, 1, 2, 3, 4, 5, 6]), np.array([0, 0, 1, 1, 2, 3, 4, 5])),
    strict=np.array([0, 0, 1, 1, 2, 2, 3, 4]),
    likeness=0.87,
    conflicting=NUMBERS == 7,
)


def chance_predictions(table, seed=0, *, every=False):
    """Probabilities that know nothing of the slices of test, or of all slices."""
    random = np.random.default_rng(seed)
    rows = [row for row in table.rows if every or row.split == "test"]
    shares = random.dirichlet(np.ones(len(table.classes)), len(rows))
    return pd.DataFrame(shares, columns=list(table.classes)).assign(path=[row.path for row in rows])


def answers(rows, protocol="given", *, folds=None, classes=4, repeats=1, model="model", seed=0):
    """A model's predictions on some rows, drawn at random."""
    repeats = repeats if folds is None else len(folds)
    shares = np.random.default_rng(seed).dirichlet(np.ones(classes), (repeats, len(rows)))
    return Answers(model, protocol, np.asarray(rows), shares, folds)


def given(table, *scored, trained=None, classes=None):
    """Predictions as they were read from a file."""
    names = tuple(classes or table.classes)
    reading = ClassReading(names, None, {name: name for name in names}, {name: name for name in names}, ())
    none = np.zeros(len(table.rows) if table else 0, np.bool_)
    return Given("a file", "0" * 64, 1, reading, False, scored, (), none if trained is None else trained, ())
