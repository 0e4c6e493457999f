"""The report of a comparison: one self-contained HTML file that loads nothing from elsewhere."""

import json
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from hilum.records.base import Record
from hilum.records.comparison import ComparedModel, ComparisonRecord, Published
from hilum.records.figures import Binary, Figures
from hilum.report import scores
from hilum.report.audit import count_rows
from hilum.report.figures import confusion_name, curves_chart
from hilum.report.page import Pictures, write_page
from hilum.report.scores import verdict_sentence
from hilum.report.style import svg
from hilum.report.terminal import best_sentence
from hilum.report.words import not_compared, plural, readable
from hilum.scoring.published import PUBLISHED_NOTE

MISTAKES = 12
PUBLISHED_PAIR = {"adenocarcinoma", "squamous_cell_carcinoma"}  # what the notebook's best model confuses most


def write_report(
    record: ComparisonRecord,
    history: pd.DataFrame,
    predictions: pd.DataFrame,
    svgs: Mapping[str, bytes],
    pictures: Pictures,
    folder: Path,
) -> Path:
    """Writes the report of a comparison.

    Args:
        record: The contents of `metrics.json`.
        history: The rows of `history.csv`.
        predictions: The rows of `predictions.csv`.
        svgs: The SVG of each figure, from `draw_figures`.
        pictures: Function from a slice's path in `predictions` to the bytes of a small PNG, or None if there is none.
        folder: The run folder.

    Returns:
        The path of `report.html`.
    """
    drawn = set(history["model"])  # an ensemble has no history
    return write_page(
        "report.html.j2",
        folder / "report.html",
        record=record,
        answer=best_sentence(record),
        verdict=verdict_sentence(record),
        # Names and headings of the columns of test.
        figures=_titled(Figures),
        sides=_titled(Binary),
        not_compared=not_compared(record),
        scores=scores,
        protocols_svg=svgs["protocols"],
        similarity_svg=svgs.get("strength"),
        models_svg=svgs["models"],
        published=_published_rows(record),
        published_note=PUBLISHED_NOTE,
        confusion=_confusion_sentence(record),
        curves=lambda model: svg(curves_chart(record, history, [model])) if model.name in drawn else None,
        confusion_svg=lambda model: svgs[confusion_name(model)],
        facts=_model_facts,
        mistakes=_mistakes(record, predictions, pictures),
        counts=count_rows(record.data),
        setting=_setting,
    )


def _titled(figures: type[Record]) -> list[tuple[str, str]]:
    return [(name, field.title) for name, field in figures.model_fields.items() if field.title]


def _published_rows(record: ComparisonRecord) -> list[tuple[str, Published, Figures[float | None] | None]]:
    """The published figures beside ours, counted the same way; the two best models come last."""
    ours, best = {model.name: model for model in record.ranked}, record.best_model
    pairs = [(theirs.title, theirs, ours.get(theirs.name)) for theirs in record.published]
    if record.published:
        theirs = max(record.published, key=lambda row: (row.split == "test", row.f1_micro or 0))
        pairs.append((f"best against best: {theirs.title}, {best.title}", theirs, best))
    return [(title, theirs, getattr(model.splits, theirs.split) if model else None) for title, theirs, model in pairs]


def _confusion_sentence(record: ComparisonRecord) -> str:
    """The two classes that the best model confuses most, compared with the published pair if there is one."""
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


def _model_facts(model: ComparedModel) -> Iterable[tuple[str, str | None]]:
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


def _mistakes(record: ComparisonRecord, predictions: pd.DataFrame, pictures: Pictures) -> list[dict[Hashable, Any]]:
    """The wrong predictions of the best model on test with the highest probabilities."""
    chosen = (predictions["model"] == record.best) & (predictions["split"] == "test")
    wrong = predictions[chosen & (predictions["label"] != predictions["predicted"])]
    sure = wrong.assign(probability=wrong.filter(regex="^p_").max(axis=1))
    sure = sure.sort_values("probability", ascending=False, kind="stable").head(MISTAKES)
    return [{**row, "picture": pictures(row["path"])} for row in sure.to_dict("records")]


def _setting(value: Any) -> str:  # noqa: ANN401 (a setting may be anything that JSON holds)
    if isinstance(value, tuple):
        return ", ".join("+".join(part) if isinstance(part, tuple) else str(part) for part in value)
    if value is None:
        return "not set"
    return value if isinstance(value, str) else json.dumps(value)
