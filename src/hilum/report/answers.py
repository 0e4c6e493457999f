"""The predictions that a model of a comparison is judged by: under strict, else under what stands in for it."""

import numpy as np
import pandas as pd

from hilum.records.comparison import ComparedModel, ComparisonRecord


def answers(record: ComparisonRecord, model: ComparedModel, probabilities: pd.DataFrame) -> pd.DataFrame:
    """One row per slice that the model is judged by.

    Args:
        record: The contents of `metrics.json`.
        model: A model of the record.
        probabilities: The rows of `predictions.parquet`.

    Returns:
        The columns `path`, `split`, `label`, `called` (the predicted class), and the probability `p_CLASS` of each
        class, the mean over repeats.
    """
    protocol, columns = record.judged_by(model), [f"p_{name}" for name in record.data.classes]
    rows = probabilities[(probabilities["model"] == model.name) & (probabilities["protocol"] == protocol)]
    if protocol == "given" and model.splits.valid:
        rows = rows[rows["split"] != "valid"]  # which chose the best model
    once = rows.loc[rows["repeat"] == 0, ["path", "split", "label"]]
    shares = rows[columns].to_numpy().reshape(-1, len(once), len(columns)).mean(0)
    called = np.array(record.data.classes)[shares.argmax(1)]
    return once.assign(called=called, **dict(zip(columns, shares.T, strict=True)))


def mistakes(record: ComparisonRecord, probabilities: pd.DataFrame, n: int) -> pd.DataFrame:
    """The best model's wrong answers with the highest probabilities, the highest first.

    Args:
        record: The contents of `metrics.json`.
        probabilities: The rows of `predictions.parquet`.
        n: Largest number of them.

    Returns:
        Rows of `answers`, each with the `probability` of the class that was called.
    """
    known = answers(record, record.best_model, probabilities)
    wrong = known[known["label"] != known["called"]]
    sure = wrong.assign(probability=wrong.filter(regex="^p_").max(axis=1))
    return sure.sort_values("probability", ascending=False, kind="stable").head(n)
