"""The report of a comparison: one self-contained HTML file that loads nothing from elsewhere."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from hilum.records.base import Record
from hilum.records.comparison import ComparedModel, ComparisonRecord, Published
from hilum.records.figures import BLANKED, Binary, Figures, Floor
from hilum.report import judged, leaderboard, scores
from hilum.report.answers import mistakes
from hilum.report.audit import count_rows, severity_counts
from hilum.report.figures import confusion_names, curves_chart
from hilum.report.page import Pictures, page_of
from hilum.report.style import svg
from hilum.report.words import head_words, not_compared, plural, readable, serious_notes
from hilum.scoring.published import PUBLISHED_NOTE

MISTAKES = 12
PUBLISHED_PAIR = {"adenocarcinoma", "squamous_cell_carcinoma"}  # what the notebook's best model confuses most
_NOT_SET = "not set"


def report_page(
    record: ComparisonRecord,
    history: pd.DataFrame,
    probabilities: pd.DataFrame,
    svgs: Mapping[str, bytes],
    pictures: Pictures,
) -> str:
    """The report of a comparison.

    Args:
        record: The contents of `metrics.json`.
        history: The rows of `history.csv`.
        probabilities: The rows of `predictions.parquet`.
        svgs: The SVG of each figure of `charts`.
        pictures: Function from a slice's path in `probabilities` to the bytes of a small PNG, or None if there is none.
    """
    confusions, drawn = confusion_names(record), set(history["model"])  # an ensemble has no history
    return page_of(
        "report.html.j2",
        record=record,
        severities=severity_counts(record.audit.findings),
        # Names and headings of the columns of test.
        figures=_titled(Figures),
        sides=_titled(Binary),
        not_compared=not_compared(record),
        leaderboard=leaderboard,
        judged=judged,
        serious=serious_notes(record),
        scores=scores,
        protocols_svg=svgs["protocols"],
        similarity_svg=svgs.get("similarity"),
        models_svg=svgs.get("models"),
        published=_published_rows(record),
        published_note=PUBLISHED_NOTE,
        confusion=_confusion_sentence(record),
        blanked=BLANKED,
        cheap_floors=_cheap_floors(record),
        curves=lambda model: svg(curves_chart(record, history, [model])) if model.name in drawn else None,
        confusion_svg=lambda model: svgs[confusions[model.name]],
        facts=_model_facts,
        mistakes=[
            {**row, "picture": pictures(str(row["path"]))}
            for row in mistakes(record, probabilities, MISTAKES).to_dict("records")
        ],
        counts=count_rows(record.data),
        settings=_settings(record),
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


def _cheap_floors(record: ComparisonRecord) -> list[tuple[str, dict[str, Floor]]]:
    """The floors that all models share, each with its figures by protocol."""
    floors = record.audit.floors
    cells = {name: {of: found[name] for of, found in floors.items() if name in found} for name in record.floor_names}
    return [(name, found) for name, found in cells.items() if found]


def _confusion_sentence(record: ComparisonRecord) -> str:
    """The two classes that the best model confuses most, compared with the published pair if there is one."""
    model = record.best_model
    where, most = scores.where(record, model), model.protocols[record.judged_by(model)].most_confused
    if most is None:
        return f"{model.title} confuses no two classes {where}."
    first, second = (readable(name) for name in most.classes)
    count = "under 1 slice" if most.count < 0.5 else plural(round(most.count), "slice")
    mean = "" if float(most.count).is_integer() else ", on average over the repeats"
    words = f"{model.title} confuses {first} and {second} most {where}: {count}, both directions counted{mean}."
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
    of = {"both": ", of the last two scales", "earlier": ", of the last scale but one"}.get(model.scales or "", "")
    yield "features", f"{model.width}{of}" if model.width else None
    yield "engine", model.engine
    yield "mean of", " and ".join(model.members) or None
    yield (
        "head",
        head_words(model.chosen) or (f"logistic regression, C = {model.strength:g}" if model.strength else None),
    )
    yield "epochs", f"{model.epochs}, best {model.best_epoch}" if model.epochs else None


def _settings(record: ComparisonRecord) -> list[tuple[str, str]]:
    """The name and value of each option; of a judgement, only of those that were set."""
    named = [(name.replace("_", " "), _setting(value)) for name, value in record.settings]
    return [(name, value) for name, value in named if not record.judged or value != _NOT_SET]


def _setting(value: Any) -> str:  # noqa: ANN401 (a setting may be anything that JSON holds)
    if value in (None, (), {}):
        return _NOT_SET
    if isinstance(value, tuple):
        return ", ".join("+".join(part) if isinstance(part, tuple) else str(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} = {meaning}" for name, meaning in value.items())
    return value if isinstance(value, str) else json.dumps(value)
