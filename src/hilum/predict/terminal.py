"""Rows and their summary as lines for the terminal."""

from collections.abc import Sequence
from pathlib import Path

from hilum.predict.about import series_path
from hilum.predict.rows import Row
from hilum.predict.series import SeriesSummary, Tally
from hilum.text import printable
from hilum.trust.abstention import DECISIONS

_WIDTHS = (10, 6, 7)  # decision, top probability, outlier score
_MOST_SERIES = 50  # shown on the terminal


def table_head(classes: Sequence[str]) -> str:
    """The column names above the lines of `table_line`."""
    return _table("decision", "class", "prob.", "outlier", "slice", classes)


def table_line(row: Row, classes: Sequence[str]) -> str:
    """A row as one line in columns, with unprintable characters escaped."""
    top = "" if row.probabilities is None else f"{max(row.probabilities.values()):.2f}"
    score = "" if row.outlier_score is None else f"{row.outlier_score:.3f}"
    why = "" if row.decision == "class" else f": {row.reason}"
    return printable(_table(row.decision, row.label or "-", top, score, f"{slice_name(row)}{why}", classes))


def series_lines(summaries: Sequence[SeriesSummary]) -> list[str]:
    """One line per series."""
    lines = []
    for summary in summaries:
        counts = ", ".join(f"{count} {name}" for name, count in summary.decisions.items() if count)
        if summary.label is None or summary.probabilities is None:
            result = "no slice was answered"
        else:
            result = f"most are {summary.label} (mean probability {summary.probabilities[summary.label]:.2f})"
        lines.append(f"Series of {summary.path}: {_slices(summary.slices)} ({counts}); {result}.")
    return lines


def closing_lines(tally: Tally, unreadable: Sequence[Row], earlier: int, out: Path | None) -> list[str]:
    """The lines below the rows: unreadable slices, series, and counts.

    Args:
        tally: Counts of all rows.
        unreadable: Unreadable slices to name, perhaps not all.
        earlier: Number of rows that an earlier run had left.
        out: File of rows, if there is one.
    """
    counts, total = tally.decisions, tally.decisions.total()
    lines = [f"Unreadable: {slice_name(row)}: {row.reason}" for row in unreadable]
    if earlier == 0 and counts["unreadable"] > len(unreadable):
        lines.append(f"... and {counts['unreadable'] - len(unreadable)} more that could not be read.")
    summaries = tally.summaries()
    lines += series_lines(summaries[:_MOST_SERIES])
    if len(summaries) > _MOST_SERIES:
        lines.append(f"... and {len(summaries) - _MOST_SERIES} more series.")
    parts = ", ".join(f"{counts[name]} {name}" for name in DECISIONS)
    before = f" {earlier} of them are from an earlier run." if earlier else ""
    lines.append(f"{_slices(total)}: {parts}.{before}")
    if out is not None:
        beside = f", the series in {series_path(out).name} beside it" if summaries else ""
        lines.append(f"The rows are in {out}{beside}.")
    return [printable(text) for text in lines]


def slice_name(row: Row) -> str:
    """The path, with the frame number in a multi-frame file."""
    return row.path if row.frame is None else f"{row.path} frame {row.frame}"


def _slices(count: int) -> str:
    return "1 slice" if count == 1 else f"{count} slices"


def _table(decision: str, label: str, top: str, score: str, rest: str, classes: Sequence[str]) -> str:
    width = max(map(len, classes))
    return f"{decision:{_WIDTHS[0]}}  {label:{width}}  {top:>{_WIDTHS[1]}}  {score:>{_WIDTHS[2]}}  {rest}"
