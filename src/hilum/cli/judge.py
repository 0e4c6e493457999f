"""`hilum judge`."""

from pathlib import Path
from typing import Annotated

import typer

from hilum.cli import flags
from hilum.cli.common import (
    OUT,
    STEPS,
    TRACK,
    command_line,
    new_folder,
    put,
    read_slices,
    say_read,
    show,
    show_lines,
    show_profile,
)
from hilum.cli.help import DATA, OUTPUT, SCORING, argument, choice, option, switch
from hilum.cli.plans import JUDGING
from hilum.options import FLOORS


def judge(
    context: typer.Context,
    predictions: Annotated[
        Path,
        argument(
            "PREDICTIONS",
            "CSV, Parquet or .npz file with a path and a probability for each class (or the predicted class), a row a "
            "slice.",
        ),
    ],
    folder: flags.Folder = None,
    table: flags.Table = None,
    groups: flags.Groups = None,
    trained_on: Annotated[
        Path | None,
        option(
            DATA,
            "LIST",
            "Files that the model was trained on: CSV file with a column path (rows that a column split calls test are "
            "left out), or text file with a path a line; by default train and valid of FOLDER or --table.",
        ),
    ] = None,
    mapped: Annotated[
        list[str] | None,
        option(
            DATA,
            "CLASS=CLASS",
            "Class of FOLDER with another name in PREDICTIONS; or with a name of your own, and all classes are read as "
            "two; may be repeated.",
            "--map",
        ),
    ] = None,
    window: flags.Window = "auto",
    strict: flags.Strict = False,
    negative: flags.Negative = "normal",
    look_alike: flags.LookAlike = None,
    floor: Annotated[
        str,
        choice(
            SCORING,
            FLOORS,
            "Floors, trained on what the model was trained on: cheap is simple models of file facts, 32x32 pixels and "
            "the border; full adds EfficientNet-Lite0 on pictures with the lungs blanked.",
        ),
    ] = "full",
    out: Annotated[
        Path | None, option(OUTPUT, "FOLDER", "Run folder to write; by default runs/PREDICTIONS-TIME.")
    ] = None,
    overwrite: Annotated[bool, switch(OUTPUT, "--overwrite", "Replace an earlier run in the folder.")] = False,
    as_json: Annotated[bool, switch(OUTPUT, "--json", "Print metrics.json instead of a table.")] = False,
    seed: flags.Seed = 0,
    profile: flags.Timed = False,
) -> None:
    """Judge predictions that were made elsewhere.

    Scores them as reported, and again without copies and look-alikes of what the model was trained on, with intervals,
    floors and differences between models.

    Example: hilum judge predictions.csv slices
    """
    given = {**locals()}
    if profile:
        context.call_on_close(show_profile)
    from hilum.comparison.run_folder import RUN, write_run
    from hilum.judging.options import JudgeOptions
    from hilum.outputs import OutputFolder, check_outside
    from hilum.scoring.classes import parse_map

    run = out or new_folder("runs", predictions)
    check_outside(run, folder, "folder")
    output = context.with_resource(OutputFolder(run, RUN, overwrite=overwrite))
    options = JudgeOptions(
        mapped=parse_map(mapped or []),
        negative=negative,
        look_alike=look_alike,
        floor=floor,
        seed=seed,
        predictions=predictions,
        trained_on=trained_on,
    )
    STEPS.plan(*JUDGING)
    slices = read_slices(given, complete=False, said=False)
    say_read(slices, split=not slices.split_drawn)
    from hilum.judging.judge import run_judgement
    from hilum.records.comparison import ComparisonRecord
    from hilum.report.audit import severity_lines
    from hilum.report.terminal import closing_lines, summary_table

    judgement = run_judgement(predictions, slices, options, trained_on=trained_on, track=TRACK)
    show_lines([*severity_lines(judgement.audit.record), *judgement.audit.notes, *judgement.notes])
    write_run(output, judgement, command_line(), TRACK)
    metrics = (run / "metrics.json").read_bytes()
    if as_json:
        put(metrics)
        return
    record = ComparisonRecord.read(metrics, str(run))
    show(summary_table(record))
    show_lines(closing_lines(record, run), OUT)
