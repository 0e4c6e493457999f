"""The report: one self-contained HTML file that loads nothing from elsewhere."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from hilum.evaluation.published import PUBLISHED_NOTE
from hilum.records.comparison import Compared, ComparisonRecord
from hilum.records.figures import Binary, Estimate, Figures
from hilum.report.audit import count_rows, serious_first
from hilum.report.charts import protocols_chart, strength_chart
from hilum.report.figures import confusion_chart, curves_chart, models_chart
from hilum.report.page import Pictures, write_page
from hilum.report.style import svg
from hilum.report.terminal import best_sentence
from hilum.report.words import not_compared, number, plural, readable, warnings_of
from hilum.report.worth import verdict_sentence, worth_section

Row = dict[str, Any]

MISTAKES = 12
SKIPPED_SHOWN = 200
PUBLISHED_PAIR = {"adenocarcinoma", "squamous_cell_carcinoma"}  # what the notebook's best model confuses most
# The comparison's columns of test: the heading above, the heading, and the way to the figure.
TEST = [("test", field.title, name) for name, field in Figures.model_fields.items() if field.title]
TEST += [("binary", field.title, f"binary.{name}") for name, field in Binary.model_fields.items() if field.title]


def write_report(
    record: ComparisonRecord, history: pd.DataFrame, predictions: pd.DataFrame, pictures: Pictures, folder: Path
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
        best=record.best_model,
        scores=[("valid", "F1 macro"), *((group, heading) for group, heading, _ in TEST)],
        findings=serious_first(record.audit.findings),
        verdict=verdict_sentence(record),
        table=[(model, _scores(model)) for model in record.ranked],
        not_compared=not_compared(record),
        worth=worth_section(record),
        protocols_svg=svg(protocols_chart(record)),
        strength_svg=svg(strength_chart(record)) if record.curve else None,
        models_svg=svg(models_chart(record)),
        published=_published_rows(record),
        published_note=PUBLISHED_NOTE,
        confusion=_confusion_sentence(record),
        sections=[_section(record, history, model) for model in record.ranked],
        mistakes=_mistakes(record, predictions, pictures),
        counts=count_rows(record.data),
        skipped_shown=SKIPPED_SHOWN,
        provenance=_provenance(record),
    )


def _scores(model: Compared) -> list[Estimate | None]:
    """A model's cells in the comparison: macro-F1 on valid, which has no interval, and the figures of test as given."""
    valid = Estimate(value=model.splits.valid.f1_macro)
    return [valid, *(_figure(model.protocols["given"], way) for _, _, way in TEST)]


def _figure(scores: object, way: str) -> Estimate | None:
    """The figure that a dotted way leads to; None where a part of it is not there."""
    for name in way.split("."):
        scores = getattr(scores, name, None)
    return scores if isinstance(scores, Estimate) else None


def _published_rows(record: ComparisonRecord) -> list[Row]:
    """The published figures, each beside what was counted the same way here; the two best models last."""
    ours, best = {model.name: model for model in record.ranked}, record.best_model
    pairs = [(theirs.title, theirs, ours.get(theirs.name)) for theirs in record.published]
    if record.published:
        theirs = max(record.published, key=lambda row: (row.split == "test", row.f1_micro or 0))
        pairs.append((f"best against best: {theirs.title}, {best.title}", theirs, best))
    rows = []
    for title, theirs, model in pairs:
        counted: Figures[float | None] | None = getattr(model.splits, theirs.split) if model else None
        rows.append(
            {
                "title": title,
                "split": theirs.split,
                "f1": (number(theirs.f1_micro), number(counted.f1_micro if counted else None)),
                "auc": (number(theirs.keras_auc), number(counted.keras.auc if counted else None)),
                "seconds": number(theirs.seconds, 1),
            }
        )
    return rows


def _confusion_sentence(record: ComparisonRecord) -> str:
    """Which two classes the best model confuses most, beside the published reading where there is one."""
    title, most = record.best_model.title, record.best_model.splits.test.most_confused
    if most is None:
        return f"{title} confuses no two classes on test."
    first, second = (readable(name) for name in most.classes)
    words = f"{title} confuses {first} and {second} most: {plural(int(most.count), 'slice')} of test, "
    words += "both directions counted."
    if not record.published:
        return words
    if set(most.classes) == PUBLISHED_PAIR:
        return f"{words} The published notebook reads the same pair, its classes 0 and 3, as the hardest."
    pair = " and ".join(readable(name) for name in sorted(PUBLISHED_PAIR))
    return f"{words} The published notebook reads another pair, its classes 0 and 3 ({pair}), as the hardest."


def _section(record: ComparisonRecord, history: pd.DataFrame, model: Compared) -> Row:
    given = model.protocols["given"]
    return {
        "model": model,
        "facts": [(name, value) for name, value in _model_facts(model) if value is not None],
        "curves": svg(curves_chart(record, history, [model])) if model.name in set(history["model"]) else None,
        "confusion": svg(confusion_chart(record, model)),
        "per_class": [
            (readable(name), [row.precision, row.recall, row.specificity, row.f1], row.support, row.too_few)
            for name, row in given.per_class.items()
        ],
        "binary": given.binary,
    }


def _model_facts(model: Compared) -> Iterable[tuple[str, str | None]]:
    yield "weights", model.tag
    yield "from", model.weights.origin if model.weights else None
    yield "licence", model.licence
    yield "input", f"{model.size} × {model.size} pixels" if model.size else None
    scales = ", of the last two scales" if model.scales == 2 else ""
    yield "features", f"{model.width}{scales}" if model.width else None
    yield "engine", model.engine
    yield "mean of", " and ".join(model.members) or None
    yield "head", f"logistic regression, C = {model.strength:g}" if model.strength else None
    yield "epochs", f"{model.epochs}, best {model.best_epoch}" if model.epochs else None


def _mistakes(record: ComparisonRecord, predictions: pd.DataFrame, pictures: Pictures) -> list[Row]:
    """The wrong test slices of the best model that it was surest of."""
    chosen = (predictions["model"] == record.best) & (predictions["split"] == "test")
    wrong = predictions[chosen & (predictions["label"] != predictions["predicted"])]
    found = [{str(name): value for name, value in row.items()} for row in wrong.to_dict("records")]
    rows: list[Row] = [{**row, "probability": row[f"p_{row['predicted']}"]} for row in found]
    rows.sort(key=lambda row: row["probability"], reverse=True)
    return [{**row, "picture": pictures(row["path"])} for row in rows[:MISTAKES]]


def _provenance(record: ComparisonRecord) -> list[tuple[str, str | None]]:
    """How the run was made, from the command to the digests."""
    return [
        ("command", record.command),
        ("made", record.created),
        *((name.replace("_", " "), _plain(value)) for name, value in record.settings),
        ("digest of the data", record.data.digest),
        *(
            (f"weights of {model.name}", ", ".join(filter(None, (model.weights.origin, model.weights.digest))))
            for model in record.ranked
            if model.weights
        ),
        ("versions", ", ".join(f"{name} {version}" for name, version in record.versions.items())),
    ]


def _plain(value: Any) -> str:  # noqa: ANN401 (a setting may be anything that JSON holds)
    if isinstance(value, tuple):
        return ", ".join("+".join(part) if isinstance(part, tuple) else part for part in value)
    if value is None:
        return "not set"
    return value if isinstance(value, str) else json.dumps(value)
