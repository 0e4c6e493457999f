"""The leaderboard of a comparison as columns and cells, which the terminal, notebooks, the page and papers lay out."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from hilum.records.comparison import ComparedModel, ComparisonRecord, ProtocolFacts
from hilum.records.figures import BLANKED, Estimate
from hilum.report.scores import floor_beside, lead_of
from hilum.report.words import DASH, interval, number

_LEFT = {  # of predictions that were made elsewhere
    "given": "every slice that was predicted",
    "no-copies": "without copies of each other and of what was trained on",
    "no-look-alikes": "without look-alikes of that, too",
}


@dataclass(frozen=True)
class Cell:
    """The lines of a cell: a figure with its interval if it has one, and what else a reader must know of it."""

    figures: tuple[str, ...]
    remark: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join((*self.figures, *self.remark))


@dataclass(frozen=True)
class Column:
    """A column of figures: the lines of its heading, and its cell for each model."""

    heading: tuple[str, ...]
    cell: Callable[[ComparedModel], Cell]


def columns(record: ComparisonRecord) -> list[Column]:
    """The columns beside the names of the models."""
    headline, *others = map(_protocol, protocols(record))
    figures = [*_judged(record, headline), *others]
    return figures if record.judged else [*figures, Column(("seconds",), _seconds)]


def first_columns(record: ComparisonRecord) -> list[Column]:
    """The columns that are read first: those of the headline, and slices from elsewhere, else the given test."""
    headline, *others = protocols(record)
    return [*_judged(record, _protocol(headline)), *map(_protocol, [*record.external, *others][:1])]


def protocols(record: ComparisonRecord) -> list[ProtocolFacts]:
    """The protocols that have a column: the one that models are compared by, the given test, slices from elsewhere.

    Predictions that were made elsewhere have one without copies, too.
    """
    known = {of.name: of for of in record.protocols}
    shown = (record.headline, "given", *(["no-copies"] if record.judged else []))
    return [*(known[name] for name in dict.fromkeys(shown) if name in known), *record.external]


def named(record: ComparisonRecord, model: ComparedModel) -> str:
    """A model's title, with a star if it is the best one."""
    return f"{'★ ' if model.name == record.best and star(record) else ''}{model.title}"


def star(record: ComparisonRecord) -> str:
    """What the star means; nothing if predictions of one model are judged, which needs none."""
    if record.chosen_on_valid:
        return "★ chosen on valid."
    return "★ highest here, on the slices that it is scored on." if len(record.ranked) > 1 else ""


def key(record: ComparisonRecord) -> str:
    """What the star, the figures and the columns are."""
    return " ".join(filter(None, (star(record), legend(record))))


def legend(record: ComparisonRecord) -> str:
    """What the figures and the columns are."""
    strict = next((of for of in record.protocols if of.name == "strict"), None)
    by_auc = ", or AUC where the heading says so" if any(map(_by_auc, record.protocols)) else ""
    words = [f"Macro-F1{by_auc}, with 95 % intervals."]
    if record.judged:
        words += [f"{of.title.capitalize()}: {_LEFT[of.name]}." for of in record.protocols if of.name in _LEFT]
    if strict:
        alike = ["with the same id"] if "ids" in strict.title else []
        if strict.likeness is not None:
            alike.append(f"that correlates above {strict.likeness:.2f} with it")
        words.append(f"{strict.title}: no slice is scored by a model trained on a slice {' or '.join(alike)}.")
    if any(floor_beside(record, model, record.headline) for model in record.ranked):
        own = any(model.floors for model in record.ranked)
        floors = (
            "the same network with the lungs blanked and of simple models, named where it is not the former"
            if own
            else "simple models that hardly see the disease, which is named"
        )
        words.append(f"Floor: the highest of {floors}. Lead: over it, on the same resamples.")
    return " ".join(words)


def _judged(record: ComparisonRecord, headline: Column) -> list[Column]:
    """The figure that models are compared by, the highest floor and the lead over it."""

    def floor(model: ComparedModel) -> Cell:
        name, figure = floor_beside(record, model, record.headline) or (BLANKED, None)
        return _cell(figure, *([] if name == BLANKED and not record.judged else [name]))

    def lead(model: ComparedModel) -> Cell:
        of = lead_of(model, record.headline)
        return _cell(of.difference if of else None)

    if record.judged and not any(floor_beside(record, model, record.headline) for model in record.ranked):
        return [headline]  # where it is not known what was trained on, no simple model can be trained on the same
    return [headline, Column(("floor",), floor), Column(("lead",), lead)]


def _protocol(protocol: ProtocolFacts) -> Column:
    """A protocol's macro-F1, or its AUC if slices from elsewhere are read as two classes."""

    def cell(model: ComparedModel) -> Cell:
        of = model.protocols.get(protocol.name)
        return _cell((of.auc_macro if _by_auc(protocol) else of.f1_macro) if of else None)

    # Names of slices from elsewhere are kept whole, and so is what stands in brackets.
    lines = protocol.title.split(" ", 1) if protocol.external else re.split(r" (?![^(]*\))", protocol.title)
    return Column((*lines, *(["AUC"] if _by_auc(protocol) else [])), cell)


def _by_auc(protocol: ProtocolFacts) -> bool:
    return protocol.external is not None and len(protocol.external.classes) == 2


def _seconds(model: ComparedModel) -> Cell:
    return Cell((number(model.seconds.total if model.seconds else None, 0),))


def _cell(figure: Estimate | None, *remark: str) -> Cell:
    known = figure is not None and figure.value is not None
    return Cell((number(figure.value), interval(figure)), remark) if figure and known else Cell((DASH,))
