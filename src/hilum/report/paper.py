"""The results of a comparison for an analyst and a paper: results.csv, results.md and results.tex."""

from collections.abc import Iterator
from functools import reduce
from pathlib import Path

from hilum.outputs import write_text
from hilum.records.base import Record
from hilum.records.comparison import ComparedModel, ComparisonRecord
from hilum.records.figures import Estimate
from hilum.records.settings import JudgeSettings
from hilum.report import latex, markdown
from hilum.report.judged import remarks
from hilum.report.leaderboard import Cell, columns, legend, protocols, star
from hilum.report.words import listed, plural, readable, short_title, warnings_of
from hilum.text import csv_line

_HEAD = ["rank", "model", "title", "protocol", "scope", "figure", "value", "low", "high", "slices", "groups", "warning"]
_NAME = 18  # letters of a name that fit on one line
_INTERVALS = (
    "Intervals: Student's t with the standard error of a bootstrap of whole groups of slices, drawn within each class."
)


def write_results(record: ComparisonRecord, folder: Path) -> None:
    """Writes the results for an analyst (results.csv) and for a paper (results.md, results.tex) into a run folder."""
    (folder / "results.csv").write_bytes(results_csv(record))
    write_text(folder / "results.md", results_md(record))
    write_text(folder / "results.tex", results_tex(record))


def results_csv(record: ComparisonRecord) -> bytes:
    """Every figure of every model under every protocol, one a row (docs/run-folder.md)."""
    lines = [csv_line(_HEAD)]
    warning = "; ".join(warnings_of(record))
    for rank, model in enumerate(record.ranked, 1):
        for names, of, rests_on in _figures(record, model):
            # As numbers: a text that begins with a minus sign would be guarded as a formula.
            span = (None if value is None else float(f"{value:.6g}") for value in (of.value, of.low, of.high))
            counts = [*rests_on, None, None][:2]
            lines.append(csv_line([rank, model.name, model.title, *names, *span, *counts, warning]))
    return b"".join(lines)


def _figures(record: ComparisonRecord, model: ComparedModel) -> Iterator[tuple[tuple[str, ...], Estimate, list[int]]]:
    """Protocol, scope and name of each figure of a model, the figure, and the slices and groups that it rests on."""
    valid = model.splits.valid
    if valid:
        for name, _ in _estimates(model.protocols["given"]):
            yield ("valid", "all", name), Estimate(value=getattr(valid, name)), [valid.n]
    for protocol in filter(model.protocols.__contains__, record.protocol_names):
        of = model.protocols[protocol]
        counts = [of.n, of.groups]
        floors = record.floors_of(model, protocol).items()
        parts: list[tuple[str, Record | None, list[int]]] = [
            ("all", of, counts),
            *((f"class:{name}", one, [one.support, one.groups]) for name, one in of.per_class.items()),
            ("cancer", of.binary, counts),
            ("keras", of.keras, counts),
            *((scope, one, [of.n, one.n]) for scope in ("per_group", "per_series") if (one := getattr(of, scope))),
            *((f"floor:{name}", floor, counts) for name, floor in floors),
        ]
        for scope, part, rests_on in parts:
            for name, figure in _estimates(part) if part else ():
                yield (protocol, scope, name), figure, rests_on
        if lead := of.over_floor:
            yield (protocol, f"lead:{lead.floor}", "f1_macro"), lead.difference, [of.n, lead.groups]
    for name in ("decoding", "features", "head", "total") if model.seconds else ():
        yield ("", "seconds", name), Estimate(value=getattr(model.seconds, name)), []


def _estimates(part: Record) -> Iterator[tuple[str, Estimate]]:
    return ((name, value) for name, value in part if isinstance(value, Estimate))


def results_md(record: ComparisonRecord) -> str:
    """The table of models in Markdown, the best in bold, with its caption below."""
    rows = []
    for model, name, cells in _rows(record):
        strong = "**" if model.name == record.best else ""
        texts = (" ".join([*cell.figures, *map(markdown.plain, cell.remark)]) for cell in cells)
        rows.append([f"{strong}{text}{strong}" for text in (markdown.plain(name), *texts)])
    headings = ["model", *(markdown.plain(" ".join(column.heading)) for column in columns(record))]
    parts = [
        *([f"**{line}.**"] for line in warnings_of(record)),
        markdown.table(headings, "---", rows),
        [markdown.plain(" ".join(_caption(record)))],
    ]
    return "\n".join(line for part in parts for line in [*part, ""])


def results_tex(record: ComparisonRecord) -> str:
    """The table of models in LaTeX, for an article with booktabs; up to three external sets fit its text."""
    figures = columns(record)
    size, smaller, apart = ("footnotesize", "scriptsize", 2.5) if len(figures) <= 6 else ("scriptsize", "tiny", 1.2)
    warnings = "".join(rf"\textbf{{{latex.escaped(line)}.}} " for line in warnings_of(record))
    stacked = [r" \\ ".join(map(latex.escaped, column.heading)) for column in figures]
    heads = (rf"\begin{{tabular}}[b]{{@{{}}r@{{}}}}{lines}\end{{tabular}}" for lines in stacked)
    rows = []
    for model, name, cells in _rows(record):
        title = latex.breakable(name) if len(name) > _NAME else latex.escaped(name)
        made = [rf"\parbox[t]{{0.2\linewidth}}{{\raggedright {title}}}", *map(_tex_cell, cells)]
        best = model.name == record.best
        rows.append(" & ".join(rf"\textbf{{{cell}}}" if best else cell for cell in made) + r" \\")
    lines = [
        r"% In the preamble: \usepackage{booktabs}. A figure stands above its interval.",
        r"\begin{table*}[t]",
        rf"\centering\{size}\setlength{{\tabcolsep}}{{{apart}pt}}\setlength{{\belowcaptionskip}}{{4pt}}",
        r"\providecommand{\hilum}[2]{\begin{tabular}[t]{@{}r@{}}#1\\",
        rf"  {{\{smaller}\mdseries #2}}\end{{tabular}}}}",
        rf"\caption{{{warnings}{latex.escaped(' '.join(_caption(record)))}}}",
        r"\label{tab:hilum}",
        rf"\begin{{tabular}}{{@{{}}l{'r' * len(figures)}@{{}}}}",
        r"\toprule",
        f"model & {' & '.join(heads)} " + r"\\",
        r"\midrule",
        "\n\\addlinespace\n".join(rows),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table*}",
    ]
    return "\n".join([*lines, ""])


def _tex_cell(cell: Cell) -> str:
    *above, last = (*map(latex.figure, cell.figures), *map(latex.escaped, cell.remark))
    return reduce(lambda below, line: rf"\hilum{{{line}}}{{{below}}}", reversed(above), last)


def _rows(record: ComparisonRecord) -> Iterator[tuple[ComparedModel, str, list[Cell]]]:
    """Each model with its title and its cells, the best first."""
    for model in record.ranked:
        yield model, short_title(model, record), [column.cell(model) for column in columns(record)]


def _caption(record: ComparisonRecord) -> Iterator[str]:
    """What a reader of the table must know, in sentences."""
    made = f"by hilum {record.versions['hilum']}"
    if isinstance(record.settings, JudgeSettings):
        chosen = "the one chosen on valid" if record.chosen_on_valid else "the highest on the slices that are scored"
        bold = f", in bold {chosen}" if star(record) else ""
        yield f"The predictions in {record.settings.predictions}, judged on {record.data.folder} {made}{bold}."
        if record.judged:
            yield f"Trained on, as far as is known: {record.judged.trained_on or 'nothing is'}."
        yield from remarks(record)
    else:
        yield f"Models compared on {record.data.folder} {made}, in bold the one chosen on valid."
    yield legend(record)
    for protocol in protocols(record):
        counts = f"{plural(protocol.scored, 'slice')} in {plural(protocol.groups, 'group')}"
        read = f", read as {listed([*map(readable, protocol.external.classes)])}" if protocol.external else ""
        yield f"{protocol.title}: {counts}{read}."
    for model in record.ranked:
        if (name := short_title(model, record)) != model.title:
            yield f"{name}: {model.title}."
    seconds = "" if record.judged else " Seconds: reading, features, training and predicting."
    yield f"{_INTERVALS}{seconds} Research use only."
