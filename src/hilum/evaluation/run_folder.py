"""The run folder of an evaluation: metrics.json, config.json, predictions.csv, the report and the figures."""

from pathlib import Path

from hilum.errors import MissingExtra
from hilum.evaluation import contents
from hilum.evaluation.result import Evaluation
from hilum.outputs import Kind, OutputFolder, write_json, write_text
from hilum.records.config import CONFIG
from hilum.records.evaluation import EVALUATION_SCHEMA
from hilum.staging import files_in
from hilum.text import csv_line

# Earlier evaluations, which list no files, have a report.md.
EVALUATION = Kind("evaluation", "metrics.json", EVALUATION_SCHEMA, frozenset({"predictions.csv", "report.md"}))


def write_evaluation(evaluation: Evaluation, folder: str | Path, *, overwrite: bool = False) -> Path:
    """Writes an evaluation to a folder.

    Args:
        evaluation: The evaluation.
        folder: New or empty folder; with `overwrite`, also the folder of an earlier evaluation without other files.
        overwrite: Whether to replace an earlier evaluation.

    Raises:
        HilumError: The folder holds something that must not be overwritten, or cannot be written.
    """
    with OutputFolder(folder, EVALUATION, overwrite=overwrite) as out:
        write_evaluation_to(out, evaluation)
    return out.place


def write_evaluation_to(out: OutputFolder, evaluation: Evaluation) -> str | None:
    """Writes an evaluation to an open output of the kind `EVALUATION`.

    Returns:
        Why there is no report, which needs packages that the base install lacks; None if there is one.
    """
    lacking = None
    with out.writing() as made:
        lines = (csv_line([*map(_cell, one)]) for one in (contents.columns(evaluation), *contents.cells(evaluation)))
        (made / "predictions.csv").write_bytes(b"".join(lines))
        write_json(made / CONFIG, evaluation.config.as_json())
        try:
            _write_report(evaluation, made)
        except MissingExtra as error:
            lacking = str(error)
        files = tuple(sorted(files_in(made) | {EVALUATION.record}))
        write_json(made / EVALUATION.record, evaluation.record.model_copy(update={"files": files}).as_json())
    return lacking


def _write_report(evaluation: Evaluation, folder: Path) -> None:
    charts = contents.charts(evaluation)
    from hilum.report.style import write_figures  # not in the base install

    svgs = write_figures(charts, folder / "figures")
    write_text(folder / "report.html", contents.page(evaluation, svgs))


def _cell(value: str | float | None) -> str | None:
    return f"{value:.6g}" if isinstance(value, float) else value
