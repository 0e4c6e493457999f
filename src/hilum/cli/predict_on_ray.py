"""`hilum predict --runner ray`."""

import sys
from importlib.util import find_spec
from pathlib import Path

import typer

from hilum.cli.common import ERR, TRACK, say, show_line, show_lines
from hilum.errors import HilumError, MissingExtra
from hilum.text import seen_from_here


def predict_on_ray(
    model: Path,
    paths: list[str],
    out: str | None,
    printed: bool,
    window: str | None,
    weights: Path | None,
    coverage: float | None,
    risk: float | None,
    threads: int | None,
    max_errors: int | None,
    hash_names: bool,
    strict: bool,
) -> None:
    """Predicts on a Ray cluster.

    The arguments are those of the command; `printed` is whether it was asked to print rows.

    Raises:
        HilumError: Rows would have to be printed, or the job cannot begin or go on.
        MissingExtra: A package of the extra `ray` is not installed.
    """
    if out is None or printed:
        raise HilumError("--runner ray writes Parquet files: give --out a folder, and neither --json nor --csv.")
    for package in ("ray", "pyarrow"):
        if find_spec(package) is None:
            raise MissingExtra(package, "ray")
    from hilum.cluster.session import predict_job
    from hilum.predict.terminal import closing_lines

    try:
        outcome = predict_job(
            model,
            paths,
            out,
            stdin=sys.stdin.buffer,
            window=window,
            weights=weights,
            coverage=coverage,
            risk=risk,
            threads=threads,
            max_errors=max_errors,
            hash_names=hash_names,
            say=show_line,
            track=TRACK,
        )
    except KeyboardInterrupt:
        say(f"Stopped. Run again to resume; the rows so far are in {seen_from_here(out)}", ERR)
        raise typer.Exit(130) from None
    about = [outcome.facts.thresholds.about_answers] if coverage is None and risk is None else []
    place = seen_from_here(out).rstrip("/")
    show_lines([*about, *closing_lines(outcome.tally, outcome.unreadable, 0, None, outcome.limits)])
    show_line(f"The rows are in {place}/rows; errors.csv and manifest.json are beside them.")
    if hash_names:
        show_line(f"{place}/job.json and {place}/inputs name the files: share rows and errors.csv alone.")
    if strict and outcome.tally.decisions["unreadable"]:
        raise typer.Exit(1)
