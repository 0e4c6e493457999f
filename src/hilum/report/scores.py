"""The scores of a comparison in sentences: intervals, floors, and which models can be told apart."""

from hilum.records.comparison import ComparedModel, ComparisonRecord
from hilum.records.figures import Lead, highest_floor
from hilum.report.words import macro_f1, plural, readable, with_interval
from hilum.scoring.intervals import TRUSTED_FROM


def headline(record: ComparisonRecord) -> str:
    """The protocol that the best model is judged by: unseen if there is one, else given."""
    return "no-copies" if "no-copies" in record.protocol_names else "given"


def score_sentences(record: ComparisonRecord) -> list[str]:
    """Sentences on the best model: its figures on test and on unseen slices, the floor, and equally good models."""
    model, protocol = record.best_model, headline(record)
    words = [f"macro-F1 {with_interval(macro_f1(model, 'given'))} on the test slices as given"]
    if protocol != "given":
        words.append(f"{with_interval(macro_f1(model, protocol))} on those of which no same slice is in train or valid")
    lines = [f"{model.title} reaches {' and '.join(words)}."]
    if floor := highest_floor(record.audit.floors.get(protocol, {})):
        lines.append(f"The highest floor, a simple model of {floor[0]}, reaches {with_interval(floor[1])} there.")
    more = (
        lead_sentence(record),
        apart_sentence(record, protocol),
        few_sentence(model, protocol),
        narrow_sentence(model, protocol),
    )
    return [*lines, *filter(None, more)]


def verdict_sentence(record: ComparisonRecord) -> str | None:
    """Whether the best model beats its floor in the hardest protocol with enough groups."""
    model, leads = record.best_model, _leads(record)
    if not leads:
        return None
    judged = next((name for name in reversed(leads) if not leads[name].too_few), None)
    if judged is None:
        return f"Whether {model.title} beats its floor cannot be told: there are too few groups of slices."
    lead = leads[judged]
    floor = record.audit.floors[judged][lead.floor].f1_macro
    verb = "beats" if lead.above else "does not clearly beat"
    chance = "" if lead.above else ", which may be chance"
    return (
        f"{model.title} {verb} its floor, the best simple model that hardly sees the disease: macro-F1 "
        f"{with_interval(macro_f1(model, judged), 2)} against {with_interval(floor, 2)} of {lead.floor} ({judged}), a "
        f"lead of {with_interval(lead.difference, 2)}{chance}."
    )


def lead_sentence(record: ComparisonRecord) -> str | None:
    """The best model's lead over the highest floor of each protocol, on the same resamples."""
    words = [f"{with_interval(lead.difference)} ({name}){_caveat(lead)}" for name, lead in _leads(record).items()]
    return f"Its lead over the highest floor: {'; '.join(words)}." if words else None


def _leads(record: ComparisonRecord) -> dict[str, Lead]:
    """The leads of the best model over the floors, by protocol."""
    scores = record.best_model.protocols
    return {name: lead for name in record.protocol_names if name in scores and (lead := scores[name].over_floor)}


def _caveat(lead: Lead) -> str:
    if lead.too_few:
        return f", of {plural(lead.groups, 'group')} only: too few to tell"
    return "" if lead.above else ", which may be chance"


def apart_sentence(record: ComparisonRecord, protocol: str) -> str | None:
    """The models that cannot be told apart from the best one in a protocol, by macro-F1 and by AUC."""
    rows, titles = record.differences.get(protocol, ()), record.titles
    known = {
        title: [(titles[model], gap.told_apart) for model, gap in gaps if gap.difference and gap.told_apart is not None]
        for title, gaps in (
            ("macro-F1", [(row.model, row.f1_macro) for row in rows]),
            ("AUC", [(row.model, row.auc_macro) for row in rows]),
        )
    }
    close = {title: [name for name, apart in gaps if not apart] for title, gaps in known.items() if gaps}
    best = record.best_model.title
    if not close:
        return None
    if not any(close.values()):
        return f"Every other model can be told apart from {best} ({protocol})."
    words = [f"by {title} {', '.join(names) or 'none'}" for title, names in close.items()]
    return f"Cannot be told apart from {best} ({protocol}): {'; '.join(words)}."


def narrow_sentence(model: ComparedModel, protocol: str) -> str | None:
    """A note that a protocol has no intervals, or intervals of few groups."""
    scores = model.protocols.get(protocol)
    if scores is None or scores.groups >= TRUSTED_FROM:
        return None
    if scores.f1_macro.low is None:
        return f"No class has more than one group of slices, so no figure has an interval ({protocol})."
    return f"The intervals rest on {plural(scores.groups, 'group')} of slices and are wider than need be ({protocol})."


def few_sentence(model: ComparedModel, protocol: str) -> str | None:
    """The figures of a model that rest on too few groups of slices."""
    scores = model.protocols.get(protocol)
    if scores is None:
        return None
    few = [f"{readable(name)} ({plural(row.groups, 'group')})" for name, row in scores.per_class.items() if row.too_few]
    words = [f"recall of {', '.join(few)}"] if few else []
    if scores.binary and scores.binary.too_few:
        words.append("specificity")
    return f"Too few groups of slices to tell ({protocol}): {' and '.join(words)}." if words else None


def group_sentences(record: ComparisonRecord) -> list[str]:
    """The best model's figures on whole patients or series with ids, and on whole DICOM series."""
    model, named = record.best_model, record.audit.groups.given is not None
    by = "patient or series" if all_named(record) else "patient or series, look-alikes where no id was given"
    scores = {name: model.protocols[name] for name in record.protocol_names if name in model.protocols}
    sentences = []
    for whole, found in (
        (by, {name: of.per_group for name, of in scores.items() if named}),
        ("DICOM series", {name: of.per_series for name, of in scores.items()}),
    ):
        words = [f"{with_interval(of.f1_macro)} of {of.n} ({name})" for name, of in found.items() if of]
        if words:
            sentences.append(f"By {whole}, slices averaged: {model.title} reaches macro-F1 {', '.join(words)}.")
    return sentences


def all_named(record: ComparisonRecord) -> bool:
    """Whether every file came with the id of a patient or series."""
    return record.audit.groups.given is not None and record.audit.groups.named_files == record.audit.files


def sentences(record: ComparisonRecord) -> list[str]:
    """The sentences below the page's table of protocols."""
    names, best = record.protocol_names, record.best_model
    few = (sentence(best, name) for name in names for sentence in (few_sentence, narrow_sentence))
    return [
        *group_sentences(record),
        *filter(None, [lead_sentence(record), *(apart_sentence(record, name) for name in names)]),
        *(f"{best.title}: {sentence}" for sentence in few if sentence),
    ]
