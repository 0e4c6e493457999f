"""The answers of a model on slices, as Python users hold them."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

from hilum import html
from hilum.errors import extras_named
from hilum.predict.output import columns, flat
from hilum.predict.rows import Row
from hilum.predict.series import SeriesSummary
from hilum.predict.terminal import series_lines, slice_name
from hilum.report.words import plural, readable
from hilum.trust.abstention import DECISIONS

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 20  # rows and series in a notebook
_WORDS = {"class": "answered", "abstain": "abstained", "outlier": "refused as outlier", "unreadable": "unreadable"}


class Predictions(Sequence[Row]):
    """Answers on slices: a sequence of rows, one a slice, in the order of the files.

    Each row has the attributes `path`, `frame` (in a multi-frame file), `decision` (`class`, `abstain`, `outlier` or
    `unreadable`), `label` (None unless the decision is `class`), `probabilities` by class name, `outlier_score` and
    `reason`.

    Args:
        rows: The answers.
        classes: Class names, in the model's order.
        series: Summaries of the DICOM series among the slices.
        notes: Sentences that a reader of the answers should see.

    Attributes:
        classes: Class names, in the model's order.
        series: One summary per DICOM series.
        notes: Sentences that a reader of the answers should see, such as what the answers promise.

    Example:
        >>> model = hilum.open_model("model.onnx")
        >>> predictions = model.predict("phantom/test/normal")
        >>> predictions
        Predictions(3 slices: ...)
        >>> predictions[0].path
        'phantom/test/normal/synthetic-p005-s0.png'
        >>> sure = [row.path for row in predictions if row.decision == "class"]
    """

    def __init__(
        self,
        rows: Sequence[Row],
        classes: Sequence[str],
        series: Sequence[SeriesSummary] = (),
        notes: Sequence[str] = (),
    ) -> None:
        self._rows = tuple(rows)
        self.classes, self.series, self.notes = tuple(classes), tuple(series), tuple(notes)

    @property
    def decisions(self) -> dict[str, int]:
        """Number of slices by decision."""
        counts = Counter(row.decision for row in self._rows)
        return {name: counts[name] for name in DECISIONS if counts[name]}

    def to_frame(self) -> "pd.DataFrame":
        """The rows as a DataFrame, with the columns of `hilum predict --csv`.

        Raises:
            MissingExtra: pandas, which the base install leaves out, is not installed.

        Example:
            >>> model = hilum.open_model("model.onnx")
            >>> frame = model.predict("phantom/test/normal").to_frame()
            >>> list(frame.columns[:4])
            ['path', 'frame', 'decision', 'class']
        """
        with extras_named("pandas"):
            import pandas as pd
        rows = [flat(row, self.classes) for row in self._rows]
        return pd.DataFrame(rows, columns=columns(self.classes)).astype({"frame": "Int64"})

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, place: int | slice) -> Row | tuple[Row, ...]:
        return self._rows[place]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __repr__(self) -> str:
        return f"Predictions({self._counted})"

    def _repr_html_(self) -> str:
        names = [slice_name(row) for row in self._rows]
        folder = _shared_folder(names)
        lines = [
            (
                name.removeprefix(folder),
                row.decision,
                readable(row.label or ""),
                f"{max(row.probabilities.values()):.2f}" if row.probabilities else "",
                "" if row.outlier_score is None else f"{row.outlier_score:.3f}",
                "" if row.decision == "class" else row.reason,
            )
            for name, row in zip(names[:_SHOWN], self._rows, strict=False)
        ]
        more = len(self) - len(lines)
        said = [
            *([f"… and {plural(more, 'slice')} more; to_frame() has them all."] if more > 0 else []),
            *series_lines(self.series[:_SHOWN]),
            *([f"… and {len(self.series) - _SHOWN} more series."] if len(self.series) > _SHOWN else []),
            *self.notes,
        ]
        return html.block(
            html.paragraph(f"{self._counted}.", strong=True),
            html.paragraph(f"In {folder}:") if folder else "",
            html.table(("slice", "decision", "class", "probability", "outlier score", "reason"), lines, sentences=5),
            *map(html.paragraph, said),
        )

    @property
    def _counted(self) -> str:
        parts = ", ".join(f"{count:,} {_WORDS[name]}" for name, count in self.decisions.items())
        return f"{plural(len(self), 'slice')}: {parts}"


def _shared_folder(names: Sequence[str]) -> str:
    """The folder that all names begin with, up to its slash; nothing if there is none but the root."""
    start = os.path.commonprefix(names)  # noqa: RUF071 - it is cut at its last slash
    folder = start[: start.rfind(os.sep) + 1]
    return "" if folder == os.sep else folder
