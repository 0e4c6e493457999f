"""A comparison as plain data: what metrics.json, predictions.csv and history.csv hold (docs/run-folder.md)."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hilum.comparison.outside import MEANING, Elsewhere
from hilum.comparison.result import ENSEMBLE, Compared, ModelResult, Outcome, ScoredModel, Scores
from hilum.heads.history import Epoch
from hilum.records.audit import AuditSummary
from hilum.records.base import opening
from hilum.records.comparison import COMPARISON_SCHEMA, STRICT_CALLED, STRICT_SHARE, ComparisonRecord
from hilum.records.settings import Settings
from hilum.scoring.intervals import point_figures
from hilum.scoring.metrics import counted
from hilum.scoring.protocols import RULES, Plan, Protocol, Slices
from hilum.scoring.published import PUBLISHED
from hilum.scoring.resamples import MANY, OF_MANY, RESAMPLES
from hilum.slices.kaggle import is_public_set
from hilum.text import plain_path, to_cell
from hilum.versions import versions

NOTICE = (
    "Research use only. The scores describe these slices and these splits; they say nothing about a patient and are no "
    "ground for any decision about one."
)
_SECONDS = ("decoding", "features", "head", "total", "protocols")


def record_of(comparison: Compared, command: str | None) -> ComparisonRecord:
    """The content of metrics.json, except for the list of files, which is added when they are written."""
    table, settings, outside = comparison.table, comparison.settings, comparison.outside.sets
    slices, shared = comparison.audit.slices, shared_record(comparison, command)
    by_name: dict[str, object] = {
        model.name: _model(model, comparison.scores, table.labels) for model in comparison.results
    }
    by_name |= {model.name: model for model in comparison.unavailable}
    return ComparisonRecord.made(
        {
            **shared,
            "random_weights": settings.random_weights,
            "settings": {
                **{name: getattr(settings, name) for name in Settings.model_fields if name != "external"},
                "external": [
                    {"name": of.name, "folder": of.asked.table.root.resolve().name, "mapped": of.asked.mapped}
                    for of in outside
                ],
            },
            "data": {
                **shared["data"],
                "uncropped": sum(row.facts.body is None for row in table.rows) if settings.crop else len(table.rows),
            },
            "models": [by_name[name] for name in (*settings.models, *map(ENSEMBLE.join, settings.ensembles))],
            "best": comparison.best.name,
            "protocols": [
                *(
                    protocol_facts(plan, slices, slices.title(name), RULES[name].meaning, likeness=name == "strict")
                    for name, plan in comparison.plans.items()
                ),
                *map(_external, outside),
            ],
            "curve": comparison.curve,
            # They can be compared only on the same slices and split.
            "published": PUBLISHED if is_public_set(table) else [],
        }
    )


def shared_record(outcome: Outcome, command: str | None) -> dict[str, Any]:
    """What the records of a comparison and of a judgement have in common."""
    table, audited = outcome.table, outcome.audit.record
    return {
        **opening(COMPARISON_SCHEMA, NOTICE, command, table.synthetic),
        "data": {
            **dict(audited.data),
            "files": len(table.rows),
            "distinct": table.distinct,
            "uncropped": 0,
            "skipped": table.skipped,
            "notes": list(
                dict.fromkeys([*table.notes, *outcome.audit.notes, *outcome.notes, *_fewer_resamples(outcome.plans)])
            ),
        },
        "audit": {name: getattr(audited, name) for name in AuditSummary.model_fields},
        "differences": outcome.scores.differences,
        "versions": versions(),
    }


def shared_model(model: ScoredModel, scores: Scores, labels: NDArray[np.intp]) -> dict[str, Any]:
    """What the models of a comparison and of a judgement have in common."""
    protocols = {name: of[model.name] for name, of in scores.figures.items() if model.name in of}
    return {
        "name": model.name,
        "title": model.title,
        "status": "ok",
        "reason": None,
        "splits": {"valid": model.valid, "test": point_figures(protocols["given"])},
        "protocols": protocols,
        "floors": {name: of[model.name] for name, of in scores.floors.items() if model.name in of},
        "seeds": _seeds(model, labels),
    }


def predictions_of(comparison: Compared) -> pd.DataFrame:
    """One row per model and file: the answer as trained on train, then that of strict, averaged over its repeats.

    Strict is empty for slices that it does not score, such as copies, and for models that were not run under it. Slices
    from elsewhere, in `external:NAME`, are those that were scored.
    """
    table, outside = comparison.table, comparison.outside.sets
    places = [(row, row.split) for row in table.rows] + [(row, of.plan.name) for of in outside for row in of.table.rows]
    rows = [(plain_path(row.path), split, row.label) for row, split in places]
    frames = []
    for model in comparison.results:
        there = [model.predictions[of.plan.name].probabilities[0] for of in outside]
        probabilities = np.concatenate([model.probabilities, *there])
        frame = pd.DataFrame([(model.name, *row) for row in rows], columns=["model", "path", "split", "label"])
        frame["predicted"] = [table.classes[number] for number in probabilities.argmax(1)]
        for number, name in enumerate(table.classes):
            frame[f"p_{name}"] = probabilities[:, number]
        if strict := model.predictions.get("strict"):
            shares, scored = strict.probabilities.mean(0), strict.plan.scored
            called = [table.classes[number] for number in shares.argmax(1)]
            frame[STRICT_CALLED] = pd.Series(called, scored, object)
            for number, name in enumerate(table.classes):
                frame[f"{STRICT_SHARE}{name}"] = pd.Series(shares[:, number], scored)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def history_of(comparison: Compared) -> pd.DataFrame:
    """One row per model and epoch, or per model and strength of its head's first scorer."""
    columns = ["model", *(field.name for field in fields(Epoch))]
    rows = [{"model": model.name, **asdict(epoch)} for model in comparison.results for epoch in model.history]
    return pd.DataFrame(rows, columns=columns)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """The rows as CSV, with texts as `hilum.text.to_cell` writes them."""

    def cell(value: object) -> object:
        return to_cell(value) if isinstance(value, str) else value

    text: str = frame.map(cell).rename(columns=cell).to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return text.encode()


def _fewer_resamples(plans: Mapping[Protocol, Plan]) -> Iterator[str]:
    if any(len(plan.scored) > MANY for plan in plans.values()):
        yield f"Intervals of figures on more than {MANY:,} slices rest on {OF_MANY} resamples instead of {RESAMPLES:,}."


def protocol_facts(plan: Plan, slices: Slices, title: str, meaning: str, *, likeness: bool) -> dict[str, Any]:
    """What a record says of a protocol.

    Args:
        plan: Its plan.
        slices: All slices.
        title: Its name for readers.
        meaning: What a score under it means.
        likeness: Whether look-alikes play a part in it.
    """
    fits = [fit for repeat in plan.repeats for fit in repeat]
    return {
        "name": plan.name,
        "title": title,
        "likeness": slices.likeness if likeness else None,
        "meaning": meaning,
        # Folds differ by a few slices in what they train on; the mean stands for them.
        "trained": round(sum(len(fit.whole) for fit in fits) / len(fits)),
        "scored": len(plan.scored),
        "groups": len(np.unique(slices.strict[plan.scored])),
        "repeats": len(plan.repeats),
        "notes": list(plan.notes),
    }


def _external(of: Elsewhere) -> dict[str, Any]:
    return {
        "name": of.plan.name,
        "title": f"external {of.name}",
        "likeness": of.slices.likeness,
        "external": of.facts,
        "meaning": MEANING,
        "trained": len(of.plan.repeats[0][0].whole),
        "scored": len(of.plan.scored),
        "groups": len(np.unique(of.slices.strict)),
        "repeats": len(of.plan.repeats),
        "notes": [],
    }


def _seeds(model: ScoredModel, labels: NDArray[np.intp]) -> dict[str, Any] | None:
    """Mean and standard deviation of the given protocol's macro-F1 over the seeds of the head."""
    given = model.predictions.get("given")
    if given is None or len(given.by_seed) < 2:
        return None
    true, once = labels[given.plan.scored], np.ones((len(given.plan.scored), 1))
    macro = [counted(true, probabilities, once)["f1_macro"][0] for probabilities in given.by_seed]
    return {"count": len(macro), "f1_macro": {"mean": float(np.mean(macro)), "spread": float(np.std(macro, ddof=1))}}


def _model(model: ModelResult, scores: Scores, labels: NDArray[np.intp]) -> dict[str, Any]:
    return {
        **shared_model(model, scores, labels),
        **model.facts,
        **_steps(model),
        "chosen": model.chosen,
        "seconds": {
            **{name: round(getattr(model.seconds, name), 3) for name in _SECONDS},
            "cached": model.seconds.cached,
        },
    }


def _steps(model: ModelResult) -> dict[str, Any]:
    """How the head was trained: epochs, or the chosen strength C of a logistic head, or neither."""
    linear = [scorer.strength for scorer in model.chosen if scorer.kind == "linear"]
    return {
        "epochs": None if model.chosen or not model.best_epoch else len(model.history),
        "best_epoch": model.best_epoch or None,
        "strength": linear[0] if linear and len(model.chosen) == 1 else None,
    }
