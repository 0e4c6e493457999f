"""`hilum split`."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from hilum.cli import flags
from hilum.cli.common import OUT, STEPS, TRACK, read_slices, say, say_read, show, show_lines, show_profile, split_names
from hilum.cli.help import DATA, OUTPUT, choice, option, switch
from hilum.errors import BadOption
from hilum.options import COPIES
from hilum.text import printable, seen_from_here


def split(
    context: typer.Context,
    out: Annotated[Path, option(OUTPUT, "FILE", "CSV file to write, outside FOLDER.")],
    folder: flags.Folder = None,
    table: flags.Table = None,
    groups: flags.Groups = None,
    window: flags.Window = "auto",
    strict: flags.Strict = False,
    shares: Annotated[str, option(DATA, "NUMBERS", "Percentages of train, valid and test.")] = "70,10,20",
    folds: Annotated[int | None, option(DATA, "NUMBER", "Number of folds to make instead of splits.")] = None,
    copies: Annotated[
        str,
        choice(
            DATA,
            COPIES,
            "Copies and files with label conflicts: drop leaves them out, keep marks them in the column mark.",
        ),
    ] = "drop",
    look_alike: flags.LookAlike = None,
    overwrite: Annotated[bool, switch(OUTPUT, "--overwrite", "Replace an existing file.")] = False,
    seed: flags.Seed = 0,
    profile: flags.Timed = False,
) -> None:
    """Split slices into train, valid and test without leaks.

    Writes a CSV file with the columns path, label, split (or fold) and together, which other commands read with
    --table. Slices with the same id, or else look-alikes, are on one side. Splits that the slices came in are ignored.

    Example: hilum split slices --out split.csv
    """
    given = {**locals()}
    if profile:
        context.call_on_close(show_profile)
    from hilum.outputs import OutputFile, check_outside
    from hilum.splitting.shown import headings, lines
    from hilum.splitting.split import check_split
    from hilum.splitting.split import split as split_slices
    from hilum.splitting.written import write_table

    percentages = _percentages(shares)
    check_split(percentages, folds, copies, look_alike, seed)
    check_outside(out, folder, "file")
    output = context.with_resource(OutputFile(out, overwrite=overwrite))
    STEPS.plan("reading slices", "comparing slices")
    # What is said of a split while reading is of one that plays no part here.
    slices = read_slices(given, complete=False, said=False)
    say_read(slices, split=False)
    new = split_slices(
        slices, shares=percentages, folds=folds, copies=copies, look_alike=look_alike, seed=seed, track=TRACK
    )
    write_table(new, output)
    shown = Table(box=None, pad_edge=False)
    for place, heading in enumerate(headings(new)):
        shown.add_column(heading, justify="right" if place else "left", no_wrap=True)
    for name, *others in lines(new):
        shown.add_row(Text(printable(name)), *others)
    show(shown)
    show_lines(new.notes, OUT)
    say(f"Table: {seen_from_here(out)}")
    for command in ("hilum audit", *(() if new.folds else ("hilum compare",)), "hilum judge PREDICTIONS"):
        say(f"  {command} {shlex.join(_read_back(folder or seen_from_here(new.folder), out, window, look_alike))}")


def _percentages(text: str) -> list[float]:
    try:
        return [float(share) for share in split_names([text]) or ()]
    except ValueError:
        raise BadOption("shares", f"must be three numbers such as 70,10,20, not {text}.") from None


def _read_back(folder: Path | str, out: Path, window: str, look_alike: float | None) -> Iterator[str]:
    yield from (str(folder), "--table", seen_from_here(out))
    if window != "auto":
        yield from ("--window", window)
    if look_alike is not None:
        yield from ("--look-alike", f"{look_alike:g}")
