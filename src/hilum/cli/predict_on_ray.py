"""`hilum predict --runner ray`."""

import sys
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import typer

from hilum.cli.common import TRACK, show_line, show_lines, stoppable
from hilum.errors import HilumError, MissingExtra
from hilum.text import seen_from_here


def predict_on_ray(given: Mapping[str, Any]) -> None:
    """Predicts on a Ray cluster, as the parameters of the command say.

    Raises:
        HilumError: Rows would have to be printed, or the job cannot begin or go on.
        MissingExtra: A package of the extra `ray` is not installed.
    """
    out, named = given["out"], ("window", "weights", "coverage", "risk", "threads", "max_errors", "hash_names")
    if out is None or given["as_json"] or given["as_csv"]:
        raise HilumError("--runner ray writes Parquet files: give --out a folder, and neither --json nor --csv.")
    for package in ("ray", "pyarrow"):
        if find_spec(package) is None:
            raise MissingExtra(package, "ray")
    from hilum.cluster.session import predict_job
    from hilum.predict.terminal import closing_lines

    with stoppable(f"Run again to resume; the rows so far are in {seen_from_here(out)}"):
        outcome = predict_job(
            given["model"],
            given["paths"],
            out,
            stdin=sys.stdin.buffer,
            **{name: given[name] for name in named},
            say=show_line,
            track=TRACK,
        )
    about = [outcome.facts.thresholds.about_answers] if given["coverage"] is None and given["risk"] is None else []
    place = seen_from_here(out).rstrip("/")
    show_lines([*about, *closing_lines(outcome.tally, outcome.unreadable, 0, None, outcome.limits)])
    show_line(f"The rows are in {place}/rows; errors.csv and manifest.json are beside them.")
    if given["hash_names"]:
        show_line(f"{place}/job.json and {place}/inputs name the files: share rows and errors.csv alone.")
    if given["strict"] and outcome.tally.decisions["unreadable"]:
        raise typer.Exit(1)
