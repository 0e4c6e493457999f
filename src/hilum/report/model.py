"""What the terminal says about a model that was trained."""

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
