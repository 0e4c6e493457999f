"""Functions that several commands use: consoles, names, folders and output."""

import io
import os
import shlex
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from hilum.profile import Profile, Spent
from hilum.progress import Steps
from hilum.stopping import terminable
from hilum.text import printable

if TYPE_CHECKING:
    from hilum.comparison.external import External
    from hilum.slices.table import SliceTable

OUT = Console()  # what a command says of its result
ROWS = Console()  # what was asked for, which is printed with --quiet too
ERR = Console(stderr=True)  # progress, notes and errors
STEPS = Steps(ERR)
_SEVERITIES = {"Serious": "bold red", "Notice": "yellow"}
TRACK = Profile(STEPS)


def split_names(values: Iterable[str] | None) -> list[str] | None:
    """The names in comma-separated values, or None if there are none."""
    names = [name.strip() for value in values or () for name in value.split(",") if name.strip()]
    return names or None


def named_views(value: str | None) -> tuple[str, ...] | None:
    """The views that an option names: those of the effort if it is not given, and no views for `none`."""
    return None if value is None else tuple(name for name in split_names([value]) or () if name != "none")


def command_line() -> str:
    """The command as it was typed."""
    return shlex.join(["hilum", *sys.argv[1:]])


def new_folder(parent: str, *sources: Path | None) -> Path:
    """The default output folder of a command, named after its inputs and the current time."""
    names = [source.resolve().stem for source in sources if source]
    return Path(parent) / "-".join([*names, f"{datetime.now():%Y%m%d-%H%M%S}"])


def chosen(keywords: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a command, by name, that are also keywords of an options class."""
    return {name: given[name] for name in keywords.__annotations__ if name in given}


def read_slices(given: Mapping[str, Any], *, complete: bool = True, said: bool = True) -> "SliceTable":
    """The slice table that the parameters of a command describe; without `said`, `say_read` says what was read."""
    from hilum.slices.table import read_table, unsaid

    named = {name: given[name] for name in ("folder", "table", "groups", "window", "seed", "strict")}
    return read_table(**named, complete=complete, say=show_line if said else unsaid, track=TRACK)


def say_read(slices: "SliceTable", *, split: bool) -> None:
    """Prints what slices were read as and what is said of them, with or without what is said of their split."""
    from hilum.slices.unread import left_out_lines

    notes = [note for note in slices.notes if split or note not in slices.split_notes]
    show_lines([slices.reading, *notes, *left_out_lines(slices.skipped)])


def read_externals(
    folders: Mapping[str, tuple[Path, dict[str, str]]],
    given: Mapping[str, Any],
    classes: Sequence[str],
    negative: str | None,
) -> "dict[str, External]":
    """Slices from elsewhere that `parse_external` found, read as the parameters of a command say.

    Raises:
        HilumError: Their classes do not fit, or a file cannot be read.
    """
    from hilum.comparison.external import External, readings_of
    from hilum.slices.table import read_labelled

    named = {name: given[name] for name in ("window", "strict")}
    read = {
        name: External(read_labelled(folder, **named, say=show_line, track=TRACK), meant)
        for name, (folder, meant) in folders.items()
    }
    readings_of(read, classes, negative)  # refused before the slow work
    return read


def show_record(record: Path, as_json: bool, lines: Iterable[str]) -> None:
    """Prints the record that a command wrote as JSON, or lines of text."""
    if as_json:
        put(record.read_bytes())
        return
    show_lines(lines, OUT)


@contextmanager
def stoppable(kept: str) -> Iterator[None]:
    """A block that Ctrl-C or SIGTERM ends with a sentence and the exit code of each.

    Args:
        kept: What is kept, as a sentence.
    """
    with terminable() as caught:
        try:
            yield
        except KeyboardInterrupt:
            say(f"Stopped. {kept}", ERR)
            raise typer.Exit(128 + next(iter(caught), signal.SIGINT)) from None


def show_profile() -> None:
    """Prints where the time went: a row for each step of the command so far, on standard error."""
    spent, cores = TRACK.steps(), os.cpu_count() or 1
    whole = sum(of.seconds for of in spent)
    table = Table("step", box=None, pad_edge=False)
    for heading in ("seconds", "share", f"use of {cores} cores"):
        table.add_column(heading, justify="right")
    for of in [*spent, Spent("all", whole, sum(of.processor for of in spent))]:
        use = of.processor / max(of.seconds * cores, 1e-9)
        table.add_row(Text(printable(of.title)), f"{of.seconds:.1f}", f"{of.seconds / whole:.0%}", f"{use:.0%}")
    show(table, ERR)


def show_line(line: str) -> None:
    """Prints a line on standard error."""
    say(line, ERR)


def show_lines(lines: Iterable[str], console: Console = ERR) -> None:
    """Prints lines, on standard error by default."""
    for line in lines:
        say(line, console)


def say(line: str, console: Console = OUT, style: str = "") -> None:
    """Prints a line, on standard output by default; control characters in it are escaped.

    A terminal gets it wrapped at words; a path that is longer than a line stays whole.
    """
    shown = printable(line)
    if console.is_terminal:
        shown = fill(shown, console.width, break_long_words=False, break_on_hyphens=False)
    text = Text(shown, style)
    for severity, colour in _SEVERITIES.items():
        text.highlight_regex(f"^{severity}:", colour)
    STEPS.settle()
    console.print(text, soft_wrap=True)


def show(what: RenderableType, console: Console = OUT) -> None:
    """Prints a table or the like, on standard output by default."""
    STEPS.settle()
    console.print(what, soft_wrap=not console.is_terminal, crop=False)


def put(data: bytes) -> None:
    """Writes bytes to standard output for other programs: UTF-8, whatever the encoding of the terminal."""
    STEPS.settle()
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def spell_out_what_cannot_be_encoded() -> None:
    """Makes both standard streams escape characters that their encoding lacks instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
