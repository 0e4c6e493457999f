"""The command line: one thin function a command."""

import os
import sys
from typing import Annotated

import typer

from hilum.cli import audit, compare, data, evaluate, explain, predict, serve, train
from hilum.cli.common import ERR, say, spell_out_what_cannot_be_encoded
from hilum.errors import BadOption, HilumError, MissingExtra
from hilum.storage import cache_folder
from hilum.versions import __version__

# Top-level modules of the extras: where one is missing, the user is told what to install.
_EXTRAS = {
    "train": "torch torchvision timm huggingface_hub onnx "
    "sklearn scipy threadpoolctl pandas matplotlib jinja2 kagglehub crepes pytorch_grad_cam cv2 ttach",
    "serve": "fastapi starlette uvicorn h11 python_multipart prometheus_client",
}

app = typer.Typer(
    help="Compare pretrained networks on chest CT slices, and know what the scores are worth. Research use only.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
weights_app = typer.Typer(help="Weights of the backbones.", no_args_is_help=True)
app.add_typer(weights_app, name="weights")

for command in (
    *(compare.compare, audit.audit, train.train, predict.predict, explain.explain, evaluate.evaluate, train.export),
    serve.serve,
    *(data.phantom, data.fetch, data.backbones, data.cache),
):
    app.command()(command)
weights_app.command()(data.pull)


def main() -> None:
    """Runs a command; what a user can mend ends in a sentence and exit code 2."""
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
    except OSError as error:  # a name too long, a place that may not be looked at, a full disk
        named = f"{error.filename} cannot be used" if error.filename else "The system refused something"
        _fail(
            HilumError(f"{named} ({error.strerror or error}). Give another path, or make room or leave for this one.")
        )
    except KeyboardInterrupt:
        say("Stopped. What was computed so far stays in the cache.", ERR)
        sys.exit(130)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False,
) -> None:
    # Else matplotlib keeps its list of fonts in a folder of its own.
    os.environ.setdefault("MPLCONFIGDIR", str(cache_folder() / "matplotlib"))
    if version:
        print(f"hilum {__version__}")
        raise typer.Exit


def _fail(error: HilumError) -> None:
    # A field of the options is named as the command line takes it.
    said = f"--{error.field.replace('_', '-')} {error.reason}" if isinstance(error, BadOption) else str(error)
    for line in f"Error: {said}".split("\n"):
        say(line, ERR, "red")
    sys.exit(2)
