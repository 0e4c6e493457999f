"""`hilum train` and `hilum export`."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from hilum.cli import flags
from hilum.cli.common import OUT, TRACK, chosen, command_line, read_slices, say, show_lines
from hilum.errors import HilumError


def train(
    context: typer.Context,
    folder: flags.Folder = None,
    table: flags.Table = None,
    backbone: Annotated[str, typer.Option(help="A name that `hilum backbones` lists, or timm:NAME.")] = (
        "efficientnet_lite0"
    ),
    out: Annotated[Path, typer.Option(help="Folder of the model.")] = Path("model"),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier model in the folder.")] = False,
    weights: flags.Weights = None,
    on: Annotated[str, typer.Option(help="Fit on train, development (train and valid), or all.")] = "development",
    bundle: Annotated[bool, typer.Option("--bundle", help="Add the backbone's weights to the model.")] = False,
    with_thumbnails: Annotated[
        bool, typer.Option("--with-thumbnails", help="Add small pictures of the training slices, for all to see.")
    ] = False,
    size: flags.Size = None,
    crop: flags.Crop = True,
    scales: flags.Scales = 2,
    window: flags.Window = "auto",
    engine: flags.Engine = "auto",
    negative: flags.Negative = "normal",
    groups: flags.Groups = None,
    random_weights: flags.RandomWeights = False,
    seed: flags.Seed = 0,
    strict: flags.Strict = False,
) -> None:
    """Train a model to use: a head on a frozen backbone, which knows when not to answer."""
    given = dict(locals())
    from hilum.backbones.zoo import backbone as row_of
    from hilum.model.artefact import MODEL
    from hilum.outputs import OutputFolder
    from hilum.report.model import training_lines
    from hilum.training.options import TrainKeywords, TrainOptions
    from hilum.training.train import train as train_model

    output = context.with_resource(OutputFolder(out, MODEL, overwrite=overwrite))
    options = TrainOptions(backbone=backbone, **chosen(TrainKeywords, given))
    found = options.weights_of(row_of(backbone), weights, TRACK)
    slices = read_slices(given)
    trained = train_model(slices, options, found, command=command_line(), track=TRACK)
    trained.write(output)
    show_lines([*training_lines(trained.record), f"Model: {out}, described in {out / 'card.md'}"], OUT)


def export(
    context: typer.Context,
    model: Annotated[Path, typer.Argument(help="Folder that `hilum train` wrote.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
    to: Annotated[str, typer.Option(help="The format; onnx is the only one.")] = "onnx",
    weights: flags.Weights = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file.")] = False,
) -> None:
    """Hand a model over as one ONNX file, which the base install reads without torch."""
    from hilum.model.artefact import load_model
    from hilum.model.export import onnx_bytes
    from hilum.model.weights import weights_of
    from hilum.outputs import OutputFile

    if to != "onnx":
        raise HilumError(f"There is no format {to!r}; --to takes onnx.")
    output = context.with_resource(OutputFile(out, overwrite=overwrite))
    loaded = load_model(model)
    data = onnx_bytes(loaded, weights_of(loaded, weights, TRACK))
    with output.writing() as made:
        made.write_bytes(data)
    say(f"{out}: {len(data) / 1e6:.1f} MB. Read slices with: hilum predict {out} FILES")
    say("SHA-256, as `sha256sum -c` takes it where the file arrives:")
    say(f"{hashlib.sha256(data).hexdigest()}  {out.name}")
