"""The report: one self-contained HTML file that loads nothing from elsewhere."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from hilum.evaluation.published import PUBLISHED_NOTE
from hilum.report.audit import audit_findings, count_rows
from hilum.report.charts import protocols_chart, strength_chart
from hilum.report.figures import confusion_chart, curves_chart, models_chart
from hilum.report.page import Pictures, write_page
from hilum.report.style import svg
from hilum.report.terminal import best_sentence
from hilum.report.words import (
    Record,
    best_model,
    compared,
    known,
    not_compared,
    number,
    plural,
    readable,
    score,
    warnings_of,
)
from hilum.report.worth import verdict_sentence, worth_section

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
    return write_page(
        "report.html.j2",
        folder / "report.html",
        record=record,
        warnings=warnings_of(record),
        answer=best_sentence(record),
        best=best_model(record),
        scores=[(group, heading) for group, heading, _ in SCORES],
        findings=audit_findings(record.get("audit") or {}),
        verdict=verdict_sentence(record),
        table=_comparison_rows(record),
        not_compared=not_compared(record),
        worth=worth_section(record),
        protocols_svg=svg(protocols_chart(record)) if record["best"] and record.get("protocols") else None,
        strength_svg=svg(strength_chart(record)) if record["best"] and record.get("curve") else None,
        models_svg=svg(models_chart(record)) if record["best"] else None,
        published=_published_rows(record),
        published_note=PUBLISHED_NOTE,
        confusion=_confusion_sentence(record),
        sections=[_section(record, history, model) for model in compared(record)],
        mistakes=_mistakes(record, predictions, pictures),
        counts=count_rows(record["data"]),
        skipped_shown=SKIPPED_SHOWN,
        provenance=_provenance(record),
    )


def _comparison_rows(record: Record) -> list[Row]:
    return [_comparison_row(model) for model in compared(record)]


def _comparison_row(model: Record) -> Row:
    seconds = model.get("seconds") or {}
    return {
        "model": model,
        "spans": [_given(model, *way[1:]) if way[0] == "test" else None for _, _, way in SCORES],
        "scores": [number(score(model, *way)) for _, _, way in SCORES],
        "seconds": [number(seconds.get(part), 1) for part in SECONDS],
        "cached": bool(seconds.get("cached")),
    }


def _given(model: Record, *keys: str) -> Record | None:
    """A figure of the test slices as given, with its interval; None where that is not known."""
    figure: Any = (model.get("protocols") or {}).get("given")
    for key in keys:
        figure = (figure or {}).get(key)
    return figure if known(figure) is not None else None


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
        rows.append(
            {
                "title": title,
                "split": theirs["split"],
                "f1": (number(theirs["f1_micro"]), number(score(model, theirs["split"], "f1_micro"))),
                "auc": (number(theirs["keras_auc"]), number(score(model, theirs["split"], "keras", "auc"))),
                "seconds": number(theirs["seconds"], 1),
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
        "curves": svg(curves_chart(record, history, [model])) if model["name"] in set(history["model"]) else None,
        "confusion": svg(confusion_chart(record, model)),
        "per_class": [
            (
                readable(name),
                [_given(model, "per_class", name, key) or {"value": row[key]} for key in PER_CLASS],
                row["support"],
                bool(_per_class(model, name).get("too_few")),
            )
            for name, row in test["per_class"].items()
        ],
        "binary": test["binary"]
        and {
            "negative": test["binary"]["negative"],
            **{
                key: _given(model, "binary", key) or {"value": test["binary"][key]}
                for key in ("sensitivity", "specificity", "auc")
            },
        },
    }


def _per_class(model: Record, name: str) -> Record:
    row: Record = ((model.get("protocols") or {}).get("given") or {}).get("per_class", {}).get(name) or {}
    return row


def _model_facts(model: Record) -> Iterable[tuple[str, Any]]:
    weights = model.get("weights") or {}
    yield "weights", model.get("tag")
    yield "from", weights.get("origin")
    yield "licence", model.get("licence")
    yield "input", None if model.get("size") is None else f"{model['size']} × {model['size']} pixels"
    scales = ", of the last two scales" if model.get("scales") == 2 else ""
    yield "features", f"{model['width']}{scales}" if model.get("width") else None
    yield "engine", model.get("engine")
    yield "mean of", " and ".join(model["members"]) if "members" in model else None
    yield "head", f"logistic regression, C = {model['strength']:g}" if model["strength"] else None
    yield "epochs", f"{model['epochs']}, best {model['best_epoch']}" if model["epochs"] else None


def _mistakes(record: Record, predictions: pd.DataFrame, pictures: Pictures) -> list[Row]:
    """The wrong test slices of the best model that it was surest of."""
    chosen = (predictions["model"] == record["best"]) & (predictions["split"] == "test")
    wrong = predictions[chosen & (predictions["label"] != predictions["predicted"])]
    rows = [{**row, "probability": row[f"p_{row['predicted']}"]} for row in wrong.to_dict("records")]
    rows.sort(key=lambda row: row["probability"], reverse=True)
    return [{**row, "picture": pictures(row["path"])} for row in rows[:MISTAKES]]


def _provenance(record: Record) -> list[tuple[str, str]]:
    """How the run was made, from the command to the digests."""
    rows = [("command", record["command"]), ("made", record["created"])]
    rows += [(name.replace("_", " "), _plain(value)) for name, value in record["settings"].items()]
    rows += [("digest of the data", record["data"]["digest"])]
    for model in record["models"]:
        weights = model.get("weights")
        if model["status"] == "ok" and weights:
            parts = filter(None, (weights["origin"], weights["digest"]))
            rows.append((f"weights of {model['name']}", ", ".join(parts)))
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
