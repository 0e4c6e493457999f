"""How commands describe themselves: options in panels, choices, whole sentences and an example."""

from collections.abc import Callable, Collection
from textwrap import wrap
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

DATA, MODELS, SCORING, OUTPUT, ADVANCED = PANELS = ("Data", "Models", "Scoring", "Output", "Advanced")
_CHOICES_WIDTH = 14  # of the column of choices, so that there is room for the help on a narrow terminal


def option(
    panel: str,
    metavar: str,
    help_: str,
    *names: str,
    complete: Callable[..., Any] | None = None,
    first: Callable[..., None] | None = None,
) -> Any:  # noqa: ANN401 - as typer.Option is typed
    """An option that takes a value.

    Args:
        panel: Panel of the help, the same wherever the option is taken.
        metavar: What the value is, in capitals.
        help_: What the option does, in sentences.
        *names: Names, if not that of the parameter.
        complete: Function from the beginning of a value to values that a shell may offer.
        first: Function that is given the context and the value before other options are read.
    """
    early: Any = {"is_eager": True, "callback": first} if first else {}
    return typer.Option(*names, metavar=metavar, help=help_, rich_help_panel=panel, autocompletion=complete, **early)


def choice(panel: str, names: Collection[str], help_: str, *options: str) -> Any:  # noqa: ANN401
    """An option that takes one of a few names. hilum itself refuses others, with a sentence that names the nearest."""
    shown = "\n".join(line.replace("| ", "|") for line in wrap("| ".join(names), _CHOICES_WIDTH))
    return option(panel, shown, help_, *options, complete=lambda: list(names))


def switch(panel: str, name: str, help_: str) -> Any:  # noqa: ANN401
    """An option that is on or off, which takes no value."""
    return typer.Option(name, metavar="", show_default=False, help=help_, rich_help_panel=panel)


def argument(metavar: str, help_: str) -> Any:  # noqa: ANN401
    """An argument."""
    return typer.Argument(metavar=metavar, help=help_)


class Command(TyperCommand):
    """A command whose docstring ends with an example, which stands at the end of its help."""

    def __init__(self, *args: Any, help: str, **others: Any) -> None:  # noqa: ANN401
        *about, example = (" ".join(paragraph.split()) for paragraph in help.split("\n\n"))
        super().__init__(*args, **{**others, "help": "\n\n".join(about), "epilog": example})

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401
        """The parameters, panel after panel; `--help` is in one as the others are."""
        params = _tidy(super().get_params(ctx), ADVANCED)
        return sorted(params, key=lambda one: PANELS.index(one.rich_help_panel) if one.rich_help_panel else -1)


class Group(TyperGroup):
    """The program, or a group of commands."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401
        """The parameters."""
        return _tidy(super().get_params(ctx), None)


def _tidy(params: list[Any], panel: str | None) -> list[Any]:
    """Gives the switches that Typer adds, such as `--help`, a panel and no type."""
    for param in params:
        if getattr(param, "is_flag", False):
            param.metavar, param.rich_help_panel = "", getattr(param, "rich_help_panel", None) or panel
    return params
