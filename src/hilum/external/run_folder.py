"""The run folder of an evaluation: metrics.json, predictions.csv and report.md."""

import csv
import io
from pathlib import Path

from hilum.external.evaluate import ExternalEvaluation
from hilum.outputs import Kind, OutputFolder, write_json, write_text
from hilum.records.evaluation import EVALUATION_SCHEMA, EvaluationRecord
from hilum.report.markdown import plain
from hilum.report.words import number, plural, readable, warnings_of, with_interval
from hilum.text import to_cell

_PREDICTIONS, _REPORT = "predictions.csv", "report.md"
EVALUATION = Kind("evaluation", "metrics.json", EVALUATION_SCHEMA, frozenset({_PREDICTIONS, _REPORT}))


def write_evaluation(evaluation: ExternalEvaluation, folder: str | Path, *, overwrite: bool = False) -> Path:
    """Writes an evaluation to a folder.

    Args:
        evaluation: What to write.
        folder: A folder that does not exist or is empty; with `overwrite`, also an earlier evaluation without other
            files.
        overwrite: Whether an earlier evaluation is replaced.

    Raises:
        HilumError: The folder holds something that must not be overwritten, or cannot be written.
    """
    with OutputFolder(folder, EVALUATION, overwrite=overwrite) as out:
        write_evaluation_to(out, evaluation)
    return out.place


def write_evaluation_to(out: OutputFolder, evaluation: ExternalEvaluation) -> None:
    """As `write_evaluation`, to an output of the kind `EVALUATION` that is open already."""
    with out.writing() as made:
        write_text(made / _PREDICTIONS, _predictions(evaluation))
        write_text(made / _REPORT, report_text(evaluation.record))
        write_json(made / EVALUATION.record, evaluation.record.as_json())


def report_lines(record: EvaluationRecord) -> list[str]:
    """What is said on the terminal: scores with intervals beside the model's own, and how often it answers."""
    data, figures, model = record.data, record.figures, record.model
    own = model.scores
    beside = ", ".join(f"{name.replace('_', ' ')} {with_interval(figure)}" for name, figure in own.items())
    highest = model.highest_floor
    floor = (
        f"; the highest floor there, {highest.name}, {with_interval(highest)} ({highest.protocol})" if highest else ""
    )
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
        f"Calibration error {number(record.calibration.error)}; chance alone would show "
        f"{number(record.calibration.band[0])} to {number(record.calibration.band[1])}.",
    ]
    if pair := figures.most_confused:
        lines.append(f"Most often taken for each other: {' and '.join(map(readable, pair.classes))}.")
    return lines


def report_text(record: EvaluationRecord) -> str:
    """The text of report.md, in Markdown."""
    figures, classes, bins = record.figures, record.classes, record.calibration.bins
    rows = [
        f"| {_cell(name)} | {with_interval(of.precision)} | {with_interval(of.recall)} | "
        f"{with_interval(of.specificity)} | {with_interval(of.f1)} | {of.support} | "
        f"{of.groups}{', too few to tell' if of.too_few else ''} |"
        for name, of in figures.per_class.items()
    ]
    confusion = [
        f"| {_cell(name)} | {' | '.join(map(str, counts))} |"
        for name, counts in zip(classes, figures.confusion, strict=True)
    ]
    return "\n".join(
        [
            f"# {_cell(record.model.name)} on {_cell(record.data.folder)}",
            "",
            record.notice,
            "",
            *(f"- {_cell(line)}" for line in report_lines(record)),
            "",
            "| class | precision | recall | specificity | F1 | slices | groups |",
            "|---|--:|--:|--:|--:|--:|--:|",
            *rows,
            "",
            "Confusion matrix, a row a true class:",
            "",
            f"| | {' | '.join(_cell(name) for name in classes)} |",
            f"|---|{'--:|' * len(classes)}",
            *confusion,
            "",
            "Calibration, ten bins of equal size:",
            "",
            "| mean top probability | share right | slices |",
            "|--:|--:|--:|",
            *(f"| {number(one.confidence)} | {number(one.accuracy)} | {one.count} |" for one in bins),
            "",
            "Risk against coverage:",
            "",
            "| answered from | coverage | share wrong of those |",
            "|--:|--:|--:|",
            *(
                f"| {number(one.threshold)} | {number(one.coverage, 2)} | {with_interval(one.risk)} |"
                for one in record.risk_coverage
            ),
            "",
        ]
    )


def _cell(text: str) -> str:
    return plain(readable(text))


def _predictions(evaluation: ExternalEvaluation) -> str:
    names = evaluation.record.model.classes
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    columns = ["path", "label", "decision", "predicted", *(f"p_{name}" for name in names), "outlier_score", "left_out"]
    table.writerow(map(to_cell, columns))
    for row, label, reason in zip(evaluation.rows, evaluation.labels, evaluation.left_out, strict=True):
        shares = row.probabilities or {}  # never none: an answer that is not a number ends an evaluation
        texts = map(to_cell, (row.path, label, row.decision, max(shares, key=shares.__getitem__)))
        values = [f"{value:.6g}" for value in (*shares.values(), row.outlier_score)]
        table.writerow([*texts, *values, reason or ""])
    return text.getvalue()
