"""`hilum evaluate`."""

from pathlib import Path
from typing import Annotated

import typer

from hilum.cli import flags
from hilum.cli.common import STEPS, TRACK, command_line, new_folder, show_line, show_profile, show_record
from hilum.cli.help import DATA, OUTPUT, SCORING, argument, option, switch
from hilum.cli.plans import EVALUATING
from hilum.text import seen_from_here


def evaluate(
    context: typer.Context,
    model: flags.Model,
    folder: Annotated[
        Path | None,
        argument("FOLDER", "Folder of slices: a folder per class, with or without splits; optional with --table."),
    ] = None,
    table: Annotated[
        Path | None, option(DATA, "FILE", "CSV file with columns path, label and optionally group.")
    ] = None,
    groups: flags.Groups = None,
    mapped: Annotated[
        list[str] | None,
        option(DATA, "CLASS=CLASS", "Class of FOLDER with another name in the model; may be repeated.", "--map"),
    ] = None,
    window: flags.ModelWindow = None,
    strict: flags.Strict = False,
    weights: flags.Weights = None,
    negative: Annotated[
        str | None,
        option(
            SCORING,
            "CLASS",
            "Score only two classes: this one, and all others together. In other commands, --negative keeps all "
            "classes.",
        ),
    ] = None,
    look_alike: flags.LookAlike = None,
    out: Annotated[
        Path | None, option(OUTPUT, "FOLDER", "Evaluation folder to write; by default runs/MODEL-FOLDER-TIME.")
    ] = None,
    overwrite: Annotated[bool, switch(OUTPUT, "--overwrite", "Replace an earlier evaluation in the folder.")] = False,
    to_card: Annotated[
        bool, switch(OUTPUT, "--to-card", "Also add the figures to the card of the model folder.")
    ] = False,
    as_json: Annotated[bool, switch(OUTPUT, "--json", "Print metrics.json instead of a summary.")] = False,
    seed: flags.Seed = 0,
    profile: flags.Timed = False,
) -> None:
    """Score a trained model on another labelled set.

    Writes scores with intervals, next to those in the model, which are of slices held out in training. Slices that the
    model was trained on are left out.

    Example: hilum evaluate model elsewhere --map malignant=adenocarcinoma
    """
    if profile:
        context.call_on_close(show_profile)
    from hilum.evaluation.card import add_to_card, check_card
    from hilum.evaluation.evaluate import evaluate_model
    from hilum.evaluation.run_folder import EVALUATION, write_evaluation_to
    from hilum.model.open import open_reader
    from hilum.options import check_likeness, check_seed
    from hilum.outputs import OutputFolder
    from hilum.report.evaluation import terminal_lines
    from hilum.scoring.classes import parse_map
    from hilum.slices.table import read_labelled

    place = out or new_folder("runs", model, folder or table)
    output = context.with_resource(OutputFolder(place, EVALUATION, overwrite=overwrite))
    if to_card:
        check_card(model)
    meant = parse_map(mapped or [])
    check_seed(seed)
    check_likeness(look_alike)
    reader = open_reader(model, weights, track=TRACK)
    window = window or reader.facts.preparation.window
    STEPS.plan(*EVALUATING)
    slices = read_labelled(folder, table=table, groups=groups, window=window, strict=strict, say=show_line, track=TRACK)
    evaluation = evaluate_model(
        reader,
        slices,
        mapped=meant,
        negative=negative,
        look_alike=look_alike,
        seed=seed,
        command=command_line(),
        track=TRACK,
    )
    lacking = write_evaluation_to(output, evaluation)
    if to_card:
        add_to_card(model, evaluation.record)
    report = f"Report: {seen_from_here(place / 'report.html')}"
    last = f"Evaluation: {seen_from_here(place)}, without its report. {lacking}" if lacking else report
    show_record(place / "metrics.json", as_json, [*terminal_lines(evaluation.record), last])
