"""`hilum explain`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hilum.cli import flags
from hilum.cli.common import ERR, OUT, TRACK, put, show_lines
from hilum.cli.help import DATA, MODELS, OUTPUT, argument, choice, option, switch
from hilum.text import seen_from_here

METHODS = (  # `hilum.explain.methods`, which takes long to load
    *("linear", "gradcam", "gradcam++", "gradcamelementwise", "hirescam", "layercam", "xgradcam", "scorecam"),
)


def explain(
    context: typer.Context,
    model: flags.Model,
    file: Annotated[Path, argument("FILE", "Slice to explain: PNG, JPEG or DICOM.")],
    frame: Annotated[int | None, option(DATA, "NUMBER", "Frame number (1-based) in a multi-frame file.")] = None,
    window: flags.ModelWindow = None,
    training_folder: Annotated[
        Path | None,
        option(
            DATA,
            "FOLDER",
            "Folder that the model was trained on, to show pictures of the nearest slices; by default those that the "
            "model has, if any.",
        ),
    ] = None,
    weights: flags.Weights = None,
    method: Annotated[
        str | None,
        choice(MODELS, METHODS, "Map to draw; scorecam takes minutes; by default the model's own."),
    ] = None,
    out: Annotated[
        Path | None, option(OUTPUT, "FILE", "Picture to write; by default FILE-explained.png in the current folder.")
    ] = None,
    overwrite: Annotated[bool, switch(OUTPUT, "--overwrite", "Replace an earlier picture.")] = False,
    as_json: Annotated[bool, switch(OUTPUT, "--json", "Also print the explanation as JSON.")] = False,
) -> None:
    """Explain the prediction on one slice.

    Draws a map of what the prediction rests on, next to the nearest training slices. These are shown as pictures only
    with --training-folder or if the model was trained with --with-thumbnails.

    Example: hilum explain model slice.png --out explained.png
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
        file,
        method=method,
        frame=frame,
        window=window,
        training_folder=training_folder,
        track=TRACK,
    )
    with output.writing() as made:
        made.write_bytes(explanation.picture)
    if as_json:
        put(json.dumps(explanation.as_json(), allow_nan=False).encode() + b"\n")
    lines = (explanation.answer, *explanation.remarks, f"Picture: {seen_from_here(Input(str(place)).name)}")
    show_lines(lines, ERR if as_json else OUT)
