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


def test_output_for_programs_is_utf_8_whatever_the_terminal_has(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    spell_out_what_cannot_be_encoded()
    print("肺")
    put("肺\n".encode())
    assert stream.buffer.getvalue() == b"\\u80ba\n" + "肺\n".encode()
