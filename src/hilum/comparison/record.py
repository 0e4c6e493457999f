"""A comparison as plain data: what metrics.json, predictions.csv and history.csv hold (docs/run-folder.md)."""

import os
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePath
from typing import Any

import pandas as pd

from hilum.comparison.compare import Comparison
from hilum.comparison.result import ModelResult, Unavailable
from hilum.evaluation.published import PUBLISHED
from hilum.slices.labels import CLASSES, SYNTHETIC_PREFIX

SCHEMA = "hilum.comparison/1"
NOTICE = (
    "Research use only. The scores describe these slices and these splits; they say nothing about a patient and are no "
    "ground for any decision about one."
)
_PACKAGES = (
    "hilum",
    "numpy",
    "pillow",
    "torch",
    "timm",
    "onnxruntime",
    "scikit-learn",
    "pandas",
    "matplotlib",
)


def record_of(comparison: Comparison, command: str | None) -> dict[str, Any]:
    """The content of metrics.json, but for the list of files that is added when they are written."""
    table, settings = comparison.table, comparison.settings
    by_name = {model.name: _model(model) for model in comparison.results}
    by_name |= {model.name: _unavailable(model) for model in comparison.unavailable}
    return {
        "schema": SCHEMA,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "notice": NOTICE,
        "synthetic": any(PurePath(row.path).name.startswith(SYNTHETIC_PREFIX) for row in table.rows),
        "random_weights": settings.random_weights,
        "settings": {**asdict(settings), "models": list(settings.models)},
        "data": {
            "folder": table.root.resolve().name,
            "digest": table.digest,
            "classes": list(table.classes),
            "counts": {split: dict(counts) for split, counts in table.counts.items()},
            "files": len(table.rows),
            "distinct": table.distinct,
            "uncropped": sum(row.facts.body is None for row in table.rows) if settings.crop else len(table.rows),
            "skipped": [asdict(skipped) for skipped in table.skipped],
            "notes": list(table.notes),
        },
        "models": [by_name[name] for name in settings.models],
        "best": comparison.best.name,
        # The published figures are of the four classes; beside other classes they would compare nothing.
        "published": [row.as_dict() for row in PUBLISHED] if table.classes == CLASSES else [],
        "versions": _versions(),
    }


def predictions_of(comparison: Comparison) -> pd.DataFrame:
    """One row a model and file."""
    table = comparison.table
    rows = {
        "path": [row.path for row in table.rows],
        "split": [row.split for row in table.rows],
        "label": [row.label for row in table.rows],
    }
    frames = []
    for model in comparison.results:
        frame = pd.DataFrame({"model": model.name, **rows})
        frame["predicted"] = [table.classes[number] for number in model.probabilities.argmax(1)]
        for number, name in enumerate(table.classes):
            frame[f"p_{name}"] = model.probabilities[:, number]
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def history_of(comparison: Comparison) -> pd.DataFrame:
    """One row a model and epoch."""
    rows = [{"model": model.name, **asdict(epoch)} for model in comparison.results for epoch in model.history]
    return pd.DataFrame(rows)


def _model(model: ModelResult) -> dict[str, Any]:
    seconds = model.seconds
    return {
        "name": model.name,
        "title": model.title,
        "status": "ok",
        "reason": None,
        **model.facts,
        "epochs": len(model.history),
        "best_epoch": model.best_epoch,
        "splits": {split: evaluation.as_dict() for split, evaluation in model.evaluations.items()},
        "seconds": {
            "decoding": round(seconds.decoding, 3),
            "features": round(seconds.features, 3),
            "head": round(seconds.head, 3),
            "total": round(seconds.total, 3),
            "cached": seconds.cached,
        },
    }


def _unavailable(model: Unavailable) -> dict[str, Any]:
    return {
        "name": model.name,
        "title": model.title,
        "status": "unavailable",
        "reason": model.reason,
        "tag": model.tag,
    }


def _versions() -> dict[str, str]:
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    versions = {"python": platform.python_version(), "machine": machine}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:  # run from a source tree without an install
            versions[package] = "not installed"
    return versions
