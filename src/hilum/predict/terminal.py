"""Rows and their summary as lines for the terminal."""

from collections.abc import Sequence
from pathlib import Path

from hilum.predict.about import series_path
from hilum.predict.rows import Row
from hilum.predict.series import SeriesSummary, Tally
from hilum.text import printable, seen_from_here
from hilum.trust.abstention import DECISIONS, Limits

_WIDTHS = (10, 6, 7)  # decision, top probability, outlier score
_MOST_SERIES = 50  # shown on the terminal
_UNLIKE = "unlike the training slices"  # as `hilum.trust.abstention.decide` says of a score that a column shows


def table_head(classes: Sequence[str]) -> str:
    """The column names above the lines of `table_line`."""
    return _table("decision", "class", "prob.", "outlier", "slice", classes)


def table_line(row: Row, classes: Sequence[str]) -> str:
    """A row as one line in columns, with unprintable characters escaped; the path comes last."""
    name = slice_name(row)
    if row.probabilities is None or row.outlier_score is None:
        return printable(f"{row.decision:{_WIDTHS[0]}}  {row.reason}: {name}")
    top, score = f"{max(row.probabilities.values()):.2f}", f"{row.outlier_score:.3f}"
    return printable(_table(row.decision, row.label or "-", top, score, f"{_why(row)}{name}", classes))


def _why(row: Row) -> str:
    """The reason of a decision, unless a column has it already."""
    return f"{row.reason}: " if row.decision == "outlier" and not row.reason.startswith(_UNLIKE) else ""


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


def closing_lines(tally: Tally, unreadable: Sequence[Row], earlier: int, out: Path | None, limits: Limits) -> list[str]:
    """The lines below the rows: unreadable slices, series, limits if they kept an answer back, and counts.

    Args:
        tally: Counts of all rows.
        unreadable: Unreadable slices to name, perhaps not all; none where a table has named them.
        earlier: Number of rows that an earlier run had left.
        out: File of rows, if there is one.
        limits: Limits outside which the model did not answer.
    """
    counts, total = tally.decisions, tally.decisions.total()
    lines = [f"Unreadable, {row.reason}: {slice_name(row)}" for row in unreadable]
    if unreadable and earlier == 0 and counts["unreadable"] > len(unreadable):
        lines.append(f"... and {counts['unreadable'] - len(unreadable)} more that could not be read.")
    summaries = tally.summaries()
    lines += series_lines(summaries[:_MOST_SERIES])
    if len(summaries) > _MOST_SERIES:
        lines.append(f"... and {len(summaries) - _MOST_SERIES} more series.")
    if counts["abstain"] or counts["outlier"]:
        lines.append(
            f"It abstains below a probability of {limits.answer:.2f}; above a score of {limits.outlier:.3f}, a slice "
            "is an outlier."
        )
    parts = ", ".join(f"{counts[name]} {name}" for name in DECISIONS)
    before = f" {earlier} of them are from an earlier run." if earlier else ""
    lines.append(f"{_slices(total)}: {parts}.{before}")
    if out is not None:
        beside = f"; the series are in {series_path(out).name} beside it" if summaries else ""
        lines.append(f"The rows are in {seen_from_here(out)}{beside}.")
    return [printable(text) for text in lines]


def slice_name(row: Row) -> str:
    """The path as seen from the working folder, with the frame number in a multi-frame file."""
    path = seen_from_here(row.path)
    return path if row.frame is None else f"{path} frame {row.frame}"


def _slices(count: int) -> str:
    return "1 slice" if count == 1 else f"{count} slices"


def _table(decision: str, label: str, top: str, score: str, rest: str, classes: Sequence[str]) -> str:
    width = max(map(len, classes))
    return f"{decision:{_WIDTHS[0]}}  {label:{width}}  {top:>{_WIDTHS[1]}}  {score:>{_WIDTHS[2]}}  {rest}"
