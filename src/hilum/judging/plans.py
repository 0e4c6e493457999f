"""Protocols of predictions that were made elsewhere: which slices are scored, and what was trained on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hilum.brief import Brief
from hilum.errors import HilumError
from hilum.judging.given import Answers, Given
from hilum.judging.left_out import reasons, reasons_beside
from hilum.judging.titles import title_of
from hilum.judging.trained import Trained, in_several
from hilum.records.comparison import hardest
from hilum.report.words import plural
from hilum.scoring.left_out import said
from hilum.scoring.protocols import PROTOCOLS, Fit, Plan, Protocol, Slices, first_of, unscored
from hilum.scoring.scoring import Predictions

_Indices = NDArray[np.intp]
_TOLD = PROTOCOLS[:3]  # those that need no name in a file


@dataclass(frozen=True, repr=False)
class Protocols(Brief):
    """The protocols of some predictions.

    Attributes:
        plans: Plan of each protocol, of a model with folds if there is one. Floors are trained as it says.
        predictions: Predictions of each model under each protocol.
        headline: The protocol whose figures stand for a model.
        reported: Rows of the table that were reported, sorted.
        left_out: Why each reported row is not in the headline figure, or None if it is.
        notes: Sentences about protocols that are left out or not what they are called.
    """

    plans: dict[Protocol, Plan]
    predictions: dict[str, dict[Protocol, Predictions]]
    headline: Protocol
    reported: _Indices
    left_out: list[str | None]
    notes: list[str]


def reported_of(given: Given) -> list[Answers]:
    """The predictions of each model as they were reported.

    Raises:
        HilumError: The file names protocols, but not `given`.
    """
    if reported := [of for of in given.scored if of.protocol == "given"]:
        return reported
    raise HilumError(
        f"{given.source} names protocols but not given, whose rows are what was reported. Add them, or leave out the "
        "column protocol."
    )


def judged_protocols(given: Given, slices: Slices, trained: Trained) -> Protocols:
    """The protocols that a file names, and those that can be told from what was trained on.

    Args:
        given: The predictions.
        slices: All slices, in the classes of the predictions; the label of a slice of no such class is -1.
        trained: What is known of the training.

    Raises:
        HilumError: Nothing is reported, or no reported slice is of a class of the predictions.
    """
    answers = {name: [of for of in given.scored if of.protocol == name] for name in PROTOCOLS}
    reported, notes = reported_of(given), list[str]()
    chosen = dict[Protocol, _Chosen]()
    for name in PROTOCOLS:
        found = None
        if name != "given" and answers[name]:
            found, why = _named(name, answers[name], slices, trained, given.source)
            notes += why
        if found is None and name in _TOLD:
            found, why = _told(name, reported, slices, trained)
            notes += why
        if found is not None:
            chosen[name] = found
    if "given" not in chosen:
        raise HilumError(
            f"None of the slices that {given.source} predicts is of one of its classes "
            f"({', '.join(given.reading.classes)}). Say what the classes of the folder are with --map."
        )
    plans, predictions = dict[Protocol, Plan](), dict[str, dict[Protocol, Predictions]]()
    for name, of in chosen.items():
        for one in of.answers:
            plan = _plan(name, one, of.rows, slices, trained)
            shares = one.probabilities[:, np.searchsorted(one.rows, of.rows)]
            made = Predictions(plan, shares, shares, classes_only=given.classes_only)
            predictions.setdefault(one.model, {})[name] = made
            if name not in plans or (plans[name].folds is None and plan.folds is not None):
                plans[name] = plan
    for name in [name for name, of in predictions.items() if "given" not in of]:
        del predictions[name]
        notes.append(f"{given.source} has nothing of {name} under given, so it is not judged.")
    headline, rows = hardest(chosen, judged=True), reported[0].rows
    left_out = chosen[headline].left or reasons_beside(rows, chosen[headline].rows, slices)
    return Protocols(plans, predictions, headline, rows, left_out, notes)


@dataclass(frozen=True)
class _Chosen:
    """The predictions that a protocol scores, the rows of them, and why the other reported rows are left out."""

    answers: list[Answers]
    rows: _Indices
    left: list[str | None] | None = None


def _named(
    name: Protocol, answers: list[Answers], slices: Slices, trained: Trained, source: str
) -> tuple[_Chosen | None, list[str]]:
    """A protocol that the file names, if it is what it is called, and sentences about it."""
    if wrong := wrong_with(name, answers, slices, trained, source):
        return None, [wrong]
    rows = answers[0].rows[slices.labels[answers[0].rows] >= 0]
    if trained.said is not None or answers[0].folds is not None:
        return _Chosen(answers, rows) if len(rows) else None, []
    return _Chosen(answers, rows), [
        f"{source} says which slices {title_of(name, slices)} has. That could not be checked, since it is not known "
        "what the models were trained on; say it with --trained-on."
    ]


def _told(
    name: Protocol, reported: list[Answers], slices: Slices, trained: Trained
) -> tuple[_Chosen | None, list[str]]:
    """A protocol that follows from what was trained on, if it keeps a slice, and sentences about it."""
    title = title_of(name, slices)
    if name == "no-look-alikes" and trained.said is None:
        return None, [
            "It is not known what the models were trained on: no copies is without copies among the reported slices "
            f"only, and {title} is left out. Say it with --trained-on."
        ]
    left = reasons(name, reported, slices, trained)
    rows = reported[0].rows[[reason is None for reason in left]]
    if len(rows):
        return _Chosen(reported, rows, left), []
    if name == "no-copies" and np.any([trained.seen(of, slices.same_slice) for of in reported], axis=0).all():
        return None, [
            f"All {plural(len(left), 'scored slice')} are ones that were trained on ({trained.said}), or copies of "
            f"these, so this is a training score and says nothing about new slices. The protocol {title} is left out."
        ]
    return None, [f"The protocol {title} keeps no slice and is left out. {said(Counter(filter(None, left)))}"]


def _plan(name: Protocol, answers: Answers, scored: _Indices, slices: Slices, trained: Trained) -> Plan:
    """The plan of some rows of a model's predictions, with what it was trained on as far as that is known."""
    none = np.empty(0, np.intp)
    # The folds of these two say all that their models were trained on.
    beside = np.zeros(len(slices.labels), np.bool_) if name in ("grouped", "strict") else trained.beside(answers)
    beside &= slices.labels >= 0

    def fit(train: NDArray[np.bool_], score: _Indices) -> Fit:
        rows = np.flatnonzero(train)
        return Fit(rows, none, score, rows)

    repeats: tuple[tuple[Fit, ...], ...] = ((fit(beside, scored),),) * len(answers.probabilities)
    if answers.folds is not None:
        known = slices.labels[answers.rows] >= 0
        repeats = tuple(
            tuple(
                fit(_with(beside, answers.rows[(folds != fold) & known]), score)
                for fold in np.unique(folds)
                if len(score := np.intersect1d(answers.rows[folds == fold], scored))
            )
            for folds in answers.folds
        )
    return Plan(name, scored, repeats, slices.strict, tuple(unscored(slices, scored)))


def _with(mask: NDArray[np.bool_], rows: _Indices) -> NDArray[np.bool_]:
    both = mask.copy()
    both[rows] = True
    return both


_FOLDS = ("grouped", "strict")


def wrong_with(
    protocol: Protocol, answers: Sequence[Answers], slices: Slices, trained: Trained, source: str
) -> str | None:
    """A sentence on why the rows and folds of a protocol are not what its name says, or None.

    Args:
        protocol: A protocol other than `given`.
        answers: Its predictions, of each model.
        slices: All slices.
        trained: What is known of the training.
        source: Name of the file.
    """
    title, rows = title_of(protocol, slices), answers[0].rows
    groups = slices.same_slice if protocol in ("no-copies", "grouped") else slices.strict
    kind = "the same slice" if groups is slices.same_slice else "a look-alike, or a slice with the same id,"
    if protocol in _FOLDS:
        repeats = [folds for of in answers if of.folds is not None for folds in of.folds]
        if any(of.folds is None for of in answers):
            return f"Serious: {source} has no folds under {title}, so it cannot be checked and is left out."
        seen = np.any([in_several(groups[rows], folds) for folds in repeats], axis=0)
        where = "is in another fold"
    else:
        seen = np.any([trained.seen(of, groups) for of in answers], axis=0)
        where = "was trained on"
    if seen.any():
        return (
            f"Serious: under {title}, {source} has {plural(int(seen.sum()), 'slice')} of which {kind} {where}. "
            f"{_instead(protocol)} If they were made with other --groups or another --look-alike, judge them with the "
            "same."
        )
    copies = ~first_of(slices.picture[rows]) | slices.conflicting[rows]
    if count := int(copies.sum()):
        what = "is a copy or carries" if count == 1 else "are copies or carry"
        return (
            f"Serious: under {title}, {source} has {plural(count, 'slice')} that {what} two labels. "
            f"{_instead(protocol)}"
        )
    return None


def _instead(protocol: Protocol) -> str:
    return "The protocol is left out." if protocol in _FOLDS else "They are left out here."
