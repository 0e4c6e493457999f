"""What the terminal says about a comparison."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from hilum.records.comparison import ComparisonRecord
from hilum.records.figures import Estimate, highest_floor
from hilum.report.scores import apart_sentence, headline, narrow_sentence, score_sentences, verdict_sentence
from hilum.report.words import DASH, macro_f1, not_compared, number, plural, warnings_of, with_interval
from hilum.text import printable

LONGEST = 480  # letters in a line on unavailable models; the page has the whole reason
_COLUMNS = (
    "Given: the test split as it came. Unseen: test slices that have no copy in train or valid. Grouped: folds that "
    "keep copies together. Strict: folds that keep patients together, or look-alikes where patients are not known."
)
_FLOOR = (
    "Floor: the best simple model that hardly sees the disease: file facts, 32x32 pixels, border, or lungs blanked."
)
_NAME = 10  # smallest width of the column of names
_UNBOUNDED = 10_000  # width of a terminal with room for every table


def best_sentence(record: ComparisonRecord) -> str:
    """Which model is best, whether it beats its floor, and what it reaches on test."""
    return " ".join(_answer(record, score_sentences(record)))


def _answer(record: ComparisonRecord, sentences: list[str]) -> list[str]:
    """The verdict, the best model, and sentences on its scores."""
    model, ran = record.best_model, len(record.ranked)
    chosen = number(model.splits.valid.f1_macro)
    if ran == 1:
        first = f"{model.title} is the only model that ran (validation macro-F1 {chosen})"
    else:
        first = f"{model.title} is the best of {ran} models by macro-F1 on the validation slices ({chosen})"
    return [
        *filter(None, [verdict_sentence(record)]),
        f"{first}; it took {number(model.seconds.total, 1)} s.",
        *sentences,
    ]


@dataclass(frozen=True)
class Summary:
    """A table if the terminal is wide enough for it, else its rows with one cell in each line."""

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """What rich prints."""
        names = self.table.columns[0]  # its words may be broken
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


def summary_table(record: ComparisonRecord) -> Summary:
    """The comparison in a few columns, best model first; on a narrow terminal one cell in each line.

    Args:
        record: The contents of `metrics.json`.

    Returns:
        An object that rich can print. Sentences under the table say which models are unavailable.
    """
    table = Table(
        title=_title(record),
        caption=_caption(record),
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        title_style="",
        caption_style="",
        padding=(0, 0),
        pad_edge=False,
        show_edge=False,
        collapse_padding=True,
    )
    protocols = record.protocol_names
    table.add_column("Model", overflow="fold", min_width=_NAME)
    table.add_column("Status", no_wrap=True)
    table.add_column("Valid\nF1", justify="right", no_wrap=True)
    for place, protocol in enumerate(protocols):
        heading = "Test F1\n(given)" if protocol == "given" else f"{protocol.capitalize()}\nF1"
        # The first two columns have room for intervals; the others give half the width of the interval.
        table.add_column(heading, justify="right", no_wrap=place >= 2, min_width=11 if place < 2 else 9)
    table.add_column("Sec-\nonds", justify="right", no_wrap=True)
    for model in record.ranked:
        best = model.name == record.best
        scores = [_spanned(macro_f1(model, protocol), place) for place, protocol in enumerate(protocols)]
        cells = [model.title, "★ best" if best else model.status, number(model.splits.valid.f1_macro), *scores]
        cells.append(number(model.seconds.total, 0))
        table.add_row(*map(Text, cells), style="bold" if best else "")
    floors = [record.audit.floors.get(protocol, {}) for protocol in protocols]
    for name in dict.fromkeys(highest[0] for of in floors if (highest := highest_floor(of))):
        scores = [_spanned(of[name].f1_macro if name in of else None, place) for place, of in enumerate(floors)]
        table.add_row(*map(Text, [f"Floor: {name}", "", "", *scores, ""]), style="dim")
    for column in table.columns:
        if column.no_wrap:  # rich would cut it, down to nothing
            lines = [line for cell in (column.header, *column.cells) for line in str(cell).split("\n")]
            column.min_width = max(column.min_width or 0, *map(len, lines))
    return Summary(table)


def _spanned(figure: Estimate | None, place: int) -> str:
    if place < 2 or figure is None or figure.value is None:
        return with_interval(figure)
    low, high = figure.low, figure.high
    half = DASH if low is None or high is None else number((high - low) / 2, 2)
    return f"{number(figure.value, 2)}±{half}"


def closing_lines(record: ComparisonRecord, folder: Path) -> list[str]:
    """The last lines of a comparison: the best model, warnings, and the path of the report.

    Args:
        record: The contents of `metrics.json`.
        folder: The run folder.

    Returns:
        Plain lines without rich's markup: print them with `markup=False`. The table above them has the figures.
    """
    protocol = headline(record)
    sentences = [apart_sentence(record, protocol), narrow_sentence(record.best_model, protocol)]
    lines = [*_answer(record, list(filter(None, sentences))), *(f"{line}." for line in warnings_of(record))]
    if record.settings.crop and (uncropped := record.data.uncropped):
        lines.append(f"No body was found in {plural(uncropped, 'slice')}, used without a crop.")
    if skipped := len(record.data.skipped):
        verb = "was" if skipped == 1 else "were"
        lines.append(f"{plural(skipped, 'file')} {verb} skipped; the report says which and why.")
    return [*lines, f"Report: {folder / 'report.html'}"]


def next_lines(record: ComparisonRecord, data: str, program: str = "hilum") -> list[str]:
    """What to do next: compare real slices after synthetic ones, else train a model.

    Args:
        record: The contents of `metrics.json`.
        data: Arguments that name the slices, quoted for a shell.
        program: Command that starts hilum.
    """
    if record.synthetic:
        return [
            f"Real slices: {program} fetch gets the public set, 1,000 slices, and names its folder.",
            f"On them, or on your own: make compare DATA=FOLDER, or {program} compare FOLDER.",
        ]
    frozen = next((model.name for model in record.ranked if model.tag), None)
    backbone = f" --backbone {frozen}" if frozen else ""
    return [
        f"A model to use: {program} train {data}{backbone} --out model",
        f"Its scores on slices from elsewhere: {program} evaluate model FOLDER",
    ]


def _title(record: ComparisonRecord) -> Text:
    warnings = [(f"{line}\n", "bold red") for line in warnings_of(record)]
    return Text.assemble(*warnings, "Models, best first by macro-F1 on valid")


def _caption(record: ComparisonRecord) -> Text:
    """The meaning of the columns, a line for each reason why models are unavailable, and a note on cached seconds."""
    lines = [_COLUMNS, *([_FLOOR] if any(record.audit.floors.values()) else [])]
    lines += [printable(textwrap.shorten(line, LONGEST, placeholder=" …")) for line in not_compared(record)]
    if any(model.seconds.cached for model in record.ranked):
        lines.append("Features came from the cache; their seconds are what they cost when they were computed.")
    return Text("\n" + "\n".join(lines))
