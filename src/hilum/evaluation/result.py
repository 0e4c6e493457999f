"""What the evaluation of a model on labelled slices found, and how it shows itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hilum import html
from hilum.errors import extras_named
from hilum.options import check_name
from hilum.predict.rows import Row
from hilum.records.evaluation import EvaluationRecord
from hilum.report.evaluation import FIGURES, Mistake, figure_rows, one_line, verdict
from hilum.report.words import warnings_of, with_interval
from hilum.scoring.classes import ClassReading
from hilum.slices.pixels import thumbnail_of
from hilum.slices.table import SliceTable
from hilum.text import plain_path

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_THUMBNAIL = 256


@dataclass(frozen=True, repr=False)
class Evaluation:
    """The answers of a model on labelled slices, and what they are worth.

    A notebook shows the verdict and the figures.

    Examples:
        >>> import hilum
        >>> model = hilum.open_model("model")
        >>> evaluation = model.evaluate(hilum.read_labelled("phantom"))

    Attributes:
        record: Content of metrics.json (docs/evaluate.md).
        table: The slices.
        reading: Classes that the slices and the answers are read as.
        rows: Answer on every slice, including those that were left out.
        probabilities: Probabilities of the model's classes on every slice, `[rows, classes]`, which answers round.
        left_out: Reason why a row was left out of the figures, or None, for each row.
    """

    record: EvaluationRecord
    table: SliceTable = field(compare=False)
    reading: ClassReading
    rows: tuple[Row, ...]
    probabilities: NDArray[np.float32] = field(compare=False)
    left_out: tuple[str | None, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Label of each row in the folder."""
        return tuple(row.label for row in self.table.rows)

    def to_frame(self) -> "pd.DataFrame":
        """The answers: one row per slice, as in predictions.csv.

        Raises:
            MissingExtra: pandas is not installed.

        Examples:
            >>> frame = evaluation.to_frame()
            >>> frame.columns[:4].tolist()
            ['path', 'label', 'decision', 'predicted']
            >>> len(frame) == evaluation.record.data.files
            True
        """
        with extras_named():
            import pandas as pd

        return pd.DataFrame(self.cells(), columns=pd.Index(self.columns))

    def plot(self, name: str) -> "Figure":
        """Draws a figure, which a notebook shows when it is the last line of a cell.

        Args:
            name: `confusion`, `calibration` (reliability of the probabilities), `risk` (share of wrong answers against
                the share of slices answered) or `roc`.

        Raises:
            HilumError: There is no such figure, or these slices are all of one class.
            MissingExtra: matplotlib is not installed.

        Examples:
            >>> evaluation.plot("confusion").get_size_inches()[0].item()
            3.5
        """
        check_name("figure", name, FIGURES)
        with extras_named():
            from hilum.report.evaluation_charts import chart

        return chart(self.record, name, *self.scored())

    def report(self) -> html.Shown:
        """The whole report in a frame, the same page as `report.html` in a folder.

        Raises:
            MissingExtra: jinja2 or matplotlib is not installed.

        Examples:
            >>> shown = evaluation.report()
            >>> shown._repr_html_().startswith("<iframe")
            True
        """
        with extras_named():
            from hilum.report.style import svg

        svgs = {name: svg(figure) for name, figure in self.charts().items()}
        return html.Shown(f"Report of {self!r}", html.frame(self.page(svgs)))

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Writes the figures, the answers and the report to a folder (docs/evaluate.md).

        Args:
            folder: New or empty folder; with `overwrite`, also the folder of an earlier evaluation without other files.
            overwrite: Whether to replace an earlier evaluation.

        Returns:
            The folder.

        Raises:
            HilumError: The folder holds something that must not be overwritten, or cannot be written.

        Examples:
            >>> folder = evaluation.save("scored")
            >>> (folder / "metrics.json").is_file()
            True
        """
        from hilum.evaluation.run_folder import write_evaluation

        return write_evaluation(self, folder, overwrite=overwrite)

    def charts(self) -> "dict[str, Figure]":
        """Every figure by name; `roc` is missing if all slices are of one class.

        Raises:
            MissingExtra: matplotlib is not installed.
        """
        with extras_named():
            from hilum.report.evaluation_charts import charts

        return charts(self.record, *self.scored())

    def page(self, svgs: Mapping[str, bytes]) -> str:
        """The report, one self-contained HTML page, with the SVG of each figure.

        Raises:
            MissingExtra: jinja2 is not installed.
        """
        with extras_named():
            from hilum.report.evaluation_page import evaluation_page

        return evaluation_page(self.record, svgs, self.mistakes())

    @property
    def columns(self) -> list[str]:
        """Names of the columns of predictions.csv."""
        shares = (f"p_{name}" for name in self.record.model.classes)
        return ["path", "label", "decision", "predicted", *shares, "outlier_score", "left_out"]

    def cells(self) -> Iterator[Sequence[str | float | None]]:
        """The cells of each row of predictions.csv."""
        for row, label, reason in zip(self.rows, self.labels, self.left_out, strict=True):
            shares = row.probabilities or {}  # never None: an answer that is not a number ends an evaluation
            top = max(shares, key=shares.__getitem__)
            yield [row.path, label, row.decision, top, *shares.values(), row.outlier_score, reason]

    def scored(self) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """True classes `[n]` and probabilities `[n, classes]` of the slices that were scored, as they are read."""
        classes, kept = self.reading.classes, self._kept()
        true = [classes.index(self.reading.folder[self.table.rows[number].label]) for number in kept]
        return np.array(true, np.intp), self.reading.probabilities(self.probabilities[kept], self.record.model.classes)

    def mistakes(self) -> list[Mistake]:
        """The wrong answers of the highest probability, the highest first."""
        true, probabilities = self.scored()
        called, surest = probabilities.argmax(1), probabilities.max(1)
        wrong = [number for number in np.argsort(-surest, kind="stable") if called[number] != true[number]]
        kept, classes = self._kept(), self.reading.classes
        return [
            Mistake(
                plain_path(row.path),
                row.label,
                classes[called[number]],
                float(surest[number]),
                thumbnail_of(self.table, row, _THUMBNAIL, "PNG"),
            )
            for number in wrong[:12]
            for row in [self.table.rows[kept[number]]]
        ]

    def _kept(self) -> list[int]:
        return [number for number, reason in enumerate(self.left_out) if reason is None]

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
