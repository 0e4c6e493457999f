"""What a model's answers are worth, in sentences that the card, the terminal and the page share."""

from collections.abc import Sequence

from hilum.records.calibration import MeasuredCalibration
from hilum.records.model import ModelRecord
from hilum.records.trust import Answers, CalibrationFigures, Conformal, Outliers
from hilum.report.words import listed, number, plural, readable, with_interval


def trust_lines(record: ModelRecord) -> list[str]:
    """When the model answers and what that promises, then what was measured under strict and elsewhere."""
    trust, limits = record.trust, record.thresholds
    lines = [f"It abstains below a top probability of {number(limits.answer, 2)}. {limits.about_answers}"]
    if trust is None:
        return lines
    own = trust.calibration.after if trust.calibration else None
    if found := _figures(own, trust.answers, trust.conformal, trust.outliers, record.classes):
        lines.append(f"Measured under {record.title('strict')}, on groups that the fit had not seen: {found}.")
    for name, of in trust.elsewhere.items():
        found = _figures(of.figures.calibration, of.answers, of.conformal, of.outliers, of.slices.classes)
        read = listed([readable(one) for one in of.slices.classes])
        lines.append(
            f"Measured on {name}, {plural(of.figures.n, 'slice')} in {plural(of.figures.groups, 'group')} from "
            f"elsewhere, read as {read}: macro-F1 {with_interval(of.figures.f1_macro)}, AUC "
            f"{with_interval(of.figures.auc_macro)}; {found}."
        )
    return lines


def _figures(
    calibration: CalibrationFigures | MeasuredCalibration | None,
    answers: Answers | None,
    conformal: Conformal | None,
    outliers: Outliers | None,
    classes: Sequence[str],
) -> str:
    """The known figures, joined by semicolons."""
    parts = []
    if calibration:
        low, high = calibration.band
        parts.append(f"calibration error {number(calibration.error)} (chance alone {number(low)} to {number(high)})")
    if answers:
        at, most = answers.at_threshold, answers.at_90_coverage
        once = at.accuracy_by_group
        by_group = f" ({with_interval(once)} with each group counting once)" if once else ""
        parts.append(
            f"answers {with_interval(at.coverage)} of the slices, {with_interval(at.accuracy)} rightly{by_group}; "
            f"at the limit that answers nine in ten held-out slices, {with_interval(most.coverage)}, "
            f"{with_interval(most.accuracy)} rightly"
        )
    if conformal:
        by_class = zip(classes, conformal.coverage_by_class, strict=True)
        parts.append(
            f"{conformal.confidence:.0%} prediction sets hold the truth of {with_interval(conformal.coverage)} ("
            + ", ".join(f"{readable(name)} {number(of.value)}" for name, of in by_class)
            + f"), with {number(conformal.mean_size, 2)} classes on average"
        )
    if outliers:
        parts.append(f"{with_interval(outliers.refused)} refused as outliers")
    return "; ".join(parts)
