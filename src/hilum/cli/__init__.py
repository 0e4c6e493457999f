"""The command line: one module per command."""

import os
import sys
from typing import Annotated

import typer

from hilum.cli import audit, compare, data, evaluate, explain, flags, predict, serve, train
from hilum.cli.common import ERR, say, spell_out_what_cannot_be_encoded
from hilum.cli.config import configurable
from hilum.errors import BadOption, HilumError, MissingExtra
from hilum.storage import cache_folder
from hilum.versions import __version__

# Top-level modules of each extra: if one is missing, the error names the extra to install.
_EXTRAS = {
    "train": "torch torchvision timm huggingface_hub onnx "
    "sklearn scipy threadpoolctl pandas matplotlib jinja2 kagglehub pytorch_grad_cam cv2 ttach",
    "serve": "fastapi starlette uvicorn h11 python_multipart prometheus_client",
}

app = typer.Typer(
    help="Compare pretrained networks on chest CT slices, and know what the scores are worth. Research use only.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
weights_app = typer.Typer(help="Manage backbone weights.", no_args_is_help=True)

_SETUP = "Set-up"
for panel, commands in {
    "Make a model": (audit.audit, compare.compare, train.train, evaluate.evaluate, train.export),
    "Use a model": (predict.predict, explain.explain, serve.serve),
    "Data": (data.phantom, data.fetch),
    _SETUP: (data.backbones, data.cache),
}.items():
    for command in commands:
        app.command(rich_help_panel=panel)(configurable(command))
app.add_typer(weights_app, name="weights", rich_help_panel=_SETUP)
weights_app.command()(configurable(data.pull))


def main() -> None:
    """Runs a command; an error that the user can fix ends with one sentence and exit code 2."""
    spell_out_what_cannot_be_encoded()
    try:
        app()
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        extra = next((extra for extra, modules in _EXTRAS.items() if package in modules.split()), None)
        if extra is None:
            raise
        _fail(MissingExtra(package, extra))
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
        say("Stopped. Features that were already computed are kept in the cache.", ERR)
        sys.exit(130)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, flags.switch("--version", "Show the version and exit.")] = False,
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
    said = f"--{error.field.replace('_', '-')} {error.reason}" if isinstance(error, BadOption) else str(error)
    for line in f"Error: {said}".split("\n"):
        say(line, ERR, "red")
    sys.exit(2)
