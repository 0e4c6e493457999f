"""The report: one self-contained HTML file that loads nothing from elsewhere."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from hilum.evaluation.published import PUBLISHED_NOTE
from hilum.report import figures
from hilum.report.terminal import (
    DASH,
    best_model,
    best_sentence,
    number,
    plural,
    ranked,
    readable,
    score,
    total_seconds,
    warnings_of,
)

Record = Mapping[str, Any]
Pictures = Callable[[str], bytes | None]
Row = dict[str, Any]

MISTAKES = 12
SKIPPED_SHOWN = 200
PUBLISHED_PAIR = {"adenocarcinoma", "squamous_cell_carcinoma"}  # what the notebook's best model confuses most
# The comparison's columns: the heading above, the heading, and the way to the figure inside `splits`.
SCORES = [
    ("valid", "F1 macro", ("valid", "f1_macro")),
    ("test", "loss", ("test", "loss")),
    ("test", "accu\u00adracy", ("test", "accuracy")),  # soft hyphens: broken only where the room is short
    ("test", "preci\u00adsion", ("test", "precision_macro")),
    ("test", "recall", ("test", "recall_macro")),
    ("test", "F1 macro", ("test", "f1_macro")),
    ("test", "F1 micro", ("test", "f1_micro")),
    ("test", "AUC", ("test", "auc_macro")),
    ("binary", "sensi\u00adtivity", ("test", "binary", "sensitivity")),
    ("binary", "speci\u00adficity", ("test", "binary", "specificity")),
]
SECONDS = ["decoding", "features", "head", "total"]
PER_CLASS = ["precision", "recall", "specificity", "f1"]


def write_report(
    record: Record, history: pd.DataFrame, predictions: pd.DataFrame, pictures: Pictures, folder: Path
) -> Path:
    """Write the report of a comparison.

    Args:
        record: The contents of `metrics.json`.
        history: The rows of `history.csv`.
        predictions: The rows of `predictions.csv`.
        pictures: Gives a slice's path in `predictions` the bytes of a small PNG, or None where there is none.
        folder: The run folder.

    Returns:
        The path of `report.html`. Nothing else is read or written.
    """
    environment = Environment(
        loader=PackageLoader("hilum.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number, plural=plural, readable=readable, data_uri=_data_uri)
    page = environment.get_template("report.html.j2").render(
        record=record,
        warnings=warnings_of(record),
        answer=best_sentence(record),
        best=best_model(record),
        scores=[(group, heading) for group, heading, _ in SCORES],
        table=[_comparison_row(model) for model in ranked(record)],
        models_svg=figures.models_svg(record) if record["best"] else None,
        published=_published_rows(record),
        published_note=PUBLISHED_NOTE,
        confusion=_confusion_sentence(record),
        sections=[_section(record, history, model) for model in ranked(record) if model["status"] == "ok"],
        mistakes=_mistakes(record, predictions, pictures),
        counts=_count_rows(record),
        skipped_shown=SKIPPED_SHOWN,
        provenance=_provenance(record),
    )
    path = folder / "report.html"
    # A file name need not be valid Unicode; what cannot be written is spelt out.
    path.write_bytes(page.encode("utf-8", "backslashreplace"))
    return path


def _data_uri(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _comparison_row(model: Record) -> Row:
    seconds = model.get("seconds") or {}
    return {
        "model": model,
        "scores": [number(score(model, *way)) for _, _, way in SCORES],
        "seconds": [number(seconds.get(part), 1) for part in SECONDS],
        "cached": bool(seconds.get("cached")),
    }


def _published_rows(record: Record) -> list[Row]:
    """The published figures, each beside what was counted the same way here; the two best models last."""
    ours = {model["name"]: model for model in record["models"]}
    pairs = [(theirs["title"], theirs, ours.get(theirs["name"], {})) for theirs in record["published"]]
    best = best_model(record)
    if best and record["published"]:
        theirs = max(record["published"], key=lambda row: (row["split"] == "test", row["f1_micro"] or 0))
        pairs.append((f"best against best: {theirs['title']}, {best['title']}", theirs, best))
    rows = []
    for title, theirs, model in pairs:
        seconds, published_seconds = total_seconds(model), theirs["seconds"]
        ratio = published_seconds / seconds if seconds and published_seconds else None
        rows.append(
            {
                "title": title,
                "split": theirs["split"],
                "f1": (number(theirs["f1_micro"]), number(score(model, theirs["split"], "f1_micro"))),
                "auc": (number(theirs["keras_auc"]), number(score(model, theirs["split"], "keras", "auc"))),
                "seconds": (number(published_seconds, 1), number(seconds, 1)),
                "speed": DASH if ratio is None else f"{ratio:,.1f}×",
            }
        )
    return rows


def _confusion_sentence(record: Record) -> str | None:
    """Which two classes the best model confuses most, beside the published reading where there is one."""
    model = best_model(record)
    test = model["splits"].get("test") if model else None
    if not model or not test:
        return None
    most = test["most_confused"]
    if most is None:
        return f"{model['title']} confuses no two classes on test."
    first, second = (readable(name) for name in most["classes"])
    words = f"{model['title']} confuses {first} and {second} most: {plural(most['count'], 'slice')} of test, "
    words += "both directions counted."
    if not record["published"]:
        return words
    if set(most["classes"]) == PUBLISHED_PAIR:
        return f"{words} The published notebook reads the same pair, its classes 0 and 3, as the hardest."
    pair = " and ".join(readable(name) for name in sorted(PUBLISHED_PAIR))
    return f"{words} The published notebook reads another pair, its classes 0 and 3 ({pair}), as the hardest."


def _section(record: Record, history: pd.DataFrame, model: Record) -> Row:
    test = model["splits"]["test"]
    return {
        "model": model,
        "facts": [(name, value) for name, value in _model_facts(model) if value is not None],
        "curves": figures.curves_svg(record, history, model),
        "confusion": figures.confusion_svg(record, model),
        "per_class": [
            (readable(name), [number(row[key]) for key in PER_CLASS], row["support"])
            for name, row in test["per_class"].items()
        ],
        "binary": test["binary"],
    }


def _model_facts(model: Record) -> Iterable[tuple[str, Any]]:
    weights = model.get("weights") or {}
    yield "weights", model.get("tag")
    yield "from", weights.get("origin")
    yield "licence", model.get("licence")
    yield "input", None if model.get("size") is None else f"{model['size']} × {model['size']} pixels"
    yield "features", model.get("width")
    yield "engine", model.get("engine")
    yield "epochs", f"{model['epochs']}, best {model['best_epoch']}"


def _mistakes(record: Record, predictions: pd.DataFrame, pictures: Pictures) -> list[Row]:
    """The wrong test slices of the best model that it was surest of."""
    chosen = (predictions["model"] == record["best"]) & (predictions["split"] == "test")
    wrong = predictions[chosen & (predictions["label"] != predictions["predicted"])]
    rows = [{**row, "probability": row[f"p_{row['predicted']}"]} for row in wrong.to_dict("records")]
    rows.sort(key=lambda row: row["probability"], reverse=True)
    return [{**row, "picture": pictures(row["path"])} for row in rows[:MISTAKES]]


def _count_rows(record: Record) -> list[tuple[str, list[int], int]]:
    """Files a class, one figure a split, and the sum."""
    data = record["data"]
    rows = []
    for name in data["classes"]:
        numbers = [split.get(name, 0) for split in data["counts"].values()]
        rows.append((readable(name), numbers, sum(numbers)))
    sums = [sum(split.values()) for split in data["counts"].values()]
    return [*rows, ("all", sums, sum(sums))]


def _provenance(record: Record) -> list[tuple[str, str]]:
    """How the run was made, from the command to the digests."""
    rows = [("command", record["command"]), ("made", record["created"])]
    rows += [(name.replace("_", " "), _plain(value)) for name, value in record["settings"].items()]
    rows += [("digest of the data", record["data"]["digest"])]
    for model in record["models"]:
        weights = model.get("weights")
        if model["status"] == "ok" and weights:
            known = filter(None, (weights["origin"], weights["digest"]))
            rows.append((f"weights of {model['name']}", ", ".join(known)))
    return [
        *rows,
        ("versions", ", ".join(f"{name} {version}" for name, version in record["versions"].items())),
    ]


def _plain(value: Any) -> str:  # noqa: ANN401 (a setting may be anything that JSON holds)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if value is None:
        return "not set"
    return value if isinstance(value, str) else json.dumps(value)
