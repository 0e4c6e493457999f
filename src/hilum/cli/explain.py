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
    from hilum.explain.explanation import explain as explain_frame
    from hilum.explain.explanation import frame_of
    from hilum.explain.methods import check_method, default_method, method_of
    from hilum.explain.neighbours import check_training_folder, shown
    from hilum.explain.output import place_for
    from hilum.explain.picture import draw
    from hilum.model.open import open_model
    from hilum.outputs import OutputFile
    from hilum.predict.inputs import Input
    from hilum.report.words import warnings_of
    from hilum.slices.windows import check_window
    from hilum.trust.abstention import Limits

    check_method(method)
    if window is not None:
        check_window(window)
    check_training_folder(training_folder)
    place = place_for(file, frame, out)
    output = context.with_resource(OutputFile(place, overwrite=overwrite))
    reader = open_model(model, weights, track=TRACK)
    facts = reader.facts
    chosen = method_of(method, facts, model)
    picture = frame_of(file, window or facts.preparation.window, frame)
    mapper = None
    if chosen != default_method(facts):
        from hilum.explain.gradients import gradient_mapper

        mapper = gradient_mapper(model, weights, chosen, TRACK)
    limits = Limits.of(facts)
    explanation = explain_frame(reader, picture, Input(str(file)).name, limits, chosen, mapper)
    pictures = [shown(one, facts, model, training_folder) for one in explanation.neighbours]
    with output.writing() as made:
        made.write_bytes(draw(explanation, limits, pictures, warnings_of(facts)))
    if as_json:
        put(json.dumps(explanation.as_json(), allow_nan=False).encode() + b"\n")
    row = explanation.row
    answer = f"{row.label or row.decision}: {row.reason}."
    lines = (answer, *explanation.remarks, f"Picture: {seen_from_here(Input(str(place)).name)}")
    show_lines(lines, ERR if as_json else OUT)
