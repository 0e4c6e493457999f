"""How a new split shows itself: as a line, as a table, as HTML in a notebook, and as a DataFrame."""

from typing import TYPE_CHECKING

from hilum import html
from hilum.errors import extras_named
from hilum.report.words import plural, readable
from hilum.splitting.written import columns

if TYPE_CHECKING:
    import pandas as pd

    from hilum.splitting.new_split import NewSplit


def line(new: "NewSplit") -> str:
    """The number of slices in each part, in one line."""
    counts = {part: sum(of.values()) for part, of in new.counts.items()}
    parts = ", ".join(f"{'fold ' if new.folds else ''}{part} {count:,}" for part, count in counts.items())
    classes = len(new.table.classes)
    return (
        f"NewSplit({new.folder.resolve().name}: {plural(sum(counts.values()), 'slice')} of {classes} "
        f"{'class' if classes == 1 else 'classes'}; {parts})"
    )


def headings(new: "NewSplit") -> list[str]:
    """The headings of the table of classes by part."""
    return ["class by fold" if new.folds else "class", *new.shares, "all"]


def lines(new: "NewSplit") -> list[list[str]]:
    """The lines of the table of classes by part: counts with their shares, what was asked for, and groups."""
    counts = new.counts
    by_class = [(readable(name), [of[name] for of in counts.values()]) for name in new.table.classes]
    numbers = [*by_class, ("all", [sum(of.values()) for of in counts.values()])]

    def cell(count: int, whole: int) -> str:
        return f"{count:,}" if new.folds else f"{count:,} ({100 * count / whole:.1f} %)"

    asked = ["asked for", *(f"{100 * share:g} %" for share in new.shares.values()), ""]
    return [
        *([name, *(cell(count, sum(of)) for count in of), f"{sum(of):,}"] for name, of in numbers),
        *([] if new.folds else [asked]),
        ["groups", *(f"{count:,}" for count in new.groups.values()), f"{sum(new.groups.values()):,}"],
    ]


def page(new: "NewSplit") -> str:
    """The table of classes by part, and the notes."""
    return html.block(
        html.paragraph(f"{plural(len(new.files), 'file')} of {new.folder.resolve().name}, split anew."),
        html.table(headings(new), lines(new), strong=len(new.table.classes)),
        html.bullets(new.notes),
    )


def frame(new: "NewSplit") -> "pd.DataFrame":
    """One row per file.

    Raises:
        MissingExtra: pandas is not installed.
    """
    with extras_named("pandas"):
        import pandas as pd

    return pd.DataFrame(columns(new))
