"""What the commands share: consoles, and how names and notes are read and shown."""

import io
import shlex
import shutil
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from hilum.text import printable

OUT = Console()
ERR = Console(stderr=True)


def split_names(values: Iterable[str] | None) -> list[str] | None:
    """Names that were given with commas between, or None where there are none."""
    names = [name.strip() for value in values or () for name in value.split(",") if name.strip()]
    return names or None


def program() -> str:
    """How hilum is called on this machine: by its name, or by the path that it was called with."""
    return "hilum" if shutil.which("hilum") or not sys.argv[0].endswith("hilum") else sys.argv[0]


def command_line() -> str:
    """The command as it was typed, for a record."""
    return shlex.join(["hilum", *sys.argv[1:]])


def new_folder(parent: str, *sources: Path | None) -> Path:
    """Where a command writes by default: a folder named after what it reads and the time."""
    names = [source.resolve().stem for source in sources if source]
    return Path(parent) / "-".join([*names, f"{datetime.now():%Y%m%d-%H%M%S}"])


def show_line(line: str) -> None:
    """A plain line on standard error."""
    say(line, ERR)


def show_lines(lines: Iterable[str]) -> None:
    """Plain lines on standard error."""
    for line in lines:
        show_line(line)


def say(line: str, console: Console = OUT, style: str = "") -> None:
    """Prints a line for people, on standard output by default; no name in it can steer the terminal."""
    console.print(Text(printable(line), style), soft_wrap=True)


def put(data: bytes) -> None:
    """Writes to standard output what is for programs: UTF-8, whatever encoding people's lines have there."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def spell_out_what_cannot_be_encoded() -> None:
    """Has both standard streams write a letter that their encoding lacks as an escape, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
