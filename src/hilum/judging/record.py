"""A judgement as plain data: what its metrics.json holds (docs/run-folder.md)."""

from collections import Counter
from typing import Any

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
    return ComparisonRecord.made(
        {
            **shared,
            "random_weights": False,
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
                "left_out": Counter(filter(None, found.protocols.left_out)),
            },
            "data": {**shared["data"], "classes": given.reading.classes, "counts": _counts(found)},
            "models": [_model(model, found) for model in found.results],
            "best": found.best,
            "protocols": [
                protocol_facts(
                    plan, slices, title_of(name, slices), MEANINGS[name], likeness=name in ("no-look-alikes", "strict")
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
