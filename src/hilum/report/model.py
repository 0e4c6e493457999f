"""What is said of a model that was trained."""

from hilum.report.words import Record, highest_floor, plural, readable, warnings_of, with_interval


def training_lines(record: Record) -> list[str]:
    """What is said on the terminal after training: what the scores are worth, and when the model answers.

    Args:
        record: The contents of `model.json`.

    Returns:
        Plain lines without rich's markup: print them with `markup=False`.
    """
    data, backbone = record["data"], record["backbone"]
    fitted = sum(data["fitted"].values())
    lines = [
        *(f"{line}." for line in warnings_of(record)),
        f"{backbone['title']} with a head fitted on {plural(fitted, 'slice')} of {len(record['classes'])} classes.",
    ]
    for name, figures in record["scores"]["protocols"].items():
        floor = highest_floor({"audit": record["scores"]}, name)
        beside = f", highest floor {with_interval(floor[1])}" if floor else ""
        lines.append(f"Macro-F1 {name}: {with_interval(figures['f1_macro'])}{beside}.")
    own = record["scores"]["out_of_fold"]
    pair = own["most_confused"]
    apart = "given groups" if data["grouped_by"] == "given ids" else "look-alikes"
    lines.append(f"Out of fold over what it was fitted on, {apart} kept together: {with_interval(own['f1_macro'])}.")
    if pair:
        lines.append(f"Most often taken for each other: {' and '.join(map(readable, pair['classes']))}.")
    if answers := record["trust"]["answers"]:
        at = answers["at_threshold"]
        lines.append(
            f"It abstains below {record['thresholds']['answer']:.2f}: answers {with_interval(at['coverage'], 2)} of "
            f"the slices, {with_interval(at['accuracy'], 2)} of them rightly."
        )
    return lines
