"""What the terminal says about a trained model."""

from hilum.records.figures import highest_floor
from hilum.records.trained import TrainedRecord
from hilum.report.trust_words import trust_lines
from hilum.report.words import plural, readable, warnings_of, with_interval


def training_lines(record: TrainedRecord) -> list[str]:
    """The lines for the terminal after training: scores beside floors, and when the model answers.

    Args:
        record: The contents of `model.json`.

    Returns:
        Plain lines without rich's markup: print them with `markup=False`.
    """
    data, scores = record.data, record.scores
    fitted = plural(sum(data.fitted.values()), "slice")
    lines = [
        *(f"{line}." for line in warnings_of(record)),
        f"{record.backbone.title} with a head fitted on {fitted} of {len(record.classes)} classes.",
    ]
    for name, figures in reversed([*scores.protocols.items()]):  # the hardest first
        floor = highest_floor(scores.floors.get(name, {}))
        beside = f", highest floor {with_interval(floor[1])}" if floor else ""
        lines.append(f"Macro-F1 {record.title(name)}: {with_interval(figures.f1_macro)}{beside}.")
    own = scores.out_of_fold
    apart = "given groups" if data.grouped_by == "given ids" else "look-alikes"
    lines.append(f"Out of fold on the slices it was fitted on, {apart} kept together: {with_interval(own.f1_macro)}.")
    if pair := own.most_confused:
        lines.append(f"Most often taken for each other: {' and '.join(map(readable, pair.classes))}.")
    return [*lines, *trust_lines(record)]
