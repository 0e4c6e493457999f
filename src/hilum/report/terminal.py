"""What the terminal says about a comparison."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from hilum.records.comparison import ComparedModel, ComparisonRecord
from hilum.records.figures import BLANKED, Estimate
from hilum.report.scores import floor_beside, lead_of, narrow_sentence, verdict
from hilum.report.words import DASH, interval, macro_f1, not_compared, number, plural, warnings_of
from hilum.text import printable, seen_from_here

LONGEST = 480  # letters in a line on unavailable models; the page has the whole reason
_UNBOUNDED = 10_000  # width of a terminal with room for every table


@dataclass(frozen=True)
class Summary:
    """A sentence, a table if the terminal is wide enough for it, else one cell in each line, and notes.

    What is not a terminal has room for everything.
    """

    title: Text
    table: Table
    notes: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """What rich prints."""
        room = options.update_width(options.max_width if console.is_terminal else _UNBOUNDED)
        needed = Measurement.get(console, options.update_width(_UNBOUNDED), self.table).minimum
        middle = [self.table] if needed <= room.max_width else self._stacked()
        for part in (self.title, *middle, self.notes):
            yield from console.render(part, room)

    def _stacked(self) -> Iterator[RenderableType]:
        headings = [str(column.header).replace("-\n", "").replace("\n", " ") for column in self.table.columns[1:]]
        width = max(map(len, headings))
        for row, name, *cells in zip(self.table.rows, *(column.cells for column in self.table.columns), strict=True):
            yield Text(str(name), row.style or "", overflow="fold")
            pairs = zip(headings, (" ".join(str(cell).split("\n")) for cell in cells), strict=True)
            yield from (Text(f"  {heading:{width}}  {cell}") for heading, cell in pairs)


def summary_table(record: ComparisonRecord) -> Summary:
    """What to believe in one sentence, and the comparison in a few columns, best model first.

    Args:
        record: The contents of `metrics.json`.

    Returns:
        An object that rich can print; on a narrow terminal the table has one cell in each line. A line under it says
        which models are unavailable.
    """
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 0), pad_edge=False, show_edge=False, collapse_padding=True)
    others = [*(["given"] if record.headline == "strict" else []), *(of.name for of in record.external)]
    table.add_column("Model")
    for heading in (record.title_of(record.headline), "Floor", "Lead", *map(record.title_of, others), "Sec-\nonds"):
        table.add_column(heading.replace(" ", "\n", 1), justify="right", no_wrap=True)
    for model in record.ranked:
        best = model.name == record.best
        cells = [f"{'★ ' if best else ''}{model.title}", *_headline_cells(record, model)]
        cells += [_in_lines(macro_f1(model, name)) for name in others]
        table.add_row(*map(Text, [*cells, number(model.seconds.total, 0)]), style="bold" if best else "")
    for column in table.columns:  # rich would cut them, down to nothing; names alone are wrapped, at words
        cells = [str(cell) for cell in (column.header, *column.cells)]
        column.min_width = max(len(part) for cell in cells for part in cell.split("\n" if column.no_wrap else None))
    return Summary(_title(record), table, _notes(record))


def _headline_cells(record: ComparisonRecord, model: ComparedModel) -> list[str]:
    """A model's figure under the headline protocol, its floor and its lead over the highest floor."""
    name, floor = floor_beside(record, model, record.headline) or (BLANKED, None)
    lead = lead_of(model, record.headline)
    over = f"over\n{lead.floor}" if lead and lead.floor != name else ""
    return [
        _in_lines(macro_f1(model, record.headline)),
        _in_lines(floor, "" if name == BLANKED else name),
        _in_lines(lead.difference if lead else None, over),
    ]


def _in_lines(figure: Estimate | None, more: str = "") -> str:
    """A figure above its interval, and perhaps a name beneath."""
    if figure is None or figure.value is None:
        return "\n".join(filter(None, [DASH, more]))
    return "\n".join(filter(None, [number(figure.value, 3), interval(figure), more]))


def closing_lines(record: ComparisonRecord, folder: Path) -> list[str]:
    """The last lines of a comparison: what its figures lack, and the path of the report, which has the rest.

    Args:
        record: The contents of `metrics.json`.
        folder: The run folder.

    Returns:
        Plain lines without rich's markup: print them with `markup=False`. The sentence and the table above them have
        the figures.
    """
    model = record.best_model
    lines = [*filter(None, [narrow_sentence(record, model, model.judged_by)])]
    if record.settings.crop and (uncropped := record.data.uncropped):
        lines.append(f"No body was found in {plural(uncropped, 'slice')}, used without a crop.")
    if skipped := len(record.data.skipped):
        verb = "was" if skipped == 1 else "were"
        lines.append(f"{plural(skipped, 'file')} {verb} skipped; the report says which and why.")
    return [*lines, f"What the columns mean, which models differ, and more: {seen_from_here(folder / 'report.html')}"]


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
            f"On them, or on your own: {program} compare FOLDER",
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
    """A line for each reason why models are unavailable."""
    lines = [printable(textwrap.shorten(line, LONGEST, placeholder=" …")) for line in not_compared(record)]
    return Text("\n".join(["", *lines]))
