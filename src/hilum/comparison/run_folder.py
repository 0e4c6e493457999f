"""Writing a run folder: all of it or nothing, and never over what somebody made."""

from hilum.comparison.result import Compared
from hilum.outputs import Kind, OutputFolder, write_json
from hilum.records.comparison import COMPARISON_SCHEMA
from hilum.slices.pixels import thumbnail_of
from hilum.staging import files_in
from hilum.text import plain_path

RUN = Kind("run", "metrics.json", COMPARISON_SCHEMA)
_THUMBNAIL = 256


def write_run(out: OutputFolder, comparison: Compared, command: str | None) -> None:
    """Writes a run folder.

    Args:
        out: An output of the kind `RUN` that is open already.
        comparison: What to write.
        command: What made the run.

    Raises:
        HilumError: The folder cannot be written.
    """
    # Loaded only now: a place for the run is looked for before anything is read.
    from hilum.comparison.record import csv_bytes, history_of, predictions_of, record_of
    from hilum.report.figures import draw_figures
    from hilum.report.html import write_report

    row_of = {plain_path(row.path): row for row in comparison.table.rows}

    def picture(path: str) -> bytes | None:
        return thumbnail_of(comparison.table, row_of[path], _THUMBNAIL, "PNG")

    with out.writing() as folder:
        record = record_of(comparison, command)
        history, predictions = history_of(comparison), predictions_of(comparison)
        for name, rows in (("history", history), ("predictions", predictions)):
            (folder / f"{name}.csv").write_bytes(csv_bytes(rows))
        draw_figures(record, history, folder / "figures")
        write_report(record, history, predictions, picture, folder)
        written = record.model_copy(update={"files": tuple(sorted(files_in(folder) | {RUN.record}))})
        write_json(folder / RUN.record, written.as_json())
