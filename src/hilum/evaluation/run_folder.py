"""The run folder of an evaluation: metrics.json, config.json, predictions.csv and report.md."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from hilum.evaluation.evaluate import ExternalEvaluation
from hilum.outputs import Kind, OutputFolder, write_json, write_text
from hilum.predict.output import csv_line
from hilum.records.config import CONFIG
from hilum.records.evaluation import EVALUATION_SCHEMA, EvaluationRecord, PromiseHere
from hilum.report.markdown import plain
from hilum.report.words import number, plural, readable, warnings_of, with_interval

_PREDICTIONS, _REPORT = "predictions.csv", "report.md"
EVALUATION = Kind("evaluation", "metrics.json", EVALUATION_SCHEMA, frozenset({_PREDICTIONS, _REPORT, CONFIG}))


def write_evaluation(evaluation: ExternalEvaluation, folder: str | Path, *, overwrite: bool = False) -> Path:
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


def write_evaluation_to(out: OutputFolder, evaluation: ExternalEvaluation) -> None:
    """Writes an evaluation to an open output of the kind `EVALUATION`."""
    with out.writing() as made:
        (made / _PREDICTIONS).write_bytes(_predictions(evaluation))
        write_text(made / _REPORT, report_text(evaluation.record))
        write_json(made / CONFIG, evaluation.config.as_json())
        write_json(made / EVALUATION.record, evaluation.record.as_json())


def report_lines(record: EvaluationRecord) -> list[str]:
    """Lines for the terminal: scores with intervals beside those of the training, and how often the model answers."""
    data, figures, model = record.data, record.figures, record.model
    own = model.scores
    titles = {"out_of_fold": "out of fold", **model.titles}
    beside = ", ".join(f"{titles.get(name, name)} {with_interval(figure)}" for name, figure in own.items())
    floor = ""
    if highest := model.highest_floor:
        title = titles.get(highest.protocol, highest.protocol)
        floor = f"; the highest floor there, {highest.name}, {with_interval(highest)} ({title})"
    decisions = record.decisions
    lines = [
        *(f"{line}." for line in warnings_of(record)),
        *data.notes,
        f"{plural(figures.n, 'slice')} in {plural(figures.groups, 'group')} scored: "
        f"macro-F1 {with_interval(figures.f1_macro)}, accuracy {with_interval(figures.accuracy)}, "
        f"AUC {with_interval(figures.auc_macro)}.",
        f"Where it was trained: macro-F1 {beside or 'not recorded'}{floor}.",
        f"By group: macro-F1 {with_interval(record.per_group.f1_macro)} of {record.per_group.n}.",
        *(f"By series: macro-F1 {with_interval(of.f1_macro)} of {of.n}." for of in [record.per_series] if of),
        f"Answered {with_interval(decisions.answered, 2)}, right on {with_interval(decisions.accuracy_of_answered)} "
        f"of those; abstained on {with_interval(decisions.abstain, 2)}, outliers "
        f"{with_interval(decisions.outlier, 2)}.",
        *(_promise_line(promise) for promise in [record.promise] if promise),
        f"Calibration error {number(record.calibration.error)}; chance alone would show "
        f"{number(record.calibration.band[0])} to {number(record.calibration.band[1])}.",
    ]
    if pair := figures.most_confused:
        lines.append(f"Most often taken for each other: {' and '.join(map(readable, pair.classes))}.")
    return lines


def _promise_line(promise: PromiseHere) -> str:
    end = {True: ": the promise is kept", False: ": the promise is not kept", None: ""}[promise.kept]
    return f"{promise.said} Here {with_interval(promise.accuracy)} of its answers are right, by group{end}."


def report_text(record: EvaluationRecord) -> str:
    """The text of report.md, in Markdown."""
    figures, classes = record.figures, list(map(_cell, record.classes))
    per_class = [
        (
            _cell(name),
            *map(with_interval, (of.precision, of.recall, of.specificity, of.f1)),
            of.support,
            f"{of.groups}{', too few to tell' if of.too_few else ''}",
        )
        for name, of in figures.per_class.items()
    ]
    confusion = [(name, *counts) for name, counts in zip(classes, figures.confusion, strict=True)]
    bins = [(number(one.confidence), number(one.accuracy), one.count) for one in record.calibration.bins]
    risks = [(number(one.threshold), number(one.coverage, 2), with_interval(one.risk)) for one in record.risk_coverage]
    parts = [
        [f"# {_cell(record.model.name)} on {_cell(record.data.folder)}"],
        [record.notice],
        [f"- {_cell(line)}" for line in report_lines(record)],
        _table(["class", "precision", "recall", "specificity", "F1", "slices", "groups"], "---", per_class),
        ["Confusion matrix, a row a true class:"],
        _table(["", *classes], "---", confusion),
        ["Calibration, ten bins of equal size:"],
        _table(["mean top probability", "share right", "slices"], "--:", bins),
        ["Risk against coverage:"],
        _table(["answered from", "coverage", "share wrong of those"], "--:", risks),
    ]
    return "\n".join(line for part in parts for line in [*part, ""])


def _table(head: Sequence[str], first: str, rows: Iterable[Sequence[object]]) -> list[str]:
    """Lines of a Markdown table. The first column is aligned by `first`, the others to the right."""
    columns = "|".join(f" {name} " if name else " " for name in head)
    cells = [f"| {' | '.join(map(str, row))} |" for row in rows]
    return [f"|{columns}|", f"|{first}|{'--:|' * (len(head) - 1)}", *cells]


def _cell(text: str) -> str:
    return plain(readable(text))


def _predictions(evaluation: ExternalEvaluation) -> bytes:
    names = evaluation.record.model.classes
    columns = ["path", "label", "decision", "predicted", *(f"p_{name}" for name in names), "outlier_score", "left_out"]
    lines = [csv_line(columns)]
    for row, label, reason in zip(evaluation.rows, evaluation.labels, evaluation.left_out, strict=True):
        shares = row.probabilities or {}  # never None: an answer that is not a number ends an evaluation
        top = max(shares, key=shares.__getitem__)
        values = [f"{value:.6g}" for value in (*shares.values(), row.outlier_score)]
        lines.append(csv_line([row.path, label, row.decision, top, *values, reason]))
    return b"".join(lines)
