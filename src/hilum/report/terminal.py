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

from hilum.records.comparison import ComparisonRecord
from hilum.records.settings import Settings
from hilum.report import leaderboard
from hilum.report.judged import remarks
from hilum.report.leaderboard import star
from hilum.report.scores import narrow_sentence, verdict, where
from hilum.report.words import not_compared, plural, serious_notes, warnings_of, with_interval
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
        headings = [str(column.header).replace("\n", " ") for column in self.table.columns[1:]]
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
    columns = leaderboard.columns(record)
    table.add_column("model")
    for column in columns:
        table.add_column("\n".join(column.heading), justify="right", no_wrap=True)
    for model in record.ranked:
        cells = [leaderboard.named(record, model), *(str(column.cell(model)) for column in columns)]
        table.add_row(*map(Text, cells), style="bold" if model.name == record.best else "")
    for drawn in table.columns:  # rich would cut them, down to nothing; names alone are wrapped, at words
        cells = [str(cell) for cell in (drawn.header, *drawn.cells)]
        drawn.min_width = max(len(part) for cell in cells for part in cell.split("\n" if drawn.no_wrap else None))
    return Summary(_title(record), table, _notes(record))


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
    lines = [*filter(None, [narrow_sentence(record, model, record.judged_by(model))]), *remarks(record)]
    if record.judged and (what := star(record)):
        lines = [what, *_differences(record), *lines]
    if isinstance(record.settings, Settings) and record.settings.crop and (uncropped := record.data.uncropped):
        lines.append(f"No body was found in {plural(uncropped, 'slice')}, used without a crop.")
    if skipped := len(record.data.skipped):
        verb = "was" if skipped == 1 else "were"
        lines.append(f"{plural(skipped, 'file')} {verb} skipped; the report says which and why.")
    return [*lines, f"What the columns mean, which models differ, and more: {seen_from_here(folder / 'report.html')}"]


def _differences(record: ComparisonRecord) -> list[str]:
    """How far the other judged models are from the best one, in a line, if there are any."""
    best, titles = record.best_model, {model.name: model.title for model in record.ranked}
    words = [
        f"{titles[row.model]} {with_interval(row.f1_macro.difference)}"
        for row in record.differences.get(record.judged_by(best), ())
        if row.f1_macro.difference is not None
    ]
    what = f"Paired difference in macro-F1 from {best.title} {where(record, best)}"
    return [f"{what}: {', '.join(words)}."] if words else []


def next_lines(record: ComparisonRecord, data: str, program: str = "hilum") -> list[str]:
    """What to do next: compare real slices after synthetic ones, else train a model; after judging, split anew.

    Args:
        record: The contents of `metrics.json`.
        data: Arguments that name the slices, quoted for a shell.
        program: Command that starts hilum.
    """
    if record.judged:
        return [
            f"A split of these slices that does not leak: {program} split {data} --out split.csv",
            f"What hilum's own models reach on them: {program} compare {data}",
        ]
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
    warnings = [(f"{line}\n", "bold red") for line in (*warnings_of(record), *serious_notes(record))]
    return Text.assemble(*warnings, f"{verdict(record)}\n")


def _notes(record: ComparisonRecord) -> Text:
    """A line for each reason why models are unavailable."""
    lines = [printable(textwrap.shorten(line, LONGEST, placeholder=" …")) for line in not_compared(record)]
    return Text("\n".join(["", *lines]))
