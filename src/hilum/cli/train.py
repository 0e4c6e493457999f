"""`hilum train` and `hilum export`."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from hilum.cli import flags
from hilum.cli.common import (
    OUT,
    STEPS,
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
from hilum.cli.help import MODELS, OUTPUT, argument, choice, option, switch
from hilum.cli.plans import AUDITING, running
from hilum.errors import HilumError
from hilum.heads.options import DEFAULT_HEAD
from hilum.options import DEFAULT_SCALES
from hilum.storage import sha256_of_file
from hilum.text import printable, seen_from_here


def train(
    context: typer.Context,
    folder: flags.Folder = None,
    table: flags.Table = None,
    groups: flags.Groups = None,
    external: flags.External = None,
    mapped: flags.Mapped = None,
    window: flags.Window = "auto",
    strict: flags.Strict = False,
    crop: flags.Crop = True,
    backbone: Annotated[
        str,
        option(MODELS, "NAME", "Backbone from `hilum backbones`, or timm:NAME.", complete=flags.backbone_names),
    ] = "efficientnet_lite0",
    weights: flags.Weights = None,
    head: flags.Head = DEFAULT_HEAD,
    class_weight: flags.ClassWeight = "none",
    effort: flags.Effort = "fast",
    on: Annotated[
        str, choice(MODELS, ("train", "development", "all"), "Slices to fit on; development is train and valid.")
    ] = "development",
    negative: flags.Negative = "normal",
    look_alike: flags.LookAlike = None,
    floor: flags.Floor = "full",
    out: Annotated[Path, option(OUTPUT, "FOLDER", "Model folder to write.")] = Path("model"),
    overwrite: Annotated[bool, switch(OUTPUT, "--overwrite", "Replace an earlier model in the model folder.")] = False,
    bundle: Annotated[bool, switch(OUTPUT, "--bundle", "Add the weights of the backbone to the model folder.")] = False,
    with_thumbnails: Annotated[
        bool,
        switch(
            OUTPUT,
            "--with-thumbnails",
            "Add small pictures of the training slices, which `hilum explain` shows and anyone with the model can see.",
        ),
    ] = False,
    size: flags.Size = None,
    scales: flags.Scales = DEFAULT_SCALES,
    views: flags.Views = None,
    engine: flags.Engine = "auto",
    random_weights: flags.RandomWeights = False,
    seed: flags.Seed = 0,
    profile: flags.Timed = False,
) -> None:
    """Train a model: a head on a frozen backbone.

    The model folder also holds the limits that decide when the model abstains or calls a slice an outlier, and a model
    card with its scores.

    Example: hilum train slices --backbone densenet169 --out model
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
    STEPS.plan(*AUDITING, *running(backbone))
    slices = read_slices(given)
    elsewhere = read_externals(folders, given, slices.classes, options.negative_among(slices.classes))
    from hilum.training.train import train as train_head  # slow to import, so only once the inputs are checked

    trained = train_head(slices, options, found, external=elsewhere, command=command_line(), track=TRACK)
    trained.write(output)
    place = seen_from_here(out)
    card = f"All its scores, and what its answers are worth: {Path(place, 'card.md')}"
    show_lines([*training_lines(trained.record), card, f"Use it: hilum predict {shlex.quote(place)} PATHS"], OUT)


def export(
    context: typer.Context,
    model: Annotated[Path, argument("MODEL", "Model folder, written by `hilum train`.")],
    weights: flags.Weights = None,
    *,
    out: Annotated[Path, option(OUTPUT, "FILE", "File to write.")],
    to: Annotated[str, option(OUTPUT, "FORMAT", "Format; only onnx is supported.", complete=lambda: ["onnx"])] = "onnx",
    overwrite: Annotated[bool, switch(OUTPUT, "--overwrite", "Replace an earlier file.")] = False,
) -> None:
    """Export a model as one ONNX file.

    The file can be used with the base install, without torch.

    Example: hilum export model --out model.onnx
    """
    from hilum.model.artefact import check_folder
    from hilum.model.open import open_reader
    from hilum.outputs import OutputFile

    if to != "onnx":
        raise HilumError(f"There is no format {to!r}. Use --to onnx.")
    output = context.with_resource(OutputFile(out, overwrite=overwrite))
    check_folder(model)
    open_reader(model, weights, track=TRACK).export(output)
    say(f"Model in one file of {out.stat().st_size / 1e6:.1f} MB: {seen_from_here(out)}")
    say("SHA-256, to check a copy of the file with `sha256sum -c`:")
    OUT.print(f"{sha256_of_file(out)}  {printable(out.name)}", markup=False, highlight=False, soft_wrap=True)
