"""An evaluation in words: what to believe, the figures beside those of the training, and lines for the terminal."""

from typing import NamedTuple

from hilum.records.evaluation import EvaluationRecord, PromiseHere
from hilum.records.figures import Estimate
from hilum.report.scores import of_floor
from hilum.report.words import listed, plural, readable, warnings_of, with_interval
from hilum.scoring.intervals import FEW

FIGURES = ("confusion", "calibration", "risk", "roc")
"""Names of the figures of an evaluation."""
_OWN = ("strict", "out_of_fold", "grouped", "given")  # figures of the training, the hardest first


class Mistake(NamedTuple):
    """A wrong answer: the slice, its label, the class it was taken for with which probability, and a small PNG."""

    path: str
    label: str
    called: str
    probability: float
    picture: bytes | None


def one_line(record: EvaluationRecord) -> str:
    """The model, the slices and macro-F1, in one line."""
    figures = record.figures
    slices = f"{plural(figures.n, 'slice')} in {plural(figures.groups, 'group')}"
    return f"{record.model.shown} on {record.data.folder}, {slices}: macro-F1 {with_interval(figures.f1_macro)}"


def verdict(record: EvaluationRecord) -> str:
    """What to believe of the model on these slices, in one sentence."""
    figures, model = record.figures, record.model
    other = record.classes != tuple(sorted(model.classes))
    read = f", read as {listed([*map(readable, record.classes)])}" if other else ""
    slices = f"{plural(figures.n, 'slice')} in {plural(figures.groups, 'group')}{read}"
    few = ", too few to tell" if figures.groups < FEW else ""
    auc = f" and AUC {with_interval(figures.auc_macro)}" if len(record.classes) == 2 else ""
    reached = f"macro-F1 {with_interval(figures.f1_macro)}{auc} ({slices}{few})"
    here = f"On {record.data.folder}, {model.shown} reaches {reached}"
    own = next((name for name in _OWN if name in model.scores), None)
    if own is None:
        return f"{here}; what it reached where it was trained is not recorded."
    there = f"{with_interval(model.scores[own])} under {title_of(record, own)} where it was trained"
    classes = f", in its {len(model.classes)} classes" if other else ""
    floor = model.highest_floor
    beneath = f"; the highest floor there is {with_interval(floor)} {of_floor(floor.name)}" if floor else ""
    return f"{here}, beside {there}{classes}{beneath}."


def figure_rows(record: EvaluationRecord) -> list[tuple[str, list[Estimate | None]]]:
    """Macro-F1, accuracy and AUC here, then macro-F1 where the model was trained and of the highest floor there."""
    figures, model = record.figures, record.model
    rows = [("here, by slice", [figures.f1_macro, figures.accuracy, figures.auc_macro])]
    for whole, of in (("group", record.per_group), ("series", record.per_series)):
        if of:
            rows.append((f"here, by {whole}, of {of.n}", [of.f1_macro, of.accuracy]))
    rows += [(f"where it was trained, {title_of(record, name)}", [of]) for name, of in model.scores.items()]
    if floor := model.highest_floor:
        rows.append((f"floor there, {title_of(record, floor.protocol)}: {floor.name}", [floor]))
    return [(name, [*of, None, None][:3]) for name, of in rows]


def terminal_lines(record: EvaluationRecord) -> list[str]:
    """Lines for the terminal: what was left out, the verdict, and how often the model answers. The report has the rest.

    Returns:
        Plain lines without rich's markup: print them with `markup=False`.
    """
    decisions, right = record.decisions, record.decisions.accuracy_of_answered
    rightly = "" if right.value is None else f", {with_interval(right)} rightly"
    return [
        *(f"{line}." for line in warnings_of(record)),
        *record.data.notes,
        verdict(record),
        f"It answered {with_interval(decisions.answered, 2)} of them{rightly}; it abstained on "
        f"{with_interval(decisions.abstain, 2)}, and {with_interval(decisions.outlier, 2)} were outliers.",
        *(promise_line(promise) for promise in [record.promise] if promise),
    ]


def promise_line(promise: PromiseHere) -> str:
    """What the model's answer threshold promises, and what became of it here."""
    if promise.accuracy.value is None:
        return f"{promise.said} Here it answered nothing."
    end = {True: ": the promise is kept", False: ": the promise is not kept", None: ""}[promise.kept]
    right = with_interval(promise.accuracy)
    return f"{promise.said} Of its answers here, {right} are right, each group counting once{end}."


def title_of(record: EvaluationRecord, protocol: str) -> str:
    """What readers see of a protocol of the training."""
    return {"out_of_fold": "out of fold", **record.model.titles}.get(protocol, protocol)
