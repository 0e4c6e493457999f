"""The command line: one module per command."""

import os
import sys
from typing import Annotated

import typer

from hilum.cli import audit, compare, data, evaluate, explain, judge, predict, serve, split, train
from hilum.cli.common import ERR, say, spell_out_what_cannot_be_encoded
from hilum.cli.config import configurable
from hilum.cli.help import Command, Group
from hilum.cli.quiet import with_quiet
from hilum.errors import BadOption, HilumError, extras_named
from hilum.storage import cache_folder
from hilum.versions import __version__

app = typer.Typer(
    cls=Group,
    help="Compare pretrained networks on chest CT slices, and know what the scores are worth. Research use only.",
    epilog="Example: hilum compare slices\n\n"
    "Run hilum --install-completion once to complete options and names with TAB.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
weights_app = typer.Typer(cls=Group, help="Manage backbone weights.", no_args_is_help=True)

_SETUP = "Set-up"
for panel, commands in {
    "Check data and scores": (audit.audit, judge.judge),
    "Make a model": (compare.compare, train.train, evaluate.evaluate, train.export),
    "Use a model": (predict.predict, explain.explain, serve.serve),
    "Data": (split.split, data.phantom, data.fetch),
    _SETUP: (data.backbones, data.cache),
}.items():
    for command in commands:
        app.command(cls=Command, rich_help_panel=panel)(configurable(with_quiet(command)))
app.add_typer(weights_app, name="weights", rich_help_panel=_SETUP)
weights_app.command(cls=Command)(configurable(with_quiet(data.pull)))


def main() -> None:
    """Runs a command; an error that the user can fix ends with one sentence and exit code 2."""
    spell_out_what_cannot_be_encoded()
    try:
        with extras_named():
            app()
    except HilumError as error:
        _fail(error)
    except OSError as error:  # a name that is too long, a missing permission, a full disk
        named = f"{error.filename} cannot be used" if error.filename else "The operating system reported an error"
        _fail(
            HilumError(
                f"{named} ({error.strerror or error}). Give another path, free some space or change permissions."
            )
        )
    except KeyboardInterrupt:
        ERR.quiet = False
        say("Stopped. Features that were already computed are kept in the cache.", ERR)
        sys.exit(130)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    # Without this, matplotlib would keep its font list in the user's configuration folder.
    os.environ.setdefault("MPLCONFIGDIR", str(cache_folder() / "matplotlib"))
    # hilum's matrices are small: the threads of one product mostly wait, so work runs side by side instead.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if version:
        print(f"hilum {__version__}")
        raise typer.Exit


def _fail(error: HilumError) -> None:
    # A field of the options is named as it is spelled on the command line.
    ERR.quiet = False
    said = f"--{error.field.replace('_', '-')} {error.reason}" if isinstance(error, BadOption) else str(error)
    for line in f"Error: {said}".split("\n"):
        say(line, ERR, "red")
    sys.exit(2)
