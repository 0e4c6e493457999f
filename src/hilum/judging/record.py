"""A judgement as plain data: what metrics.json, predictions.csv and predictions.parquet hold (docs/run-folder.md)."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from hilum.audit.findings import findings
from hilum.comparison.probabilities import long_frame, places
from hilum.comparison.record import protocol_facts, shared_model, shared_record
from hilum.comparison.result import ScoredModel
from hilum.judging.result import JudgedOutcome
from hilum.judging.titles import MEANINGS, title_of
from hilum.records.comparison import ComparisonRecord
from hilum.slices.labels import SPLITS
from hilum.text import spelt

_OF_TRAINING = ("epochs", "best_epoch", "strength", "seconds")


def judged_record(found: JudgedOutcome, command: str | None) -> ComparisonRecord:
    """The content of metrics.json, except for the list of files, which is added when they are written."""
    given, slices, settings = found.given, found.slices, found.settings
    shared = shared_record(found, command)
    titles = {name: title_of(name, slices) for name in found.plans}
    return ComparisonRecord.made(
        {
            **shared,
            "random_weights": False,
            "audit": {**shared["audit"], "findings": findings(found.audit.record, lambda name: titles[name])},
            "settings": {
                "models": [spelt(model.name) for model in found.results],
                "negative": settings.negative,
                "protocols": list(found.plans),
                "floor": settings.floor,
                "margin": None,
                "look_alike": settings.look_alike,
                "seed": settings.seed,
                "predictions": given.source,
                "trained_on": found.trained_on,
                "mapped": settings.mapped,
            },
            "judged": {
                "digest": given.digest,
                "rows": given.count,
                "classes_only": given.classes_only,
                "trained_on": found.trained.said,
                "trained": found.trained.count,
                "chosen_on_valid": found.chosen_on_valid,
                "left_out": dict(Counter(filter(None, found.protocols.left_out)).most_common()),
            },
            "data": {**shared["data"], "classes": given.reading.classes, "counts": _counts(found)},
            "models": [_model(model, found) for model in found.results],
            "best": found.best,
            "protocols": [
                protocol_facts(
                    plan, slices, titles[name], MEANINGS[name], likeness=name in ("no-look-alikes", "strict")
                )
                for name, plan in found.plans.items()
            ],
            "curve": [],
            "published": [],
        }
    )


def _model(model: ScoredModel, found: JudgedOutcome) -> dict[str, Any]:
    return {**shared_model(model, found.scores, found.slices.labels), **dict.fromkeys(_OF_TRAINING)}


def _counts(found: JudgedOutcome) -> dict[str, dict[str, int]]:
    """Number of slices of each class of the predictions in each split of the folder, or in all if it has none."""
    read, drawn = found.given.reading.folder, found.table.split_drawn
    counted = Counter[tuple[str, str]](
        ("all" if drawn else row.split, read[row.label]) for row in found.table.rows if row.label in read
    )
    splits = ("all",) if drawn else SPLITS
    return {split: {name: counted[split, name] for name in found.given.reading.classes} for split in splits}


def judged_predictions(found: JudgedOutcome) -> pd.DataFrame:
    """One row per model and reported slice: the mean of its repeats, and why it is not in the headline figure."""
    reported, classes = found.protocols.reported, found.given.reading.classes
    here = _places(found, "test").iloc[reported][["path", "split", "label"]].reset_index(drop=True)
    models, frames = [model.name for model in found.results], []
    for of in found.given.scored:
        if of.protocol != "given" or of.model not in models:
            continue
        shares = of.probabilities.mean(0)
        frame = here.assign(model=of.model, predicted=np.array(classes)[shares.argmax(1)])
        if not found.given.classes_only:
            frame[[f"p_{name}" for name in classes]] = shares
        frames.append(frame.assign(left_out=pd.Series(found.protocols.left_out, dtype=object)))
    every = pd.concat(frames, ignore_index=True)
    return every[["model", *(name for name in every.columns if name != "model")]]


def judged_probabilities(found: JudgedOutcome) -> pd.DataFrame:
    """One row per model, protocol, repeat and scored slice; under `given`, of valid too."""
    classes, valid = found.given.reading.classes, {of.model: of for of in found.given.valid}
    tested, chosen_on = _places(found, "test"), _places(found, "valid")
    frames = []
    for model in found.results:
        for name, of in model.predictions.items():
            if name == "given" and found.chosen_on_valid:
                its = valid[model.name]
                rows = chosen_on.iloc[its.rows]
                frames.append(long_frame(model.name, name, rows, its.probabilities, its.folds, classes))
            rows = tested.iloc[of.plan.scored]
            frames.append(long_frame(model.name, name, rows, of.probabilities, of.plan.folds, classes))
    return pd.concat(frames, ignore_index=True)


def _places(found: JudgedOutcome, split: str) -> pd.DataFrame:
    """The `places` of the table, with the class that each label is read as, if the predictions have one."""
    read, here = found.given.reading.folder, places(found.table, found.slices.strict, split)
    return here.assign(label=[read.get(name, name) for name in here["label"]])
