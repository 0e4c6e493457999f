"""The rows of a judgement's predictions.csv and predictions.parquet (docs/run-folder.md)."""

import numpy as np
import pandas as pd

from hilum.comparison.probabilities import long_frame
from hilum.judging.result import JudgedOutcome
from hilum.text import plain_path


def judged_predictions(found: JudgedOutcome) -> pd.DataFrame:
    """One row per model and reported slice: the mean of its repeats, and why it is not in the headline figure."""
    reported, classes = found.protocols.reported, found.given.reading.classes
    places = _places(found, reported, "test")[["path", "split", "label"]]
    models, frames = [model.name for model in found.results], []
    for of in found.given.scored:
        if of.protocol != "given" or of.model not in models:
            continue
        shares = of.probabilities.mean(0)
        frame = places.assign(model=of.model, predicted=np.array(classes)[shares.argmax(1)])
        if not found.given.classes_only:
            frame[[f"p_{name}" for name in classes]] = shares
        frames.append(frame.assign(left_out=pd.Series(found.protocols.left_out, dtype=object)))
    every = pd.concat(frames, ignore_index=True)
    return every[["model", *(name for name in every.columns if name != "model")]]


def judged_probabilities(found: JudgedOutcome) -> pd.DataFrame:
    """One row per model, protocol, repeat and scored slice; under `given`, of valid too."""
    classes, valid = found.given.reading.classes, {of.model: of for of in found.given.valid}
    frames = []
    for model in found.results:
        for name, of in model.predictions.items():
            places = _places(found, of.plan.scored, "test")
            if name == "given" and found.chosen_on_valid:
                beside = valid[model.name]
                rows = _places(found, beside.rows, "valid")
                frames.append(long_frame(model.name, name, rows, beside.probabilities, beside.folds, classes))
            frames.append(long_frame(model.name, name, places, of.probabilities, of.plan.folds, classes))
    return pd.concat(frames, ignore_index=True)


def _places(found: JudgedOutcome, rows: np.ndarray, split: str) -> pd.DataFrame:
    """The columns `path`, `split`, `label` and `group` of some rows of the table, as predictions of a split.

    A label is the class that it is read as, or the folder's if the predictions lack that.
    """
    read = found.given.reading.folder
    own = [found.table.rows[row] for row in rows.tolist()]
    facts = [(plain_path(row.path), split, read.get(row.label, row.label)) for row in own]
    frame = pd.DataFrame(facts, columns=["path", "split", "label"])
    return frame.assign(group=found.slices.strict[rows].astype(np.int64))
