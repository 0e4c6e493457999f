"""How a table of slices shows itself: as a line, as HTML in a notebook, and as a DataFrame."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hilum import html
from hilum.errors import extras_named
from hilum.slices.unread import left_out_lines

if TYPE_CHECKING:
    import pandas as pd

    from hilum.slices.table import SliceTable

_FACTS = ("format", "width", "height", "doubt")


def line(table: "SliceTable") -> str:
    """The number of slices in each split, in one line."""
    splits = ", ".join(f"{split} {sum(of.values()):,}" for split, of in table.counts.items())
    return (
        f"SliceTable({table.root.resolve().name}: {len(table.rows):,} slices of {len(table.classes)} classes; {splits})"
    )


def page(table: "SliceTable") -> str:
    """The number of slices of each class in each split, and the notes."""
    counts = table.counts
    rows = [_cells(name.replace("_", " "), [of[name] for of in counts.values()]) for name in table.classes]
    rows.append(_cells("all", [sum(of.values()) for of in counts.values()]))
    about = f"{len(table.rows):,} slices in {table.root.resolve().name}, {table.distinct:,} distinct. {table.reading}"
    return html.block(
        html.paragraph(about),
        html.table(["class", *counts, "all"], rows, strong=len(rows) - 1),
        html.bullets([*table.notes, *left_out_lines(table.skipped)]),
    )


def frame(table: "SliceTable") -> "pd.DataFrame":
    """One row per slice.

    Raises:
        MissingExtra: pandas is not installed.
    """
    with extras_named("pandas"):
        import pandas as pd

    rows = [
        (row.path, row.label, row.split, row.group, *(getattr(row.facts, name) for name in _FACTS))
        for row in table.rows
    ]
    return pd.DataFrame(rows, columns=["path", "label", "split", "group", *_FACTS])


def _cells(name: str, numbers: Sequence[int]) -> list[str]:
    return [name, *(f"{number:,}" for number in (*numbers, sum(numbers)))]
