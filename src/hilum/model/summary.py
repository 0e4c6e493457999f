"""A model in a few lines for notebooks: what it is, what its scores are worth and what to beware of."""

from hilum import html
from hilum.records.figures import Estimate, highest_floor
from hilum.records.model import LOOK_ALIKES, ModelRecord, TrainedOn
from hilum.report.trust_words import trust_lines
from hilum.report.words import DASH, plural, readable, warnings_of, with_interval

_OUT_OF_FOLD = "out_of_fold"


def summary_line(record: ModelRecord) -> str:
    """A model in one line: backbone, classes, training folder, score under the hardest protocol and highest floor."""
    parts = [f"{_name(record)}: {len(record.classes)} classes"]
    for name, figure in [*record.headlines.items()][:1]:
        parts.append(f"macro-F1 {_title(record, name)} {with_interval(figure)}")
        if floor := _floor(record, name):
            parts.append(f"highest floor {with_interval(floor[1])}")
    return ", ".join([*parts, *(warning.lower() for warning in warnings_of(record))])


def summary_html(record: ModelRecord) -> str:
    """A model as a card in HTML."""
    scores = []
    for name, figure in record.headlines.items():
        floor = _floor(record, name)
        beside = f"{floor[0]}: {with_interval(floor[1])}" if floor else DASH
        scores.append((_title(record, name), with_interval(figure), beside))
    return html.block(
        html.paragraph(_name(record), strong=True),
        *(html.paragraph(f"{warning}.", strong=True) for warning in warnings_of(record)),
        html.paragraph(_about(record)),
        *([html.table(("protocol", "macro-F1", "highest floor, macro-F1"), scores)] if scores else []),
        *map(html.paragraph, [*trust_lines(record), *_caveats(record), record.notice]),
    )


def _name(record: ModelRecord) -> str:
    return f"{record.backbone.title or record.backbone.name} on {_data(record).folder}"


def _about(record: ModelRecord) -> str:
    data, seen = _data(record), record.preparation
    crop = "cropped to the body and " if seen.crop else ""
    return (
        f"Tells {', '.join(map(readable, record.classes))} apart. Fitted on {plural(len(record.index), 'slice')}, kept "
        f"together by {data.grouped_by}; a {record.head.kind} head on a frozen network, which sees slices {crop}"
        f"resized to {seen.size} × {seen.size}."
    )


def _caveats(record: ModelRecord) -> list[str]:
    """What a user of the model has to beware of."""
    lines = []
    if record.floors:
        lines.append("A score that is not above its floor is no evidence that the lungs were looked at.")
    if _data(record).grouped_by == LOOK_ALIKES:
        lines.append("No patient ids were given, so no score is shown to be of unseen patients.")
    if not (record.trust and record.trust.elsewhere):
        lines.append("Nothing is known about slices of other hospitals; evaluate the model on some.")
    return lines


def _data(record: ModelRecord) -> TrainedOn:
    return record.data or TrainedOn()


def _title(record: ModelRecord, name: str) -> str:
    return "out of fold" if name == _OUT_OF_FOLD else record.title(name)


def _floor(record: ModelRecord, protocol: str) -> tuple[str, Estimate] | None:
    return highest_floor(record.floors.get(protocol, {}))
