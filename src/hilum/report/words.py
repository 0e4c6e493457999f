"""Words and numbers that the terminal, the pages and the figures share."""

import math
from collections.abc import Mapping, Sequence

from hilum.records.base import Record
from hilum.records.comparison import ComparedModel, ComparisonRecord
from hilum.records.figures import Estimate
from hilum.records.heads import ChosenScorer
from hilum.records.trained import TrainedHead

SYNTHETIC = "Synthetic phantom slices"
RANDOM_WEIGHTS = "Random weights: scores mean nothing"
DASH = "–"
_HEADS = {
    "logistic": "logistic regression",
    "softmax": "softmax layer",
    "kernel": "kernel machine",
    "both": "mean of a logistic regression and a kernel machine",
    "hierarchical": "two questions, cancer or not and which cancer",
}


def warnings_of(record: Record) -> list[str]:
    """The warnings that every table and figure of a record must carry."""
    flags = {"synthetic": SYNTHETIC, "random_weights": RANDOM_WEIGHTS}
    return [line for flag, line in flags.items() if getattr(record, flag, False)]


def serious_notes(record: ComparisonRecord) -> list[str]:
    """Notes on a judgement after which its figures may mean something else; a reader sees them before the figures."""
    return [note for note in record.data.notes if note.startswith("Serious: ")]


def versions_line(versions: Mapping[str, str]) -> str:
    """The versions of packages in one line."""
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def number(value: float | None, digits: int = 3) -> str:
    """A figure with fixed digits and a true minus sign, or a dash for one that could not be computed."""
    return DASH if value is None or math.isnan(value) else f"{value:,.{digits}f}".replace("-", "−")


def plural(count: int, noun: str) -> str:
    """A count with its noun: `1 file`, `1,000 files`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(parts: Sequence[str], last: str = "and") -> str:
    """Parts joined for a sentence: `a, b and c`."""
    return f" {last} ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def readable(name: str) -> str:
    """A class name in plain words: `large cell carcinoma`."""
    return name.replace("_", " ")


def not_compared(record: ComparisonRecord) -> list[str]:
    """A line for each reason why models are unavailable, with their titles."""
    titles: dict[str, list[str]] = {}
    for model in record.unavailable:
        titles.setdefault(model.reason, []).append(model.title)
    return [f"Not compared: {', '.join(names)}. {reason}" for reason, names in titles.items()]


def with_interval(figure: Estimate | None, digits: int = 3) -> str:
    """A figure with its interval: `0.926 [0.89–0.95]`, or a dash if it is not known."""
    if figure is None or figure.value is None:
        return DASH
    return f"{number(figure.value, digits)} {interval(figure)}"


def interval(figure: Estimate) -> str:
    """The interval of a figure alone: `[0.89–0.95]`, or `[–]` if there is none."""
    if figure.low is None or figure.high is None:
        return f"[{DASH}]"
    between = DASH if figure.low >= 0 else " to "  # a dash before a minus sign is easily misread
    return f"[{number(figure.low, 2)}{between}{number(figure.high, 2)}]"


def macro_f1(model: ComparedModel, protocol: str) -> Estimate | None:
    """A model's macro-F1 in one protocol, or None if the protocol was not run for it."""
    scores = model.protocols.get(protocol)
    return None if scores is None else scores.f1_macro


def short_title(model: ComparedModel, record: ComparisonRecord) -> str:
    """A model's title for charts: an ensemble is named by its size if no other ensemble has it."""
    members = len(model.members)
    alike = [other for other in record.ranked if len(other.members) == members]
    return f"{members} averaged" if members and len(alike) == 1 else model.title


def head_words(chosen: Sequence[ChosenScorer], class_weight: str = "none") -> str:
    """What the scorers of a head are and chose: `cancer or not: kernel machine, gamma 0.3, strength 1; ...`."""
    asked = {"class": "", "cancer": "cancer or not: ", "type": "which cancer: "}
    parts = [f"{asked.get(scorer.question, '')}{_scorer_words(scorer)}" for scorer in chosen]
    return "; ".join([*parts, *(["classes weighted equally"] if parts and class_weight == "balanced" else [])])


def _scorer_words(scorer: ChosenScorer) -> str:
    kind = (
        "logistic regression, C =" if scorer.kind == "linear" else f"kernel machine, gamma {scorer.gamma:g}, strength"
    )
    return f"{kind} {scorer.strength:.3g}{' (the last that was tried)' if scorer.at_edge else ''}"


def head_text(head: TrainedHead) -> str:
    """The head of a model and what it chose: `hierarchical (cancer or not: kernel machine, gamma 0.1, ...)`."""
    chosen = head_words(head.chosen, head.class_weight)
    if head.strength is not None and not chosen:  # as models were written at first
        chosen = f"C = {head.strength:.3g}"
    asked = {scorer.question for scorer in head.chosen}
    name = (
        "one question, which class"
        if head.kind == "hierarchical" and asked == {"class"}
        else _HEADS.get(head.kind, head.kind)
    )
    return f"{name} ({chosen}; chosen in folds)" if chosen else name


def all_named(record: ComparisonRecord) -> bool:
    """Whether every file came with the id of a patient or series."""
    return record.audit.groups.given is not None and record.audit.groups.named_files == record.audit.files
