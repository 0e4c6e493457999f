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

from hilum.records.comparison import ComparedModel, ComparisonRecord
from hilum.records.figures import BLANKED, Estimate
from hilum.report.scores import floor_beside, lead_of, legend, score_lines, verdict
from hilum.report.words import DASH, interval, macro_f1, not_compared, number, plural, warnings_of, with_interval
from hilum.text import printable

LONGEST = 480  # letters in a line on unavailable models; the page has the whole reason
_NAME = 10  # smallest width of the column of names
_SPAN = 11  # smallest width of a figure above or beside its interval
_UNBOUNDED = 10_000  # width of a terminal with room for every table


@dataclass(frozen=True)
class Summary:
    """A sentence, a table if the terminal is wide enough for it, else one cell in each line, and notes."""

    title: Text
    table: Table
    notes: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """What rich prints."""
        names = self.table.columns[0]  # its words may be broken
        longest = max(len(word) for cell in (names.header, *names.cells) for word in str(cell).split())
        needed = Measurement.get(console, options.update(max_width=_UNBOUNDED), self.table).minimum
        needed -= max(0, longest - _NAME)
        yield self.title
        yield from [self.table] if needed <= options.max_width else self._stacked()
        yield self.notes

    def _stacked(self) -> Iterator[RenderableType]:
        headings = [str(column.header).replace("-\n", "").replace("\n", " ") for column in self.table.columns[1:]]
        width = max(map(len, headings))
        for row, name, *cells in zip(self.table.rows, *(column.cells for column in self.table.columns), strict=True):
            yield Text(str(name), row.style or "")
            pairs = zip(headings, (" ".join(str(cell).split("\n")) for cell in cells), strict=True)
            yield from (Text(f"  {heading:{width}}  {cell}") for heading, cell in pairs)


def summary_table(record: ComparisonRecord) -> Summary:
    """What to believe, and the comparison in a few columns, best model first.

    Args:
        record: The contents of `metrics.json`.

    Returns:
        An object that rich can print; on a narrow terminal the table has one cell in each line. Sentences under it say
        what the columns mean and which models are unavailable.
    """
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 0), pad_edge=False, show_edge=False, collapse_padding=True)
    others = [*(["given"] if record.headline == "strict" else []), *(of.name for of in record.external)]
    table.add_column("Model", overflow="fold", min_width=_NAME)
    for heading in (record.title_of(record.headline), "Floor", "Lead"):
        table.add_column(heading.replace(" ", "\n", 1), justify="right", min_width=_SPAN)
    for name in others:
        table.add_column(record.title_of(name).replace(" ", "\n", 1), justify="right", no_wrap=True)
    table.add_column("Sec-\nonds", justify="right", no_wrap=True)
    for model in record.ranked:
        best = model.name == record.best
        cells = [f"{'★ ' if best else ''}{model.title}", *_headline_cells(record, model)]
        cells += [_in_two_lines(macro_f1(model, name)) for name in others]
        table.add_row(*map(Text, [*cells, number(model.seconds.total, 0)]), style="bold" if best else "")
    for column in table.columns:
        if column.no_wrap:  # rich would cut it, down to nothing
            lines = [line for cell in (column.header, *column.cells) for line in str(cell).split("\n")]
            column.min_width = max(map(len, lines))
    return Summary(_title(record), table, _notes(record))


def _headline_cells(record: ComparisonRecord, model: ComparedModel) -> list[str]:
    """A model's figure under the headline protocol, its floor and its lead over the highest floor."""
    figure = macro_f1(model, record.headline)
    name, floor = floor_beside(record, model, record.headline) or (BLANKED, None)
    lead = lead_of(model, record.headline)
    cells = [with_interval(figure), with_interval(floor), with_interval(lead.difference if lead else None)]
    if name != BLANKED:
        cells[1] += f" {name}"
    if lead and lead.floor != name:
        cells[2] += f" over {lead.floor}"
    return cells


def _in_two_lines(figure: Estimate | None) -> str:
    """A figure above its interval."""
    if figure is None or figure.value is None:
        return DASH
    return f"{number(figure.value, 3)}\n{interval(figure)}"


def closing_lines(record: ComparisonRecord, folder: Path) -> list[str]:
    """The last lines of a comparison: what else the scores say, warnings, and the path of the report.

    Args:
        record: The contents of `metrics.json`.
        folder: The run folder.

    Returns:
        Plain lines without rich's markup: print them with `markup=False`. The sentence and the table above them have
        the figures.
    """
    lines = [*score_lines(record), *(f"{line}." for line in warnings_of(record))]
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
    return Text.assemble(*warnings, f"{verdict(record)}\n")


def _notes(record: ComparisonRecord) -> Text:
    """The meaning of the columns, a line for each reason why models are unavailable, and a note on cached seconds."""
    lines = [f"Macro-F1 with 95 % intervals, best model on valid first. {legend(record)}"]
    lines += [printable(textwrap.shorten(line, LONGEST, placeholder=" …")) for line in not_compared(record)]
    if any(model.seconds.cached for model in record.ranked):
        lines.append("Features came from the cache; their seconds are what they cost when they were computed.")
    return Text("\n" + "\n".join(lines))
