"""Writing a run folder: completely or not at all, and never over foreign files."""

from typing import TYPE_CHECKING

from hilum.outputs import Kind, OutputFolder, write_json, write_text
from hilum.progress import Tracker, silent
from hilum.records.comparison import COMPARISON_SCHEMA
from hilum.records.config import CONFIG
from hilum.staging import files_in

if TYPE_CHECKING:
    from hilum.comparison.run import Run

RUN = Kind("run", "metrics.json", COMPARISON_SCHEMA)


def write_run(out: OutputFolder, run: "Run", command: str | None, track: Tracker = silent) -> None:
    """Writes a run folder.

    Args:
        out: Open output of the kind `RUN`.
        run: The comparison, or the judgement.
        command: Command that made the run.
        track: Progress display.

    Raises:
        HilumError: The folder cannot be written.
    """
    # Imported here, because the command opens its output before it loads anything heavy.
    from hilum.comparison.probabilities import PROBABILITIES, parquet_bytes
    from hilum.comparison.record import csv_bytes
    from hilum.report.figures import draw_figures
    from hilum.report.html import report_page
    from hilum.report.paper import write_results

    with out.writing() as folder:
        record = run.recorded(command)
        history, probabilities = run.history(), run.probabilities()
        for name, rows in (("history", history), ("predictions", run.predictions())):
            (folder / f"{name}.csv").write_bytes(csv_bytes(rows))
        (folder / PROBABILITIES).write_bytes(parquet_bytes(probabilities))
        svgs = draw_figures(record, history, probabilities, folder / "figures", track)
        write_results(record, folder)
        write_json(folder / CONFIG, run.config.as_json())
        write_text(folder / "report.html", report_page(record, history, probabilities, svgs, run.picture))
        written = record.model_copy(update={"files": tuple(sorted(files_in(folder) | {RUN.record}))})
        write_json(folder / RUN.record, written.as_json())
