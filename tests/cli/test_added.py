"""An option that is added to a command."""

import inspect
from typing import Annotated

import typer
from typer.testing import CliRunner

from hilum.cli.added import with_option


def test_a_command_has_the_option_too_and_is_run_without_it():
    heard = []

    def command(name: str, loud: bool = False) -> None:
        """What it does."""
        heard.append((name, loud))

    kind = Annotated[int, typer.Option(help="How often.")]
    made = with_option(command, "times", kind, 2, heard.append)
    assert [*inspect.signature(made).parameters] == ["name", "loud", "times"]
    assert made.__doc__ == "What it does."
    app = typer.Typer()
    app.command()(made)
    assert CliRunner().invoke(app, ["a", "--loud"]).exit_code == 0
    assert CliRunner().invoke(app, ["b", "--times", "5"]).exit_code == 0
    assert heard == [2, ("a", True), 5, ("b", False)]
    assert CliRunner().invoke(app, ["b", "--times", "many"]).exit_code == 2
