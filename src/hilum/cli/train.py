"""`hilum train` and `hilum export`."""

from pathlib import Path
from typing import Annotated

import typer

from hilum.cli import flags
from hilum.cli.common import (
    OUT,
    TRACK,
    chosen,
    command_line,
    named_views,
    read_externals,
    read_slices,
    say,
    show_lines,
    show_profile,
)
from hilum.errors import HilumError
from hilum.heads.options import DEFAULT_HEAD
from hilum.options import DEFAULT_SCALES
from hilum.storage import sha256_of_file


def train(
    context: typer.Context,
    folder: flags.Folder = None,
    table: flags.Table = None,
    backbone: Annotated[str, typer.Option(help="Backbone name from `hilum backbones`, or timm:NAME.")] = (
        "efficientnet_lite0"
    ),
    out: Annotated[Path, typer.Option(help="Model folder to write.")] = Path("model"),
    overwrite: Annotated[bool, flags.switch("--overwrite", "Replace an earlier model in the model folder.")] = False,
    weights: flags.Weights = None,
    on: Annotated[
        str, typer.Option(help="Slices to fit on: train, development (train and valid) or all.")
    ] = "development",
    bundle: Annotated[bool, flags.switch("--bundle", "Add the weights of the backbone to the model folder.")] = False,
    with_thumbnails: Annotated[
        bool,
        flags.switch(
            "--with-thumbnails",
            "Add small pictures of the training slices, which `hilum explain` shows and anyone with the model can see.",
        ),
    ] = False,
    size: flags.Size = None,
    crop: flags.Crop = True,
    scales: flags.Scales = DEFAULT_SCALES,
    effort: flags.Effort = "fast",
    views: flags.Views = None,
    window: flags.Window = "auto",
    engine: flags.Engine = "auto",
    head: flags.Head = DEFAULT_HEAD,
    class_weight: flags.ClassWeight = "none",
    negative: flags.Negative = "normal",
    groups: flags.Groups = None,
    look_alike: flags.LookAlike = None,
    random_weights: flags.RandomWeights = False,
    floor: flags.Floor = "full",
    external: flags.External = None,
    mapped: flags.Mapped = None,
    seed: flags.Seed = 0,
    strict: flags.Strict = False,
    profile: flags.Timed = False,
) -> None:
    """Train a model: a head on a frozen backbone.

    The model folder also holds the limits that decide when the model abstains or calls a slice an outlier, and a model
    card with its scores.
    """
    given = {**locals(), "views": named_views(views)}
    if profile:
        context.call_on_close(show_profile)
    from hilum.backbones.zoo import backbone as backbone_named
    from hilum.comparison.external import parse_external
    from hilum.model.artefact import MODEL
    from hilum.outputs import OutputFolder
    from hilum.report.model import training_lines
    from hilum.training.options import TrainKeywords, TrainOptions

    output = context.with_resource(OutputFolder(out, MODEL, overwrite=overwrite))
    options = TrainOptions(backbone=backbone, **chosen(TrainKeywords, given))
    found = options.weights_of(backbone_named(backbone), weights, TRACK)
    folders = parse_external(external or [], mapped or [])
    slices = read_slices(given)
    elsewhere = read_externals(folders, given, slices.classes, options.negative_among(slices.classes))
    from hilum.training.train import train as train_head  # slow to import, so only once the inputs are checked

    trained = train_head(slices, options, found, external=elsewhere, command=command_line(), track=TRACK)
    trained.write(output)
    show_lines([*training_lines(trained.record), f"Model: {out}, described in {out / 'card.md'}"], OUT)


def export(
    context: typer.Context,
    model: Annotated[Path, typer.Argument(help="Model folder, written by `hilum train`.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
    to: Annotated[str, typer.Option(help="Format; only onnx is supported.")] = "onnx",
    weights: flags.Weights = None,
    overwrite: Annotated[bool, flags.switch("--overwrite", "Replace an earlier file.")] = False,
) -> None:
    """Export a model as one ONNX file.

    The file can be used with the base install, without torch.
    """
    from hilum.model.artefact import check_folder
    from hilum.model.open import open_reader
    from hilum.outputs import OutputFile

    if to != "onnx":
        raise HilumError(f"There is no format {to!r}. Use --to onnx.")
    output = context.with_resource(OutputFile(out, overwrite=overwrite))
    check_folder(model)
    open_reader(model, weights, track=TRACK).export(output)
    say(f"{out}: {out.stat().st_size / 1e6:.1f} MB. Use it with: hilum predict {out} FILES")
    say("SHA-256, to check a copy of the file with `sha256sum -c`:")
    say(f"{sha256_of_file(out)}  {out.name}")
