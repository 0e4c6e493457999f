"""What the folder, the frame and the report of an evaluation hold."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hilum.errors import extras_named
from hilum.report.evaluation import Mistake
from hilum.slices.pixels import thumbnail_of
from hilum.text import plain_path

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hilum.evaluation.result import Evaluation

# Packages of the train extra that are enough for figures, and for the report.
FOR_FIGURES = ("matplotlib", "pandas", "scikit-learn")
FOR_REPORT = (*FOR_FIGURES, "jinja2")
_MISTAKES, _THUMBNAIL = 12, 256


def columns(evaluation: "Evaluation") -> list[str]:
    """Names of the columns of predictions.csv."""
    shares = (f"p_{name}" for name in evaluation.record.model.classes)
    return ["path", "label", "decision", "predicted", *shares, "outlier_score", "left_out"]


def cells(evaluation: "Evaluation") -> Iterator[Sequence[str | float | None]]:
    """The cells of each row of predictions.csv."""
    for row, label, reason in zip(evaluation.rows, evaluation.labels, evaluation.left_out, strict=True):
        shares = row.probabilities or {}  # never None: an answer that is not a number ends an evaluation
        top = max(shares, key=shares.__getitem__)
        yield [row.path, label, row.decision, top, *shares.values(), row.outlier_score, reason]


def scored(evaluation: "Evaluation") -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """True classes `[n]` and probabilities `[n, classes]` of the slices that were scored, as they are read."""
    reading, rows, kept = evaluation.reading, evaluation.table.rows, _kept(evaluation)
    true = [reading.classes.index(reading.folder[rows[number].label]) for number in kept]
    of_model = evaluation.probabilities[kept]
    return np.array(true, np.intp), reading.probabilities(of_model, evaluation.record.model.classes)


def mistakes(evaluation: "Evaluation") -> list[Mistake]:
    """The wrong answers of the highest probability, the highest first."""
    true, probabilities = scored(evaluation)
    called, surest = probabilities.argmax(1), probabilities.max(1)
    wrong = [number for number in np.argsort(-surest, kind="stable") if called[number] != true[number]]
    rows = [evaluation.table.rows[number] for number in _kept(evaluation)]
    classes = evaluation.reading.classes
    return [
        Mistake(
            plain_path(rows[number].path),
            rows[number].label,
            classes[called[number]],
            float(surest[number]),
            thumbnail_of(evaluation.table, rows[number], _THUMBNAIL, "PNG"),
        )
        for number in wrong[:_MISTAKES]
    ]


def charts(evaluation: "Evaluation") -> "dict[str, Figure]":
    """Every figure by name; `roc` is missing if all slices are of one class.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    with extras_named(*FOR_REPORT):
        from hilum.report.evaluation_charts import charts as drawn

    return drawn(evaluation.record, *scored(evaluation))


def page(evaluation: "Evaluation", svgs: Mapping[str, bytes]) -> str:
    """The report, one self-contained HTML page, with the SVG of each figure.

    Raises:
        MissingExtra: jinja2 is not installed.
    """
    with extras_named(*FOR_REPORT):
        from hilum.report.evaluation_page import evaluation_page

    return evaluation_page(evaluation.record, svgs, mistakes(evaluation))


def _kept(evaluation: "Evaluation") -> list[int]:
    return [number for number, reason in enumerate(evaluation.left_out) if reason is None]
