"""Run folders of `hilum compare` and `hilum evaluate`, as the page shows them."""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from hilum.backbones.zoo import ZOO
from hilum.records.comparison import ComparedModel, ComparisonRecord
from hilum.records.evaluation import EvaluationRecord
from hilum.records.figures import Estimate, highest
from hilum.serve import schemas
from hilum.text import from_cell, spelt

METRICS, PREDICTIONS, HISTORY, REPORT = "metrics.json", "predictions.csv", "history.csv", "report.html"
_METRICS: TypeAdapter[schemas.RunRecord] = TypeAdapter(schemas.RunRecord)
_LARGEST = 64 * 2**20  # bytes per file
_MOST = 1000  # runs
_PROBABILITY = "p_"  # prefix of the columns of predictions.csv with probabilities


@dataclass(frozen=True)
class Run:
    """A run folder.

    Attributes:
        name: Name of the folder, as valid text.
        folder: Path of the folder.
        record: Contents of metrics.json.
    """

    name: str
    folder: Path
    record: ComparisonRecord | EvaluationRecord

    def as_answer(self) -> schemas.Run:
        """The entry of the run in `GET /api/runs`."""
        record = self.record
        if isinstance(record, ComparisonRecord):
            ran = [model for model in record.models if isinstance(model, ComparedModel)]
            scores = {model.name: {name: of.f1_macro for name, of in model.protocols.items()} for model in ran}
            kind, best, titles = "comparison", record.best, {model.name: model.title for model in ran}
        else:  # one model, with its scores from training and on the slices of this run
            kind, best, titles = "evaluation", record.model.name, {backbone.name: backbone.title for backbone in ZOO}
            scores = {best: {**record.model.scores, "evaluated": record.figures.f1_macro}}
        models = [_model(name, titles.get(name, name), of) for name, of in scores.items()]
        found = {"name": self.name, "folder": record.data.folder, "report": (self.folder / REPORT).is_file()}
        return schemas.Run.model_validate({**vars(record), **found, "kind": kind, "best": best, "models": models})

    def file(self, name: str) -> bytes | None:
        """The contents of a file of the run, or None if it is missing or too large."""
        path = self.folder / name
        with suppress(OSError):
            if path.is_file() and path.stat().st_size <= _LARGEST:
                return path.read_bytes()
        return None


def find_runs(folder: Path) -> dict[str, Run]:
    """The runs in a folder by name, newest first. The folder itself may be a run."""
    places = sorted(path for path in folder.glob("[!.]*") if path.is_dir())
    found = [run for place in [folder, *places[:_MOST]] if (run := _run(place)) is not None]
    found.sort(key=lambda run: run.record.created, reverse=True)
    return {run.name: run for run in found}


def history_rows(run: Run) -> list[dict[str, Any]]:
    """The rows of history.csv with numbers parsed; empty if the run has no such file."""
    return [
        {key: value if key == "model" else _number(value) for key, value in row.items()} for row in _table(run, HISTORY)
    ]


def prediction_rows(
    run: Run, model: str | None = None, label: str | None = None, predicted: str | None = None
) -> Iterator[dict[str, Any]]:
    """The slices in a run's confusion matrices: the test slices of a comparison, the scored ones of an evaluation.

    Args:
        run: Run to read.
        model: Name of a model of a comparison, or None for all.
        label: True class, or None for all.
        predicted: Predicted class, or None for all.

    Yields:
        `path`, `label`, `predicted` and `probabilities` by class.
    """
    evaluated = run.record if isinstance(run.record, EvaluationRecord) else None
    read_as = evaluated.data.read_as if evaluated else {}
    for row in _table(run, PREDICTIONS):
        if row.get("split", "test") != "test" or row.get("left_out"):
            continue
        shares = {
            key.removeprefix(_PROBABILITY): _number(value) for key, value in row.items() if key.startswith(_PROBABILITY)
        }
        probabilities = _read_as(shares, evaluated.classes) if evaluated else shares
        found = {
            "path": row.get("path") or "",
            "label": read_as.get(row.get("label", ""), row.get("label")),
            "predicted": highest(probabilities) if evaluated else row.get("predicted"),
            "probabilities": probabilities,
        }
        wanted = ((model, row.get("model", model)), (label, found["label"]), (predicted, found["predicted"]))
        if all(want is None or want == has for want, has in wanted):
            yield found


def _run(folder: Path) -> Run | None:
    path = folder / METRICS
    with suppress(OSError, ValidationError):  # made by another program, or damaged
        if (state := path.stat()).st_size <= _LARGEST:
            return Run(spelt(folder.resolve().name), folder, _record(path, state.st_mtime_ns, state.st_size))
    return None


@lru_cache(maxsize=_MOST + 1)
def _record(path: Path, changed: int, size: int) -> ComparisonRecord | EvaluationRecord:
    """The record in metrics.json, cached until the file changes."""
    return _METRICS.validate_json(path.read_bytes(), strict=True)


def _model(name: str, title: str, scores: Mapping[str, Estimate]) -> schemas.RunModel:
    known = {key: figure for key, figure in scores.items() if figure.value is not None}
    without = dict.fromkeys(("given", "no-copies", "strict", *scores))
    return schemas.RunModel.model_validate({**without, **known, "name": name, "title": title})


def _read_as(shares: Mapping[str, float | None], classes: Sequence[str]) -> dict[str, float | None]:
    """A model's probabilities for the classes that an evaluation scored, which may be two groups of its classes."""
    other = next((name for name in classes if name not in shares), None)
    if other is None or not shares:
        return dict(shares)
    summed: dict[str, float | None] = dict.fromkeys(classes, 0.0)
    for name, share in shares.items():
        side = name if name in classes else other
        summed[side] = (summed[side] or 0) + (share or 0)
    return summed


def _table(run: Run, name: str) -> Iterator[dict[str, str]]:
    data = run.file(name)
    if data is not None:
        lines = io.StringIO(data.decode("utf-8", "backslashreplace"), newline="")
        for row in csv.DictReader(lines):
            yield {from_cell(key): from_cell(value or "") for key, value in row.items() if key}


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
