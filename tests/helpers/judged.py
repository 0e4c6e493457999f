"""Predictions to judge."""

import numpy as np
import pandas as pd


def chance_predictions(table, seed=0, *, every=False):
    """Probabilities that know nothing of the slices of test, or of all slices."""
    random = np.random.default_rng(seed)
    rows = [row for row in table.rows if every or row.split == "test"]
    shares = random.dirichlet(np.ones(len(table.classes)), len(rows))
    return pd.DataFrame(shares, columns=list(table.classes)).assign(path=[row.path for row in rows])
