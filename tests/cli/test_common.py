"""Functions that several commands use."""

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from hilum.cli.common import (
    chosen,
    command_line,
    named_views,
    new_folder,
    put,
    say,
    spell_out_what_cannot_be_encoded,
    split_names,
)


@pytest.mark.parametrize(
    ("given", "names"),
    [(None, None), ([], None), ([" , "], None), (["a,b", " c "], ["a", "b", "c"]), (["a,,b"], ["a", "b"])],
)
def test_names_are_split_at_commas(given, names):
    assert split_names(given) == names


def test_no_views_are_other_than_views_that_were_not_named():
    assert [named_views(value) for value in (None, "none", "up, left")] == [None, (), ("up", "left")]


def test_the_command_line_can_be_pasted_into_a_shell(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/bin/hilum", "audit", "my slices", "--seed", "1"])
    assert command_line() == "hilum audit 'my slices' --seed 1"


def test_a_new_folder_is_named_by_its_sources_and_the_time(tmp_path):
    made = new_folder("runs", tmp_path / "model.onnx", None, tmp_path / "slices")
    assert made.parent == Path("runs")
    assert made.name.startswith("model-slices-2")


def test_only_keywords_of_the_options_are_chosen():
    class Keywords:
        seed: int
        head: str

    assert chosen(Keywords, {"seed": 1, "out": "x"}) == {"seed": 1}


def test_names_cannot_steer_the_terminal():
    console = Console(file=io.StringIO(), width=20)
    say("a [red]long[/red] \x1b[31mname that is not wrapped", console)
    written = console.file.getvalue()
    assert "\x1b" not in written
    assert written.startswith("a [red]long[/red] ")
    assert written.count("\n") == 1


@pytest.mark.parametrize("width", [60, 80])
def test_a_terminal_gets_lines_wrapped_at_words_and_whole_paths(width):
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    path = "a/" * 50 + "report.html"
    say("What the columns mean, which models differ, and all that a reader may want to know: " + path, console)
    *lines, last = console.file.getvalue().splitlines()
    assert last == path
    assert max(map(len, lines)) <= width
    assert " ".join(" ".join(lines).split()).endswith("that a reader may want to know:")


@pytest.mark.parametrize("no_color", [False, True])
def test_severities_are_coloured_on_a_terminal_alone(monkeypatch, no_color):
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    colours = Console(file=io.StringIO(), force_terminal=True, color_system="standard")
    pipe = Console(file=io.StringIO(), force_terminal=False)
    for console in (colours, pipe):
        say("Serious: Leak. Notice: no.", console)
        say("Notice: Copies.", console)
    written = colours.file.getvalue()
    assert ("\x1b[1;31mSerious:\x1b[0m Leak. Notice: no." in written) is not no_color
    assert ("\x1b[33mNotice:\x1b[0m" in written) is not no_color
    assert pipe.file.getvalue() == "Serious: Leak. Notice: no.\nNotice: Copies.\n"


def test_output_for_programs_is_utf_8_whatever_the_terminal_has(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    spell_out_what_cannot_be_encoded()
    print("肺")
    put("肺\n".encode())
    assert stream.buffer.getvalue() == b"\\u80ba\n" + "肺\n".encode()
