"""How a table of slices was read, so that a command can read it again."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hilum.slices.rows import SliceRow
    from hilum.slices.table import SliceTable

OPTIONS = ("folder", "table", "groups", "window", "strict")


@dataclass(frozen=True)
class Source:
    """What a table was read from, and how, as it was asked for.

    Attributes:
        folder: Folder of the slices.
        table: CSV file of the slices.
        groups: CSV file of groups.
        window: Window for DICOM files.
        strict: Whether a file that cannot be read was an error.
        rows: Rows that were read.
        seed: Random seed of the split, if one was drawn.
    """

    folder: str | Path | None
    table: str | Path | None
    groups: str | Path | None
    window: str
    strict: bool
    rows: "tuple[SliceRow, ...]" = field(repr=False)
    seed: int | None = None

    @property
    def options(self) -> dict[str, bool | str | None]:
        """The values of `OPTIONS`."""
        values = {name: getattr(self, name) for name in OPTIONS}
        return {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}


def source_of(table: "SliceTable") -> Source | None:
    """How a table was read; None if it was put together otherwise, or its rows were changed."""
    return table.source if table.source is not None and table.source.rows is table.rows else None


def options_of(table: "SliceTable", seed: int | None = None) -> tuple[dict[str, bool | str | None], list[str]]:
    """The options with which a command reads a table, and sentences on what they cannot repeat.

    Args:
        table: The table.
        seed: The command's random seed, with which it would draw a split.
    """
    source = source_of(table)
    if source is None:
        return dict.fromkeys(OPTIONS), ["Its slices were put together in Python."]
    if source.seed not in (None, seed):
        return source.options, [f"Its split was drawn with seed {source.seed}, the rest with seed {seed}."]
    return source.options, []
