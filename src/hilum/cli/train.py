"""`hilum train` and `hilum export`."""

import hashlib
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from hilum.cli.common import ERR, GroupsOption, StrictOption, WeightsOption, WindowOption, say, show_line
from hilum.errors import HilumError
from hilum.progress import tracker_for


def train(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="Folder with the slices.", show_default=False)] = None,
    table: Annotated[Path | None, typer.Option(help="CSV file: path,label and, if wanted, split,group.")] = None,
    backbone: Annotated[str, typer.Option(help="A name that `hilum backbones` lists, or timm:NAME.")] = (
        "efficientnet_lite0"
    ),
    out: Annotated[Path, typer.Option(help="Folder of the model.")] = Path("model"),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier model in the folder.")] = False,
    weights: WeightsOption = None,
    on: Annotated[str, typer.Option(help="Fit on train, development (train and valid), or all.")] = "development",
    bundle: Annotated[bool, typer.Option("--bundle", help="Add the backbone's weights to the model.")] = False,
    with_thumbnails: Annotated[
        bool, typer.Option("--with-thumbnails", help="Add small pictures of the training slices, for all to see.")
    ] = False,
    size: Annotated[int | None, typer.Option(help="Input side in pixels instead of the backbone's own.")] = None,
    crop: Annotated[bool, typer.Option(" /--no-crop", help="Use slices whole instead of cropped to the body.")] = True,
    scales: Annotated[int, typer.Option(help="Of the backbone, the last 1 or 2 that features come from.")] = 2,
    window: WindowOption = "auto",
    engine: Annotated[
        str, typer.Option(help="onnxruntime, torch, or auto: torch on a GPU, else onnxruntime.")
    ] = "auto",
    negative: Annotated[str, typer.Option(help="The class that is no cancer.")] = "normal",
    groups: GroupsOption = None,
    random_weights: Annotated[
        bool, typer.Option("--random-weights", help="Leave the backbone random, to try out.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 0,
    strict: StrictOption = False,
) -> None:
    """Train a model to use: a head on a frozen backbone, which knows when not to answer."""
    from hilum.model.artefact import MODEL
    from hilum.model.fitting import train_model
    from hilum.outputs import OutputFolder
    from hilum.report.model import training_lines
    from hilum.slices.table import read_table

    output = context.with_resource(OutputFolder(out, MODEL, overwrite=overwrite))
    track = tracker_for(ERR)
    slices = read_table(
        folder, table=table, groups=groups, window=window, seed=seed, strict=strict, say=show_line, track=track
    )
    trained = train_model(
        slices,
        backbone,
        weights=weights,
        random_weights=random_weights,
        on=on,
        bundle=bundle,
        with_thumbnails=with_thumbnails,
        size=size,
        crop=crop,
        scales=scales,
        engine=engine,
        negative=negative,
        seed=seed,
        command=shlex.join(["hilum", *sys.argv[1:]]),
        track=track,
    )
    trained.write(output)
    for line in [*training_lines(trained.record), f"Model: {out}, described in {out / 'card.md'}"]:
        say(line)


def export(
    context: typer.Context,
    model: Annotated[Path, typer.Argument(help="Folder that `hilum train` wrote.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
    to: Annotated[str, typer.Option(help="The format; onnx is the only one.")] = "onnx",
    weights: WeightsOption = None,
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
    data = onnx_bytes(loaded, weights_of(loaded, weights, tracker_for(ERR)))
    with output.writing() as made:
        made.write_bytes(data)
    say(f"{out}: {len(data) / 1e6:.1f} MB. Read slices with: hilum predict {out} FILES")
    say("SHA-256, as `sha256sum -c` takes it where the file arrives:")
    say(f"{hashlib.sha256(data).hexdigest()}  {out.name}")
