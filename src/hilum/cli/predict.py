"""`hilum predict`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from hilum.cli import flags
from hilum.cli.common import ROWS, TRACK, put, say, show_lines, stoppable
from hilum.cli.help import ADVANCED, DATA, OUTPUT, SCORING, argument, choice, option, switch
from hilum.options import check_name, check_within
from hilum.progress import silent
from hilum.text import seen_from_here

_RUNNERS = ("local", "ray")
_STYLES = {"abstain": "yellow", "outlier": "magenta", "unreadable": "red"}


def predict(
    model: flags.Model,
    paths: Annotated[
        list[str],
        argument(
            "PATHS...",
            "Files, folders, quoted patterns, .txt or .lst files of paths, or - for paths on standard input.",
        ),
    ],
    window: flags.ModelWindow = None,
    strict: Annotated[
        bool,
        switch(DATA, "--strict", "Exit with code 1 if a slice cannot be read; unrelated to the strict protocol."),
    ] = False,
    weights: flags.Weights = None,
    coverage: Annotated[
        float | None,
        option(
            SCORING,
            "SHARE",
            "Share of slices to answer, from 0 to 1, as measured on slices held out in training; by default the "
            "model's own limit decides.",
        ),
    ] = None,
    risk: Annotated[
        float | None,
        option(
            SCORING,
            "SHARE",
            "Share of answers that may be wrong, from 0 to 1, measured in the same way; not together with --coverage.",
        ),
    ] = None,
    out: Annotated[
        str | None,
        option(
            OUTPUT,
            "OUT",
            "CSV or JSON Lines file to write, which a second run resumes; by default rows are printed. With --runner "
            "ray, a folder or s3://BUCKET/FOLDER of Parquet files.",
        ),
    ] = None,
    as_json: Annotated[bool, switch(OUTPUT, "--json", "Print one JSON object per slice.")] = False,
    as_csv: Annotated[bool, switch(OUTPUT, "--csv", "Print one CSV row per slice.")] = False,
    hash_names: Annotated[bool, switch(OUTPUT, "--hash-names", "Write pseudonyms instead of file names.")] = False,
    max_errors: Annotated[
        int | None,
        option(DATA, "NUMBER", "Stop once more slices than this cannot be read; by default all are tried."),
    ] = None,
    runner: Annotated[
        str,
        choice(
            ADVANCED,
            _RUNNERS,
            "Where slices are read and answered: local is this process; ray is all cores of this machine, or the Ray "
            "cluster whose HOST:PORT is in the environment variable RAY_ADDRESS. Starting Ray takes some seconds, so "
            "local is quicker below some thousand slices (docs/scale.md has figures).",
        ),
    ] = "local",
    threads: Annotated[
        int | None,
        option(
            ADVANCED,
            "NUMBER",
            "Threads of each network; by default one per core, and with --runner ray at most four.",
        ),
    ] = None,
) -> None:
    """Predict the class of slices.

    The model abstains where it is not sure enough, and marks slices unlike its training slices as outliers.

    Example: hilum predict model slices --out rows.csv
    """
    check_name("runner", runner, _RUNNERS)
    _check_numbers(threads, max_errors)
    if runner == "ray":
        from hilum.cli.predict_on_ray import predict_on_ray

        predict_on_ray(locals())
        return
    from hilum.predict.ahead import start_processes

    start_processes(model, threads)
    from hilum.model.open import open_reader
    from hilum.predict.inputs import check_named, hidden_lines
    from hilum.predict.output import head, line
    from hilum.predict.resume import check_rows
    from hilum.predict.rows import Row
    from hilum.predict.session import format_for, predict_files
    from hilum.predict.terminal import closing_lines, table_head, table_line
    from hilum.slices.windows import check_window
    from hilum.trust.abstention import Limits

    if window is not None:
        check_window(window)
    check_named(paths)
    file = None if out is None else Path(out)
    format = format_for(file, as_json, as_csv)
    if file is not None:
        check_rows(file)
    reader = open_reader(model, weights, threads=threads, track=TRACK)
    show_lines(hidden_lines(paths))
    facts = reader.facts
    limits = Limits.of(facts, coverage, risk)

    def show(row: Row) -> None:
        if format is not None:
            put(line(row, format, facts.classes))
        else:
            style = _STYLES.get(row.decision, "")
            say(table_line(row, facts.classes), ROWS, style)

    if out is None and format is not None:
        put(head(format, facts.classes))
    elif out is None:
        say(table_head(facts.classes), ROWS, "bold")
    above = "The rows so far are above."
    with stoppable(above if out is None else f"Run again to resume; the rows so far are in {seen_from_here(out)}"):
        outcome = predict_files(
            reader,
            paths,
            show,
            limits=limits,
            stdin=sys.stdin.buffer,
            window=window,
            out=file,
            format=format or "json",
            hash_names=hash_names,
            max_errors=max_errors,
            track=silent if out is None and ROWS.is_terminal else TRACK,  # a bar would run through the rows
        )
    about = [facts.thresholds.about_answers] if coverage is None and risk is None else []
    named = () if out is None and format is None else outcome.unreadable  # by the table already
    show_lines([*outcome.notes, *about, *closing_lines(outcome.tally, named, outcome.earlier, file, limits)])
    if strict and outcome.tally.decisions["unreadable"]:
        raise typer.Exit(1)


def _check_numbers(threads: int | None, max_errors: int | None) -> None:
    if threads is not None:
        check_within("threads", threads, 1)
    if max_errors is not None:
        check_within("max_errors", max_errors, 0)
