"""Help: panels, whole sentences, choices, examples, and what a shell offers to complete."""

import os
import re
import shlex
import subprocess
import sys

import pytest
import typer

from hilum import cli
from hilum.backbones.zoo import ZOO
from hilum.cli.help import PANELS
from hilum.heads.options import HEADS


def commands(group=None, path=()):
    """Every command by its words."""
    group = group or typer.main.get_command(cli.app)
    for name, one in group.commands.items():
        yield from commands(one, (*path, name)) if hasattr(one, "commands") else [((*path, name), one)]


COMMANDS = dict(commands())
NAMED = pytest.mark.parametrize("words", COMMANDS, ids=" ".join)


def options_of(words):
    context = typer.Context(COMMANDS[words], info_name=words[-1])
    return [one for one in COMMANDS[words].get_params(context) if one.param_type_name == "option"]


@NAMED
def test_every_option_is_in_a_panel_and_has_whole_sentences(words):
    for option in options_of(words):
        assert option.rich_help_panel in PANELS, option.name
        assert re.fullmatch(r"[A-Z].+\.", option.help), option.name
        assert "<" not in (option.metavar or ""), option.name
        assert option.is_flag == (option.metavar == ""), option.name


@NAMED
def test_every_option_without_a_default_that_it_shows_says_what_happens_without_it(words):
    for option in options_of(words):
        if option.is_flag:
            assert option.show_default is False, option.name
            assert option.default in (None, False) or "(the default)" in option.help, option.name
        elif option.default is None and option.name in ("out", "models", "window", "method", "port", "weights"):
            assert "by default" in option.help or option.required, option.name


def test_an_option_is_in_the_same_panel_everywhere():
    panels = {}
    for words in COMMANDS:
        for option in options_of(words):
            panels.setdefault(option.opts[0], set()).add(option.rich_help_panel)
    assert {name for name, of in panels.items() if len(of) > 1} == set()


@NAMED
def test_panels_are_in_one_order(words):
    seen = list(dict.fromkeys(option.rich_help_panel for option in options_of(words)))
    assert seen == [panel for panel in PANELS if panel in seen]


@NAMED
def test_every_command_has_an_example_that_parses(words):
    command = COMMANDS[words]
    assert command.epilog.startswith(f"Example: hilum {' '.join(words)} ")
    assert len(command.epilog) < 78  # a line of a narrow terminal
    given = shlex.split(command.epilog.removeprefix("Example: hilum "))[len(words) :]
    context = command.make_context(words[-1], given)
    assert any(value is not None for value in context.params.values())


@pytest.mark.parametrize("columns", [60, 80])
def test_help_fits_the_terminal(run, columns):
    for words, command in COMMANDS.items():
        code, out, _ = run(*words, "--help", columns=columns)
        assert code == 0
        assert max(map(len, out.splitlines())) <= columns
        assert command.epilog in " ".join(out.split())
        assert "…" not in out  # a word that was cut


def test_choices_are_shown_as_choices(run):
    _, out, _ = run("compare", "--help")
    for names in ("full|cheap", "fast|thorough", "none|balanced", "last|earlier|", "mediastinum|"):
        assert names in out
    assert all(head in out for head in HEADS)


def test_help_says_how_to_complete(run):
    _, out, _ = run("--help")
    assert "hilum --install-completion" in out


def offered(*words):
    """What a shell offers after words on the command line, and the modules that this loaded."""
    script = (
        "import sys\nsys.argv[0] = 'hilum'\nfrom hilum import cli\n"
        "try:\n    cli.app(prog_name='hilum')\nexcept SystemExit:\n    pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    line = {
        "COMP_WORDS": " ".join(["hilum", *words]),
        "COMP_CWORD": str(len(words)),
        "_HILUM_COMPLETE": "complete_bash",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, **line}, capture_output=True, text=True, check=True
    )
    return done.stdout.split(), set(done.stderr.split())


def test_a_shell_completes_commands_choices_and_backbones_without_torch():
    assert offered("tr")[0] == ["train"]
    assert offered("train", "--head", "k")[0] == ["kernel"]
    assert set(offered("train", "--backbone", "")[0]) == {row.name for row in ZOO}
    found, modules = offered("compare", "--models", "vgg16,resn")
    assert found == ["vgg16,resnet50"]
    assert not {"torch", "sklearn", "pandas", "pyarrow", "timm", "onnxruntime"} & modules
