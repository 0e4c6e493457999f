"""Run folders of `hilum compare` and `hilum evaluate`, as the page shows them."""

import csv
import io
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from hilum.backbones.zoo import ZOO
from hilum.records.comparison import STRICT_CALLED, STRICT_SHARE, ComparedModel, ComparisonRecord
from hilum.records.evaluation import EvaluationRecord
from hilum.records.figures import Estimate, highest
from hilum.report.scores import floor_beside, lead_of
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
            kind, best = "comparison", record.best
            ran = [model for model in record.models if isinstance(model, ComparedModel)]
            models = [_compared_model(record, model) for model in ran]
        else:  # one model, with its scores from training and on the slices of this run
            kind, best = "evaluation", record.model.name
            title = next((backbone.title for backbone in ZOO if backbone.name == best), best)
            models = [_model(best, title, {**record.model.scores, "evaluated": record.figures.f1_macro})]
        found = {"name": self.name, "folder": record.data.folder, "report": (self.folder / REPORT).is_file()}
        found |= {"kind": kind, "best": best, "models": models, "titles": self._titles()}
        if isinstance(record, ComparisonRecord) and record.judged:
            found["judged_by"] = record.headline
        return schemas.Run.model_validate({**vars(record), **found})

    def _titles(self) -> dict[str, str]:
        """The titles of the protocols: that which stands for the models, slices from elsewhere, then the others."""
        if isinstance(self.record, EvaluationRecord):
            return self.record.model.titles
        hardest = _hardest(self.record)
        first = sorted(self.record.protocols, key=lambda of: (of.name != hardest, of.external is None))
        return {protocol.name: protocol.title for protocol in first}

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
    """The slices in a run's confusion matrices: of strict, else of the given test; else those that were scored.

    Args:
        run: Run to read.
        model: Name of a model of a comparison, or None for all.
        label: True class, or None for all.
        predicted: Predicted class, or None for all.

    Yields:
        `path`, `label`, `predicted` and `probabilities` by class.
    """
    record = run.record
    read: Callable[[Mapping[str, str]], dict[str, Any] | None]
    if isinstance(record, EvaluationRecord):
        read = partial(_evaluated_row, record)
    elif record.judged:
        read = _judged_row
    else:
        read = partial(_compared_row, {model.name for model in record.ranked if record.judged_by(model) == "strict"})
    for row in _table(run, PREDICTIONS):
        if (found := read(row)) is None:
            continue
        wanted = ((model, row.get("model", model)), (label, found["label"]), (predicted, found["predicted"]))
        if all(want is None or want == has for want, has in wanted):
            yield found


def _evaluated_row(record: EvaluationRecord, row: Mapping[str, str]) -> dict[str, Any] | None:
    """A slice as the evaluation read it, or None if it was not scored."""
    if row.get("left_out"):
        return None
    probabilities = _read_as(_shares(row, _PROBABILITY), record.classes)
    label = record.data.read_as.get(row.get("label", ""), row.get("label"))
    return _slice(row, label, highest(probabilities), probabilities)


def _judged_row(row: Mapping[str, str]) -> dict[str, Any] | None:
    """A prediction that was made elsewhere, or None if it was left out."""
    if row.get("left_out"):
        return None
    return _slice(row, row.get("label"), row.get("predicted"), _shares(row, _PROBABILITY))


def _compared_row(strict: Collection[str], row: Mapping[str, str]) -> dict[str, Any] | None:
    """A model's answer under strict, of other models than those named on the given test; None if there is none."""
    if row.get("model") in strict:
        called = row.get(STRICT_CALLED)  # runs of earlier versions have no such column
        return _slice(row, row.get("label"), called, _shares(row, STRICT_SHARE)) if called else None
    if row.get("split") != "test":
        return None
    return _slice(row, row.get("label"), row.get("predicted"), _shares(row, _PROBABILITY))


def _slice(
    row: Mapping[str, str], label: str | None, predicted: str | None, probabilities: Mapping[str, float | None]
) -> dict[str, Any]:
    return {"path": row.get("path") or "", "label": label, "predicted": predicted, "probabilities": probabilities}


def _shares(row: Mapping[str, str], prefix: str) -> dict[str, float | None]:
    """The probabilities in the columns with a prefix, by class."""
    return {key.removeprefix(prefix): _number(value) for key, value in row.items() if key.startswith(prefix)}


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


def _compared_model(record: ComparisonRecord, model: ComparedModel) -> schemas.RunModel:
    """A model of a comparison, with its highest floor and the lead over it under strict, or where it was judged."""
    hardest = _hardest(record)
    floor, lead = floor_beside(record, model, hardest), lead_of(model, hardest)
    made = _model(model.name, model.title, {name: of.f1_macro for name, of in model.protocols.items()})
    made.floor = schemas.Floor(name=floor[0], **dict(floor[1])) if floor and hardest in made.scores else None
    made.lead = lead.difference if lead else None
    return made


def _hardest(record: ComparisonRecord) -> str:
    return record.headline if record.judged else "strict"


def _model(name: str, title: str, scores: Mapping[str, Estimate]) -> schemas.RunModel:
    known = {key: figure for key, figure in scores.items() if figure.value is not None}
    return schemas.RunModel(name=name, title=title, scores=known)


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
