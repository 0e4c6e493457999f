"""What the commands share: consoles, options, and how names and notes are read and shown."""

import io
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from hilum.text import printable

OUT = Console()
ERR = Console(stderr=True)

WeightsOption = Annotated[
    Path | None,
    typer.Option("--weights", help="Folder with TAG.safetensors files; also HILUM_WEIGHTS.", show_default=False),
]
GroupsOption = Annotated[
    Path | None,
    typer.Option(help="CSV file: path,group (patient or series), which overrides look-alikes.", show_default=False),
]
WindowOption = Annotated[str, typer.Option(help="How DICOM becomes grey: lung, mediastinum, bone, file or auto.")]
ModelWindowOption = Annotated[
    str | None,
    typer.Option(help="Of DICOM: lung, mediastinum, bone, file or auto; by default the model's.", show_default=False),
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Stop at a file that cannot be read.")]


def split_names(values: Iterable[str] | None) -> list[str] | None:
    """Names that were given with commas between, or None where there are none."""
    names = [name.strip() for value in values or () for name in value.split(",") if name.strip()]
    return names or None


def program() -> str:
    """How hilum is called on this machine: by its name, or by the path that it was called with."""
    return "hilum" if shutil.which("hilum") or not sys.argv[0].endswith("hilum") else sys.argv[0]


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
