"""Run folders as a page shows them: comparisons of `hilum compare` and evaluations of `hilum evaluate`."""

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from hilum.backbones.zoo import ZOO
from hilum.report.words import worth
from hilum.serve.about import headline
from hilum.text import from_cell, spelt

METRICS, PREDICTIONS, HISTORY, REPORT = "metrics.json", "predictions.csv", "history.csv", "report.html"
_KINDS: Mapping[str, Literal["comparison", "evaluation"]] = {
    "hilum.comparison": "comparison",
    "hilum.evaluation": "evaluation",
}
_LARGEST = 64 * 2**20  # bytes of a file of a run
_MOST = 1000  # runs
_PROBABILITY = "p_"  # of a column of predictions.csv, before the name of the class


@dataclass(frozen=True)
class Run:
    """A run folder.

    Attributes:
        name: Of the folder, as text.
        folder: Its place.
        kind: `comparison` or `evaluation`.
        record: The contents of metrics.json.
    """

    name: str
    folder: Path
    kind: Literal["comparison", "evaluation"]
    record: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """What `GET /api/runs` gives of it."""
        record = self.record
        return {
            "name": self.name,
            "created": record.get("created"),
            "kind": self.kind,
            "folder": (record.get("data") or {}).get("folder"),
            "best": record.get("best") if self.kind == "comparison" else (record.get("model") or {}).get("name"),
            "models": _compared(record) if self.kind == "comparison" else _evaluated(record),
            "synthetic": bool(record.get("synthetic")),
            "report": (self.folder / REPORT).is_file(),
        }

    def file(self, name: str) -> bytes | None:
        """A file of the run, or None where it is missing or larger than one of a run."""
        path = self.folder / name
        try:
            if not path.is_file() or path.stat().st_size > _LARGEST:
                return None
            return path.read_bytes()
        except OSError:
            return None


def find_runs(folder: Path) -> dict[str, Run]:
    """The runs in a folder by their names, newest first; the folder itself where it is one."""
    try:
        places = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:
        places = []
    found = [run for place in [folder, *places[:_MOST]] if (run := _run(place)) is not None]
    found.sort(key=lambda run: str(run.record.get("created")), reverse=True)
    return {run.name: run for run in found}


def history_rows(run: Run) -> list[dict[str, Any]]:
    """The rows of history.csv, numbers as numbers; none where a run has no such file."""
    return [
        {key: value if key == "model" else _number(value) for key, value in row.items()} for row in _table(run, HISTORY)
    ]


def prediction_rows(
    run: Run, model: str | None = None, label: str | None = None, predicted: str | None = None
) -> Iterator[dict[str, Any]]:
    """The slices of a run's confusion matrices: of a comparison those of test, of an evaluation those that were scored.

    Args:
        run: The run.
        model: The slices of this model alone; an evaluation has one.
        label: Those of this class alone.
        predicted: Those that were called this alone.

    Yields:
        `path`, `label`, `predicted` and `probabilities` by class.
    """
    classes, read_as = _classes(run), (run.record.get("data") or {}).get("read_as") or {}
    for row in _table(run, PREDICTIONS):
        if row.get("split", "test") != "test" or row.get("left_out"):
            continue
        shares = {
            key.removeprefix(_PROBABILITY): _number(value) for key, value in row.items() if key.startswith(_PROBABILITY)
        }
        probabilities = _read_as(shares, classes) if run.kind == "evaluation" else shares
        known_shares = {name: share for name, share in probabilities.items() if share is not None}
        best = max(known_shares, key=known_shares.__getitem__, default=None)
        found = {
            "path": row.get("path") or "",
            "label": read_as.get(row.get("label"), row.get("label")),
            "predicted": best if run.kind == "evaluation" else row.get("predicted"),
            "probabilities": probabilities,
        }
        wanted = ((model, row.get("model", model)), (label, found["label"]), (predicted, found["predicted"]))
        if all(want is None or want == has for want, has in wanted):
            yield found


def _run(folder: Path) -> Run | None:
    path = folder / METRICS
    try:
        state = path.stat()
        if state.st_size > _LARGEST:
            return None
        record = _record(path, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError, RecursionError):
        return None
    schema = record.get("schema") if isinstance(record, dict) else None
    kind = _KINDS.get(schema.partition("/")[0]) if isinstance(schema, str) else None
    if kind is None:
        return None
    run = Run(spelt(folder.resolve().name), folder, kind, record)
    try:
        json.dumps(run.as_json(), allow_nan=False, ensure_ascii=False).encode()
    except (AttributeError, TypeError, ValueError, KeyError):  # another program's, or edited: it is no run of hilum's
        return None
    return run


@lru_cache(maxsize=_MOST + 1)
def _record(path: Path, changed: int, size: int) -> Any:  # noqa: ANN401 - JSON
    """metrics.json, read once for as long as it does not change."""
    return json.loads(path.read_bytes())


def _compared(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": model.get("name"),
            "title": model.get("title"),
            **{name: headline(worth(model, name)) for name in ("given", "unseen", "strict")},
        }
        for model in record.get("models") or ()
        if model.get("status") == "ok"
    ]


def _evaluated(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The one model, with its own scores, and what it reached on the slices of this run."""
    model = record.get("model") or {}
    own = model.get("scores") or {}
    return [
        {
            "name": model.get("name"),
            "title": next((row.title for row in ZOO if row.name == model.get("name")), model.get("name")),
            **{name: headline(own.get(name)) for name in ("given", "unseen", "strict")},
            "evaluated": headline((record.get("figures") or {}).get("f1_macro")),
        }
    ]


def _classes(run: Run) -> list[str]:
    record = run.record
    return list(record.get("classes") or (record.get("data") or {}).get("classes") or ())


def _read_as(shares: Mapping[str, float | None], classes: list[str]) -> dict[str, float | None]:
    """A model's probabilities as those of the classes that an evaluation scored: two, where it was read so."""
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
