"""The report of an evaluation: one self-contained HTML file that loads nothing from elsewhere."""

from collections.abc import Mapping, Sequence

from hilum.records.evaluation import EvaluationRecord
from hilum.report.evaluation import Mistake, figure_rows, promise_line, verdict
from hilum.report.page import page_of

_TITLES = {
    "confusion": "Confusion matrix, slices and shares of the true class",
    "roc": "ROC curves with the areas below them",
    "calibration": "Share of answers that are right against their mean probability",
    "risk": "Share of wrong answers against the share of slices answered",
}


def evaluation_page(record: EvaluationRecord, svgs: Mapping[str, bytes], mistakes: Sequence[Mistake]) -> str:
    """The report of an evaluation.

    Args:
        record: The contents of `metrics.json`.
        svgs: The SVG of each figure of `charts`.
        mistakes: The wrong answers to show.
    """
    return page_of(
        "evaluation.html.j2",
        record=record,
        verdict=verdict(record),
        rows=figure_rows(record),
        charts={name: (svg, _TITLES[name]) for name, svg in svgs.items()},
        promise=promise_line(record.promise) if record.promise else None,
        mistakes=mistakes,
    )
