"""What the terminal says about a model that was trained or evaluated."""

from hilum.records.evaluation import EvaluationRecord
from hilum.records.figures import highest_floor
from hilum.records.trained import TrainedRecord
from hilum.report.trust_words import trust_lines
from hilum.report.words import plural, warnings_of, with_interval


def training_lines(record: TrainedRecord) -> list[str]:
    """The lines for the terminal after training: a verdict, and when the model answers. The card has the rest.

    Args:
        record: The contents of `model.json`.

    Returns:
        Plain lines without rich's markup: print them with `markup=False`.
    """
    scores, elsewhere = record.scores, record.trust.elsewhere if record.trust else {}
    fitted = plural(sum(record.data.fitted.values()), "slice")
    name, figures = [*scores.protocols.items()][-1]  # the hardest
    floor = highest_floor(scores.floors.get(name, {}))
    beside = f", beside a floor of {with_interval(floor[1])} ({floor[0]})" if floor else ""
    return [
        *(f"{line}." for line in warnings_of(record)),
        f"Under {record.title(name)}, {record.backbone.title} reaches macro-F1 {with_interval(figures.f1_macro)}"
        f"{beside}; the model's head is fitted on {fitted} of {len(record.classes)} classes.",
        *(f"On {name}: macro-F1 {with_interval(of.figures.f1_macro)}." for name, of in elsewhere.items()),
        *trust_lines(record)[:1],
    ]


def evaluation_lines(record: EvaluationRecord) -> list[str]:
    """The lines for the terminal after an evaluation: what was left out, a verdict, and how often the model answers.

    Args:
        record: The contents of `metrics.json`.

    Returns:
        Plain lines without rich's markup: print them with `markup=False`.
    """
    figures, decisions, own = record.figures, record.decisions, record.model.scores
    name = next((name for name in ("strict", *own) if name in own), None)
    titles = {"out_of_fold": "out of fold", **record.model.titles}
    there = f"{with_interval(own[name])} under {titles.get(name, name)} where it was trained" if name else "no other"
    return [
        *(f"{line}." for line in warnings_of(record)),
        *record.data.notes,
        f"On {record.data.folder}, {record.model.name} reaches macro-F1 {with_interval(figures.f1_macro)} of "
        f"{plural(figures.n, 'slice')} in {plural(figures.groups, 'group')}, beside {there}.",
        f"It answered {with_interval(decisions.answered, 2)} of them, {with_interval(decisions.accuracy_of_answered)} "
        f"rightly; it abstained on {with_interval(decisions.abstain, 2)}, and {with_interval(decisions.outlier, 2)} "
        "were outliers.",
    ]
