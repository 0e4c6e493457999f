"""What a comparison says on the terminal."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from hilum.evaluation.floors import highest_floor
from hilum.report.words import (
    DASH,
    Record,
    best_model,
    compared,
    floors_of,
    known,
    not_compared,
    number,
    plural,
    protocol_names,
    score,
    total_seconds,
    warnings_of,
    with_interval,
    worth,
)
from hilum.report.worth import apart_sentence, headline, narrow_sentence, verdict_sentence, worth_sentences
from hilum.text import printable

LONGEST = 480  # of a line on models that could not be had; the page has the whole reason
_COLUMNS = (
    "Given: the test split as it came. Unseen: test slices that have no copy in train or valid. Grouped: folds that "
    "keep copies together. Strict: folds that keep patients together, or look-alikes where patients are not known."
)
_FLOOR = (
    "Floor: the best simple model that hardly sees the disease: file facts, 32x32 pixels, border, or lungs blanked."
)
_NAME = 10  # columns that the names of models need at least
_UNBOUNDED = 10_000  # columns of a terminal


def best_sentence(record: Record) -> str:
    """Whether the best model beats its floor, which model that is, and what it reaches on test."""
    return " ".join(_answer(record, worth_sentences(record)))


def _answer(record: Record, worth: list[str]) -> list[str]:
    """The verdict, the best model, and sentences on the worth of its scores; without protocols, its scores on test."""
    model = best_model(record)
    if model is None:
        return ["No model ran, so there is no best one."]
    ran = sum(row["status"] == "ok" for row in record["models"])
    chosen = number(score(model, "valid", "f1_macro"))
    if ran == 1:
        first = f"{model['title']} is the only model that ran (validation macro-F1 {chosen})."
    else:
        first = f"{model['title']} is the best of {ran} models by macro-F1 on the validation slices ({chosen})."
    seconds = total_seconds(model)
    took = "" if seconds is None else f"; it took {number(seconds, 1)} s"
    if headline(record):
        return [*filter(None, [verdict_sentence(record)]), f"{first[:-1]}{took}.", *worth]
    figures = [("accuracy", "accuracy"), ("macro-F1", "f1_macro"), ("AUC", "auc_macro")]
    words = [f"{word} {number(score(model, 'test', key))}" for word, key in figures]
    return [f"{first} On the test slices it reaches {words[0]}, {words[1]} and {words[2]}{took}."]


@dataclass(frozen=True)
class Summary:
    """A table where the terminal is wide enough for all its columns, else its rows with a cell a line."""

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """What rich prints."""
        names = self.table.columns[0]  # whose words may be broken
        longest = max(len(word) for cell in (names.header, *names.cells) for word in str(cell).split())
        needed = Measurement.get(console, options.update(max_width=_UNBOUNDED), self.table).minimum
        needed -= max(0, longest - _NAME)
        yield from [self.table] if needed <= options.max_width else self._stacked()

    def _stacked(self) -> Iterator[RenderableType]:
        headings = [str(column.header).replace("-\n", "").replace("\n", " ") for column in self.table.columns[1:]]
        width = max(map(len, headings))
        if self.table.title:
            yield self.table.title
        for row, name, *cells in zip(self.table.rows, *(column.cells for column in self.table.columns), strict=True):
            yield Text(str(name), row.style or "")
            pairs = zip(headings, map(str, cells), strict=True)
            yield from (Text(f"  {heading:{width}}  {cell}") for heading, cell in pairs if cell)
        if self.table.caption:
            yield self.table.caption


def summary_table(record: Record) -> Summary:
    """The comparison in a few columns, best model first; below 80 columns or so, a cell a line.

    Args:
        record: The contents of `metrics.json`.

    Returns:
        What rich can print. What the models lack stands under the table in full sentences.
    """
    table = _table(record)
    for column in table.columns:
        if column.no_wrap:  # rich would cut it, down to nothing
            lines = [line for cell in (column.header, *column.cells) for line in str(cell).split("\n")]
            column.min_width = max(column.min_width or 0, *map(len, lines))
    return Summary(table)


def _table(record: Record) -> Table:
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
    if protocols := protocol_names(record):
        _fill_protocols(table, record, protocols)
        return table
    table.add_column("Model", overflow="fold")
    table.add_column("Status", no_wrap=True)
    for heading in ("Valid F1", "Test acc.", "Test F1", "Test AUC", "Seconds"):
        table.add_column(heading, justify="right", no_wrap=True)
    for model in compared(record):
        best = model["name"] == record["best"]
        table.add_row(*(Text(cell) for cell in _cells(model, best)), style="bold" if best else "")
    return table


def _fill_protocols(table: Table, record: Record, protocols: list[str]) -> None:
    """The table of a record with protocols: no test figure without its interval, the floors below the models."""
    table.padding = (0, 0)
    table.add_column("Model", overflow="fold", min_width=_NAME)
    table.add_column("Status", no_wrap=True)
    table.add_column("Valid\nF1", justify="right", no_wrap=True)
    for place, protocol in enumerate(protocols):
        heading = "Test F1\n(given)" if protocol == "given" else f"{protocol.capitalize()}\nF1"
        # The first two have room for their ends; half the width stands for those of the others.
        table.add_column(heading, justify="right", no_wrap=place >= 2, min_width=11 if place < 2 else 9)
    table.add_column("Sec-\nonds", justify="right", no_wrap=True)
    for model in compared(record):
        best = model["name"] == record["best"]
        status = "★ best" if best else model["status"]
        scores = [_spanned(worth(model, protocol), place) for place, protocol in enumerate(protocols)]
        cells = [model["title"], status, number(score(model, "valid", "f1_macro")), *scores]
        cells.append(number(total_seconds(model), 0))
        table.add_row(*map(Text, cells), style="bold" if best else "")
    highest = [floor[0] for protocol in protocols if (floor := highest_floor(floors_of(record, protocol)))]
    for name in dict.fromkeys(highest):
        figures = [floors_of(record, protocol).get(name, {}).get("f1_macro") for protocol in protocols]
        scores = [_spanned(figure, place) for place, figure in enumerate(figures)]
        table.add_row(*map(Text, [f"Floor: {name}", "", "", *scores, ""]), style="dim")


def _spanned(figure: Record | None, place: int) -> str:
    if place < 2:
        return with_interval(figure)
    value, low, high = known(figure), *((figure or {}).get(end) for end in ("low", "high"))
    if value is None:
        return DASH
    half = DASH if low is None or high is None else number((high - low) / 2, 2)
    return f"{number(value, 2)}±{half}"


def closing_lines(record: Record, folder: Path) -> list[str]:
    """What is said last: the best model, what to beware of, where the report lies.

    Args:
        record: The contents of `metrics.json`.
        folder: The run folder.

    Returns:
        Plain lines without rich's markup: print them with `markup=False`. The table above them has the figures.
    """
    model, protocol = best_model(record), headline(record)
    worth = [apart_sentence(record, protocol), narrow_sentence(model, protocol)] if model and protocol else []
    lines = [*_answer(record, list(filter(None, worth))), *(f"{line}." for line in warnings_of(record))]
    if record["settings"]["crop"] and (uncropped := record["data"]["uncropped"]):
        lines.append(f"No body was found in {plural(uncropped, 'slice')}; used whole.")
    if skipped := len(record["data"]["skipped"]):
        verb = "was" if skipped == 1 else "were"
        lines.append(f"{plural(skipped, 'file')} {verb} skipped; the report says which and why.")
    return [*lines, f"Report: {folder / 'report.html'}"]


def next_lines(record: Record, data: str, program: str = "hilum") -> list[str]:
    """What can be done next: on real slices after synthetic ones, else with a model of one's own.

    Args:
        record: The contents of `metrics.json`.
        data: The arguments that name the slices, as a shell takes them.
        program: How hilum is called.
    """
    if record["synthetic"]:
        return [
            f"Real slices: {program} fetch gets the public set, 1,000 slices, and names its folder.",
            f"On them, or on your own: make compare DATA=FOLDER, or {program} compare FOLDER.",
        ]
    frozen = next((model["name"] for model in compared(record) if model.get("tag")), None)
    backbone = f" --backbone {frozen}" if frozen else ""
    return [
        f"A model to use: {program} train {data}{backbone} --out model",
        f"Its worth on slices from elsewhere: {program} evaluate model FOLDER",
    ]


def _cells(model: Record, best: bool) -> list[str]:
    status = "★ best" if best else model["status"]
    figures = [("valid", "f1_macro"), ("test", "accuracy"), ("test", "f1_macro"), ("test", "auc_macro")]
    scores = [number(score(model, split, key)) for split, key in figures]
    return [model["title"], status, *scores, number(total_seconds(model), 1)]


def _title(record: Record) -> Text:
    warnings = [(f"{line}\n", "bold red") for line in warnings_of(record)]
    return Text.assemble(*warnings, "Models, best first by macro-F1 on valid")


def _caption(record: Record) -> Text | None:
    """What the columns are, one line for each reason why models have no figures, and what cached seconds mean."""
    protocols = protocol_names(record)
    lines = [_COLUMNS] if protocols else []
    lines += [_FLOOR] if any(floors_of(record, protocol) for protocol in protocols) else []
    lines += [printable(textwrap.shorten(line, LONGEST, placeholder=" …")) for line in not_compared(record)]
    if any((model.get("seconds") or {}).get("cached") for model in record["models"]):
        lines.append("Features came from the cache; their seconds are what they cost when they were computed.")
    return Text("\n" + "\n".join(lines)) if lines else None
