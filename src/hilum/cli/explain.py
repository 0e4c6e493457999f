"""`hilum explain`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hilum.cli import flags
from hilum.cli.common import ERR, OUT, TRACK, put, show_lines


def explain(
    context: typer.Context,
    model: flags.Model,
    file: Annotated[Path, typer.Argument(help="Slice to explain: PNG, JPEG or DICOM.")],
    out: Annotated[
        Path | None, typer.Option(help="Picture to write; by default FILE-explained.png in the current folder.")
    ] = None,
    overwrite: Annotated[bool, flags.switch("--overwrite", "Replace an earlier picture.")] = False,
    as_json: Annotated[bool, flags.switch("--json", "Also print the explanation as JSON.")] = False,
    method: Annotated[
        str | None,
        typer.Option(
            help="Map to draw: linear, gradcam, gradcam++, gradcamelementwise, hirescam, layercam, xgradcam or "
            "scorecam, which takes minutes; by default the model's own."
        ),
    ] = None,
    frame: Annotated[int | None, typer.Option(help="Frame number (1-based) in a multi-frame file.")] = None,
    training_folder: Annotated[
        Path | None,
        typer.Option(
            help="Folder that the model was trained on, to show pictures of the nearest slices; "
            "otherwise those saved by `hilum train --with-thumbnails`, if any."
        ),
    ] = None,
    weights: flags.Weights = None,
    window: flags.ModelWindow = None,
) -> None:
    """Explain the prediction on one slice.

    Draws a map of what the prediction rests on, next to the nearest training slices. These are shown as pictures only
    with --training-folder or if the model has thumbnails.
    """
    from hilum.explain.output import place_for
    from hilum.explain.session import check_asked, explain_file
    from hilum.model.open import open_reader
    from hilum.outputs import OutputFile
    from hilum.predict.inputs import Input

    check_asked(method, window, training_folder)
    place = place_for(file, frame, out)
    output = context.with_resource(OutputFile(place, overwrite=overwrite))
    explanation = explain_file(
        open_reader(model, weights, track=TRACK),
        model,
        file,
        method=method,
        frame=frame,
        window=window,
        training_folder=training_folder,
        weights=weights,
        track=TRACK,
    )
    with output.writing() as made:
        made.write_bytes(explanation.picture)
    if as_json:
        put(json.dumps(explanation.as_json(), allow_nan=False).encode() + b"\n")
    row = explanation.row
    answer = f"{row.label or row.decision}: {row.reason}."
    lines = (answer, *explanation.remarks, f"Picture: {Input(str(place)).name}")
    show_lines(lines, ERR if as_json else OUT)
