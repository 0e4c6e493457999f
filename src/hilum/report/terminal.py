"""What a comparison says on the terminal, and the words it shares with the page and the figures."""

import math
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

Record = Mapping[str, Any]

SYNTHETIC = "Synthetic phantom slices"
RANDOM_WEIGHTS = "Random weights: scores mean nothing"
DASH = "–"
REASON_LENGTH = 400  # the page has the whole reason


def warnings_of(record: Record) -> list[str]:
    """The lines that every table and figure of this record has to carry."""
    flags = {"synthetic": SYNTHETIC, "random_weights": RANDOM_WEIGHTS}
    return [line for flag, line in flags.items() if record[flag]]


def score(model: Record, split: str, *keys: str) -> float | None:
    """A figure of one split of one model.

    Args:
        model: A row of `record["models"]`.
        split: `valid` or `test`.
        *keys: The figure's name, or the way to it, such as `"keras", "auc"`.

    Returns:
        The figure, or None where it could not be computed or is not there.
    """
    value: Any = (model.get("splits") or {}).get(split)
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return None if value is None or math.isnan(value) else float(value)


def total_seconds(model: Record) -> float | None:
    """The seconds that a model cost altogether."""
    value = (model.get("seconds") or {}).get("total")
    return None if value is None else float(value)


def number(value: float | None, digits: int = 3) -> str:
    """A figure with fixed digits, or a dash for one that could not be computed."""
    return DASH if value is None or math.isnan(value) else f"{value:,.{digits}f}"


def plural(count: int, noun: str) -> str:
    """A count with its noun: `1 file`, `1,000 files`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def readable(name: str) -> str:
    """A class name as it is read: `large cell carcinoma`."""
    return name.replace("_", " ")


def ranked(record: Record) -> list[Record]:
    """The models that ran, best first by macro-F1 on valid (ties: lower loss), then the others."""

    def key(model: Record) -> tuple[bool, bool, float, float]:
        f1, loss = score(model, "valid", "f1_macro"), score(model, "valid", "loss")
        return (
            model["status"] != "ok",
            model["name"] != record["best"],
            math.inf if f1 is None else -f1,
            math.inf if loss is None else loss,
        )

    return sorted(record["models"], key=key)


def best_model(record: Record) -> Record | None:
    """The model chosen on valid, or None where no model ran."""
    return next((model for model in record["models"] if model["name"] == record["best"]), None)


def best_sentence(record: Record) -> str:
    """Which model is best and by what, and what it reaches on test."""
    model = best_model(record)
    if model is None:
        return "No model ran, so there is no best one."
    ran = sum(row["status"] == "ok" for row in record["models"])
    chosen = number(score(model, "valid", "f1_macro"))
    if ran == 1:
        first = f"{model['title']} is the only model that ran (validation macro-F1 {chosen})."
    else:
        first = f"{model['title']} is the best of {ran} models by macro-F1 on the validation slices ({chosen})."
    figures = [("accuracy", "accuracy"), ("macro-F1", "f1_macro"), ("AUC", "auc_macro")]
    words = [f"{word} {number(score(model, 'test', key))}" for word, key in figures]
    seconds = total_seconds(model)
    took = "" if seconds is None else f"; it took {number(seconds, 1)} s"
    return f"{first} On the test slices it reaches {words[0]}, {words[1]} and {words[2]}{took}."


def summary_table(record: Record) -> Table:
    """The comparison in a few columns, best model first; reads well from 80 columns on.

    Args:
        record: The contents of `metrics.json`.

    Returns:
        A table. What the models lack stands under it in full sentences.
    """
    table = Table(
        title=_title(record),
        caption=_caption(record),
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        title_style="",
        caption_style="",
        pad_edge=False,
        show_edge=False,
        collapse_padding=True,
    )
    table.add_column("Model", overflow="fold")
    table.add_column("Status", no_wrap=True)
    for heading in ("Valid F1", "Test acc.", "Test F1", "Test AUC", "Seconds"):
        table.add_column(heading, justify="right", no_wrap=True)
    for model in ranked(record):
        best = model["name"] == record["best"]
        table.add_row(*(Text(cell) for cell in _cells(model, best)), style="bold" if best else "")
    return table


def closing_lines(record: Record, folder: Path) -> list[str]:
    """What is said last: the best model, what to beware of, where the report lies.

    Args:
        record: The contents of `metrics.json`.
        folder: The run folder.

    Returns:
        Plain lines without rich's markup: print them with `markup=False`.
    """
    lines = [best_sentence(record), *(f"{line}." for line in warnings_of(record))]
    if record["settings"]["crop"] and (uncropped := record["data"]["uncropped"]):
        lines.append(f"No body was found in {plural(uncropped, 'slice')}; used whole.")
    if skipped := len(record["data"]["skipped"]):
        verb = "was" if skipped == 1 else "were"
        lines.append(f"{plural(skipped, 'file')} {verb} skipped; the report says which and why.")
    return [*lines, f"Report: {folder / 'report.html'}"]


def _cells(model: Record, best: bool) -> list[str]:
    status = "★ best" if best else model["status"]
    if model["status"] != "ok":
        return [model["title"], status, *[DASH] * 5]
    figures = [("valid", "f1_macro"), ("test", "accuracy"), ("test", "f1_macro"), ("test", "auc_macro")]
    scores = [number(score(model, split, key)) for split, key in figures]
    return [model["title"], status, *scores, number(total_seconds(model), 1)]


def _title(record: Record) -> Text:
    warnings = [(f"{line}\n", "bold red") for line in warnings_of(record)]
    return Text.assemble(*warnings, "Models, best first by macro-F1 on valid")


def _caption(record: Record) -> Text | None:
    """One line for each reason why models have no figures, and what cached seconds mean."""
    titles: dict[str, list[str]] = {}
    for model in record["models"]:
        if model["status"] != "ok":
            titles.setdefault(model["reason"] or "no reason given", []).append(model["title"])
    lines = [
        f"{', '.join(names)}: {textwrap.shorten(reason, REASON_LENGTH, placeholder=' …')}"
        for reason, names in titles.items()
    ]
    if any((model.get("seconds") or {}).get("cached") for model in record["models"]):
        lines.append("Features came from the cache; their seconds are what they cost when they were computed.")
    return Text("\n" + "\n".join(lines)) if lines else None
