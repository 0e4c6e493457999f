"""What the evaluation of a model on labelled slices found, and how it shows itself."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hilum import html
from hilum.errors import extras_named
from hilum.evaluation import contents
from hilum.options import check_name
from hilum.predict.rows import Row
from hilum.records.config import Config
from hilum.records.evaluation import EvaluationRecord
from hilum.report.evaluation import FIGURES, figure_rows, one_line, verdict
from hilum.report.words import warnings_of, with_interval
from hilum.scoring.classes import ClassReading
from hilum.slices.table import SliceTable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class Evaluation:
    """The answers of a model on labelled slices, and what they are worth.

    A notebook shows the verdict and the figures.

    Example:
        >>> model = hilum.open_model("model")
        >>> model.evaluate(hilum.read_labelled("phantom"))
        Evaluation(EfficientNet-Lite0 on phantom, ...: macro-F1 ...)

    Attributes:
        record: Content of metrics.json (docs/evaluate.md).
        table: The slices.
        reading: Classes that the slices and the answers are read as.
        rows: Answer on every slice, including those that were left out.
        probabilities: Probabilities of the model's classes on every slice, `[rows, classes]`, which answers round.
        left_out: Reason why a row was left out of the figures, or None, for each row.
        config: The options, with which `hilum evaluate` repeats it.
    """

    record: EvaluationRecord
    table: SliceTable = field(compare=False)
    reading: ClassReading
    rows: tuple[Row, ...]
    probabilities: NDArray[np.float32] = field(compare=False)
    left_out: tuple[str | None, ...]
    config: Config

    @property
    def labels(self) -> tuple[str, ...]:
        """Label of each row in the folder."""
        return tuple(row.label for row in self.table.rows)

    def to_frame(self) -> "pd.DataFrame":
        """The answers: one row per slice, as in predictions.csv.

        Raises:
            MissingExtra: pandas is not installed.

        Example:
            >>> frame = evaluation.to_frame()
            >>> frame.columns[:4].tolist()
            ['path', 'label', 'decision', 'predicted']
            >>> len(frame) == evaluation.record.data.files
            True
        """
        with extras_named("pandas"):
            import pandas as pd

        return pd.DataFrame(contents.cells(self), columns=pd.Index(contents.columns(self)))

    def plot(self, name: str = "confusion") -> "Figure":
        """Draws a figure, which a notebook shows when it is the last line of a cell.

        Args:
            name: `confusion`, `calibration` (reliability of the probabilities), `risk` (share of wrong answers against
                the share of slices answered) or `roc`.

        Raises:
            HilumError: There is no such figure, or these slices are all of one class.
            MissingExtra: matplotlib is not installed.

        Example:
            >>> evaluation.plot("confusion").get_size_inches()[0].item()
            3.5
        """
        check_name("figure", name, FIGURES)
        with extras_named(*contents.FOR_FIGURES):
            from hilum.report.evaluation_charts import chart

        return chart(self.record, name, *contents.scored(self))

    def report(self) -> html.Shown:
        """The whole report in a frame, the same page as `report.html` in a folder.

        Raises:
            MissingExtra: jinja2 or matplotlib is not installed.

        Example:
            >>> evaluation.report()
            Report of Evaluation(...)
        """
        with extras_named(*contents.FOR_REPORT):
            from hilum.report.style import svg

        svgs = {name: svg(figure) for name, figure in contents.charts(self).items()}
        return html.report_of(self, contents.page(self, svgs))

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Writes the figures, the answers and the report to a folder (docs/evaluate.md).

        Args:
            folder: New or empty folder; with `overwrite`, also the folder of an earlier evaluation without other files.
            overwrite: Whether to replace an earlier evaluation.

        Returns:
            The folder.

        Raises:
            HilumError: The folder holds something that must not be overwritten, or cannot be written.

        Example:
            >>> folder = evaluation.save("scored")
            >>> (folder / "metrics.json").is_file()
            True
        """
        from hilum.evaluation.run_folder import write_evaluation

        return write_evaluation(self, folder, overwrite=overwrite)

    def __repr__(self) -> str:
        return f"Evaluation({one_line(self.record)})"

    def _repr_html_(self) -> str:
        rows = [(name, *(with_interval(one) if one else "" for one in of)) for name, of in figure_rows(self.record)]
        return html.block(
            *(html.paragraph(f"{line}.", strong=True) for line in warnings_of(self.record)),
            html.paragraph(verdict(self.record)),
            html.table(["", "macro-F1", "accuracy", "AUC"], rows, strong=0),
            html.bullets(self.record.data.notes),
        )
