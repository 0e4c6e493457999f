"""The scores of a comparison in sentences: what to believe, the floor, and which models differ significantly."""

from collections.abc import Iterator

from hilum.records.comparison import ComparedModel, ComparisonRecord, Gap, SimilarityPoint
from hilum.records.figures import BLANKED, BORDER, Estimate, Lead, highest_floor
from hilum.report import judged
from hilum.report.words import all_named, listed, macro_f1, number, plural, readable, with_interval
from hilum.scoring.intervals import FEW, TRUSTED_FROM

RANGE = (0.90, 0.85)  # likenesses that stand beside that of strict


def verdict(record: ComparisonRecord) -> str:
    """What to believe of the best model, in one sentence: strict, its floor, and slices from elsewhere."""
    model = record.best_model
    protocol = record.judged_by(model)
    words = f"{_reached(record, model)}{_beside_floor(record, model, protocol)}"
    away = [
        f"{with_interval(macro_f1(model, of.name))} on {of.title}{_floor_there(record, model, of.name)}"
        for of in record.external
        if of.groups >= FEW
    ]
    few = [
        f"; {of.title} has too few slices to tell ({of.scored} in {plural(of.groups, 'group')})"
        for of in record.external
        if of.groups < FEW
    ]
    return f"{words}{f'; it reaches macro-F1 {listed(away)}' if away else ''}{''.join(few)}."


def _reached(record: ComparisonRecord, model: ComparedModel) -> str:
    """The headline figure, and why it is not that of strict if it is not."""
    if record.judged:
        return judged.reached(record, record.judged, model)
    figure = with_interval(macro_f1(model, record.judged_by(model)))
    if record.judged_by(model) == "strict":
        return f"Under {record.title_of('strict')}, {model.title} reaches macro-F1 {figure}"
    copies = any((of.origin, of.into) == ("train", "test") and of.same_slice for of in record.audit.leaks)
    included = ", copies of training slices included," if copies else ""
    there = f"the given test{included} stands in for it: macro-F1 {figure}"
    if record.headline == "strict":
        return f"{model.title} was not run under {record.title_of('strict')}, so {there}"
    why = "could not be run on these slices" if "strict" in record.settings.protocols else "was not run"
    return f"The protocol strict {why}, so for {model.title} {there}"


def where(record: ComparisonRecord, model: ComparedModel) -> str:
    """The slices on which a model's confusions and mistakes are counted: `under strict (0.87)`."""
    return _within(record, record.judged_by(model))


def _within(record: ComparisonRecord, protocol: str) -> str:
    title = record.title_of(protocol)
    if protocol == "given":
        return "on the slices as reported" if record.judged else "on the given test"
    return f"without {title.removeprefix('no ')}" if protocol.startswith("no-") else f"under {title}"


def floor_beside(record: ComparisonRecord, model: ComparedModel, protocol: str) -> tuple[str, Estimate] | None:
    """The name and macro-F1 of the highest floor, which the lead is over; None where the model was not run."""
    return highest_floor(record.floors_of(model, protocol)) if protocol in model.protocols else None


def _beside_floor(record: ComparisonRecord, model: ComparedModel, protocol: str) -> str:
    """The end of a sentence: how a figure compares with the floor that its lead is over."""
    lead = lead_of(model, protocol)
    if lead is None:
        floor = floor_beside(record, model, protocol)
        return f", beside the {with_interval(floor[1])} {_by_floor(record, floor[0])}" if floor else ""
    floors = record.floors_of(model, protocol)
    reached = f"the {with_interval(floors[lead.floor].f1_macro)} {_by_floor(record, lead.floor)}"
    if lead.too_few and record.judged:
        return f", beside {reached}"
    if lead.too_few:
        return f"; from {plural(lead.groups, 'group')} of slices it cannot be told whether that is above {reached}"
    if record.judged and (lead.difference.value or 0) < 0:
        return f", not above {reached}: a difference of {with_interval(lead.difference)}"
    if lead.above:
        words = f", {with_interval(lead.difference)} above {reached}"
    else:
        words = f", not clearly above {reached}: a lead of {with_interval(lead.difference)} may be chance"
    own = model.floors.get(protocol)
    if own is None or lead.floor == BLANKED:
        return words
    return f"{words} ({with_interval(own.f1_macro)} {of_floor(BLANKED)})"


def _floor_there(record: ComparisonRecord, model: ComparedModel, protocol: str) -> str:
    """The highest floor on slices from elsewhere, in brackets."""
    floor = highest_floor(record.floors_of(model, protocol))
    return f" ({number(floor[1].value, 3)} {of_floor(floor[0])})" if floor else ""


def _by_floor(record: ComparisonRecord, floor: str) -> str:
    """The name of a floor behind its figure; that on blanked pictures is of no network that was judged."""
    return f"of a frozen network {of_floor(floor)}" if record.judged and floor == BLANKED else of_floor(floor)


def of_floor(floor: str) -> str:
    """The name of a floor behind its figure: `with the lungs blanked`."""
    if floor == BLANKED:
        return "with the lungs blanked"
    return f"of a simple model of {'the ' if floor == BORDER else ''}{floor}"


def lead_of(model: ComparedModel, protocol: str) -> Lead | None:
    """A model's lead over the highest floor, or None if it is not known."""
    scores = model.protocols.get(protocol)
    return None if scores is None else scores.over_floor


def range_sentence(record: ComparisonRecord) -> str | None:
    """The best model's macro-F1 at other likenesses than that of strict."""
    model = record.best_model
    words = [
        f"{with_interval(point.scores[model.name])} at {point.similarity:.2f}"
        f"{' (which joins different chests)' if point.false_links else ''}"
        for point in beside(record)
    ]
    return f"With another likeness in place of strict's, {model.title} reaches {listed(words)}." if words else None


def beside(record: ComparisonRecord) -> list[SimilarityPoint]:
    """The points of the curve at 0.90 and 0.85 if strict has another likeness and the best model was scored there."""
    strict = next((of.likeness for of in record.protocols if of.name == "strict"), None)
    if strict is None:
        return []
    known = {round(point.similarity, 4): point for point in record.curve if record.best in point.scores}
    return [known[likeness] for likeness in RANGE if likeness in known and likeness != strict]


def primary_sentence(record: ComparisonRecord) -> str | None:
    """Which models differ significantly from the best one by macro-F1 under strict: the one claim that is tested."""
    best, name = record.best_model, tested(record)
    if len(record.ranked) == 1:
        return None
    if name is None or record.headline != name:
        why = "that is tested under strict alone" if name else judged.CHOSEN_HERE
        return f"No model is said to differ significantly from another: {why}."
    where = f"By macro-F1 {_within(record, name)}"
    if record.judged_by(best) != name:
        return f"{where}, no model is said to differ from {best.title}, which was not run there."
    found = {row.model: row.f1_macro for row in record.differences.get(name, ()) if row.f1_macro.difference}
    gaps = {title: found[name] for name, title in record.titles.items() if name in found}
    if not gaps:
        return None
    if all(gap.told_apart is None for gap in gaps.values()):
        return f"{where}, no model is said to differ from {best.title}: there are too few groups of slices."
    margin = number(record.settings.margin, 3).rstrip("0")
    groups = {  # a model that is worse by less than the margin is in two of them
        "significantly worse than": [title for title, gap in gaps.items() if gap.told_apart and _below(gap)],
        "significantly better than": [title for title, gap in gaps.items() if gap.told_apart and not _below(gap)],
        f"as good within {margin} as": [
            title for title, gap in gaps.items() if gap.as_good and (_below(gap) or not gap.told_apart)
        ],
        "not told apart from": [title for title, gap in gaps.items() if not gap.told_apart and not gap.as_good],
    }
    known = [(titles, "is" if len(titles) == 1 else "are", how) for how, titles in groups.items() if titles]
    words = [f"{listed(titles)} {verb} {how} {best.title}" for titles, verb, how in known]
    return f"{where} (Holm over {plural(len(gaps), 'model')}), {'; '.join(words)}."


def tested(record: ComparisonRecord) -> str | None:
    """The protocol under which models are tested for a difference from the best one.

    It is strict, or the headline of predictions that were made elsewhere; None if the best one was chosen there.
    """
    if not record.chosen_on_valid:
        return None
    return record.headline if record.judged else "strict"


def _below(gap: Gap) -> bool:
    """Whether a model's figure is below the best one's."""
    return gap.difference is not None and (gap.difference.value or 0) < 0


def narrow_sentence(record: ComparisonRecord, model: ComparedModel, protocol: str) -> str | None:
    """A note that a protocol has no intervals, or intervals of few groups."""
    scores = model.protocols.get(protocol)
    if scores is None or scores.groups >= TRUSTED_FROM:
        return None
    title = record.title_of(protocol)
    if scores.f1_macro.low is None:
        return f"No class has more than one group of slices, so no figure has an interval ({title})."
    return f"There are only {plural(scores.groups, 'group')} of slices: the intervals are wide and rough ({title})."


def few_sentence(record: ComparisonRecord, model: ComparedModel, protocol: str) -> str | None:
    """The figures of a model that rest on too few groups of slices."""
    scores = model.protocols.get(protocol)
    if scores is None:
        return None
    few = [f"{readable(name)} ({plural(row.groups, 'group')})" for name, row in scores.per_class.items() if row.too_few]
    words = [f"recall of {', '.join(few)}"] if few else []
    if scores.binary and scores.binary.too_few:
        words.append("specificity")
    return f"Too few groups of slices to tell ({record.title_of(protocol)}): {' and '.join(words)}." if words else None


def group_sentences(record: ComparisonRecord) -> list[str]:
    """The best model's figures on whole patients or series with ids, and on whole DICOM series."""
    model, named = record.best_model, record.audit.groups.given is not None
    by = "patient or series" if all_named(record) else "patient or series, look-alikes where no id was given"
    scores = {of.title: model.protocols[of.name] for of in record.protocols if of.name in model.protocols}
    sentences = []
    for whole, found in (
        (by, {title: of.per_group for title, of in scores.items() if named}),
        ("DICOM series", {title: of.per_series for title, of in scores.items()}),
    ):
        words = [f"{with_interval(of.f1_macro)} of {of.n} ({title})" for title, of in found.items() if of]
        if words:
            sentences.append(f"By {whole}, slices averaged: {model.title} reaches macro-F1 {', '.join(words)}.")
    return sentences


def sentences(record: ComparisonRecord) -> list[str]:
    """The sentences below the page's table of protocols."""
    best = record.best_model
    doubts = (f"{best.title}: {sentence}" for sentence in _doubts(record, best))
    return [*group_sentences(record), *calibration_sentences(record), *doubts]


def calibration_sentences(record: ComparisonRecord) -> list[str]:
    """How well the probabilities match the shares that are right, on slices from elsewhere or of what is judged."""
    found = []
    for protocol in record.protocols:
        known = [
            f"{model.title} {number(of.calibration.error)} (chance alone {number(of.calibration.band[0])} to "
            f"{number(of.calibration.band[1])})"
            for model in record.ranked
            if (of := model.protocols.get(protocol.name)) and of.calibration
        ]
        place = f"on {protocol.title}" if protocol.external else _within(record, protocol.name)
        if known:
            found.append(f"Calibration error {place}: {', '.join(known)}.")
    return found


def _doubts(record: ComparisonRecord, model: ComparedModel) -> Iterator[str]:
    for name in record.protocol_names:
        yield from filter(None, (few_sentence(record, model, name), narrow_sentence(record, model, name)))
