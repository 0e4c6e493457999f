"""The predictions that a model of a comparison is judged by: under strict, else on the given test."""

import pandas as pd

from hilum.records.comparison import STRICT_CALLED, STRICT_SHARE, ComparedModel, ComparisonRecord


def answers(record: ComparisonRecord, model: ComparedModel, predictions: pd.DataFrame) -> pd.DataFrame:
    """One row per slice that the model is judged by.

    Args:
        record: The contents of `metrics.json`.
        model: A model of the record.
        predictions: The rows of `predictions.csv`.

    Returns:
        The columns `path`, `split`, `label`, `called` (the predicted class), and the probability `p_CLASS` of each
        class.
    """
    own = predictions[predictions["model"] == model.name]
    strict = record.judged_by(model) == "strict"
    called, share = (STRICT_CALLED, STRICT_SHARE) if strict else ("predicted", "p_")
    scored = own[own[called].notna()] if strict else own[own["split"] == "test"]
    named = {called: "called", **{f"{share}{name}": f"p_{name}" for name in record.data.classes}}
    return scored[["path", "split", "label", *named]].rename(columns=named)


def mistakes(record: ComparisonRecord, predictions: pd.DataFrame, n: int) -> pd.DataFrame:
    """The best model's wrong answers with the highest probabilities, the highest first.

    Args:
        record: The contents of `metrics.json`.
        predictions: The rows of `predictions.csv`.
        n: Largest number of them.

    Returns:
        Rows of `answers`, each with the `probability` of the class that was called.
    """
    known = answers(record, record.best_model, predictions)
    wrong = known[known["label"] != known["called"]]
    sure = wrong.assign(probability=wrong.filter(regex="^p_").max(axis=1))
    return sure.sort_values("probability", ascending=False, kind="stable").head(n)
