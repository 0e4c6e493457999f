"""Protocols: which slices train, stop training early, and are scored."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hilum.brief import Brief
from hilum.records.figures import protocol_title
from hilum.scoring.folds import group_folds, stop_part

Protocol = str  # one of PROTOCOLS, or a name for slices from elsewhere
PROTOCOLS: tuple[Protocol, ...] = ("given", "no-copies", "no-look-alikes", "grouped", "strict")  # the hardest last
FOLDS = 5
REPEATS = 5

_Mask = NDArray[np.bool_]
_Indices = NDArray[np.intp]


@dataclass(frozen=True, repr=False)
class Slices(Brief):
    """What a protocol needs to know about n slices, as arrays `[n]`.

    Attributes:
        labels: Numbers of the classes; -1 for slices of another class, which no protocol may use.
        split: 0 for train, 1 for valid, 2 for test.
        picture: Number of the distinct picture; equal pixels have equal numbers.
        same_slice: Groups of the same slice.
        strict: Groups of look-alikes, or given ids.
        likeness: Correlation above which slices are look-alikes; None if `strict` groups are given ids only.
        conflicting: Whether the slice carries another label elsewhere.
        series: Series of DICOM slices; every other slice is a series of its own. None if there are no series.
        classes: Names of the classes for notes, which otherwise give the number of a class.
        ids: Whether `strict` groups are given ids where a slice has one.
    """

    labels: _Indices
    split: _Indices
    picture: _Indices
    same_slice: _Indices
    strict: _Indices
    likeness: float | None
    conflicting: _Mask
    series: _Indices | None = None
    classes: tuple[str, ...] = ()
    ids: bool = False

    def title(self, protocol: str) -> str:
        """The name of a protocol for readers: `strict (0.87)` says above which correlation slices stay together."""
        return protocol_title(protocol, self.likeness, ids=self.ids)

    def named(self, labels: Iterable[int], last: str = "and") -> str:
        """Class names for a sentence, with a word before the last: `normal and large cell carcinoma`."""
        names = [self.classes[label].replace("_", " ") if self.classes else f"class {label}" for label in labels]
        return f" {last} ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


@dataclass(frozen=True, repr=False)
class Fit(Brief):
    """One training.

    Attributes:
        train: Rows to train on.
        stop: Rows for early stopping; if empty, the training holds out some of its own rows.
        score: Rows to score.
        whole: Rows to train on without early stopping: `train` and `stop` in folds, else `train`.
    """

    train: _Indices
    stop: _Indices
    score: _Indices
    whole: _Indices


@dataclass(frozen=True, repr=False)
class Plan(Brief):
    """All trainings of a protocol.

    Attributes:
        name: Name of the protocol.
        scored: Rows that get a score, `[m]`, sorted.
        repeats: Fits of each repeat, which together score every row of `scored` once.
        inner: Groups that every fold inside a training keeps together, `[n]`.
        notes: Sentences about what deviates from the protocol.
    """

    name: Protocol
    scored: _Indices
    repeats: tuple[tuple[Fit, ...], ...]
    inner: _Indices
    notes: tuple[str, ...] = ()

    def once(self) -> Self:
        """The plan with its first repeat only."""
        return replace(self, repeats=self.repeats[:1])

    def begins(self, other: Self) -> bool:
        """Whether another plan begins with the same trainings, and scores at least these rows with each."""
        ours, theirs = ([fit for fits in plan.repeats[: len(self.repeats)] for fit in fits] for plan in (self, other))
        return (
            len(ours) == len(theirs)
            and np.array_equal(self.inner, other.inner)
            and all(
                np.array_equal(getattr(fit, name), getattr(its, name))
                for fit, its in zip(ours, theirs, strict=True)
                for name in ("train", "stop", "whole")
            )
            and all(np.isin(fit.score, its.score).all() for fit, its in zip(ours, theirs, strict=True))
        )

    @property
    def folds(self) -> NDArray[np.intp] | None:
        """Number of the fit that scored each row in each repeat, `[repeats, m]`; None if a repeat is one fit."""
        if all(len(fits) == 1 for fits in self.repeats):
            return None
        folds = np.empty((len(self.repeats), len(self.scored)), np.intp)
        for repeat, fits in enumerate(self.repeats):
            for number, fit in enumerate(fits):
                folds[repeat, np.searchsorted(self.scored, fit.score)] = number
        return folds


def given(slices: Slices, repeats: int = REPEATS, seed: int = 0) -> Plan | None:
    """The split as it came: every seed trains on train, stops on valid, and scores test.

    Returns:
        The plan, or None if train has fewer than two classes or test is empty.
    """
    train, valid, test = (np.flatnonzero(slices.split == split) for split in range(3))
    return _single("given", slices, Fit(train, valid, test, train), repeats)


def no_copies(slices: Slices, repeats: int = REPEATS, seed: int = 0) -> Plan | None:
    """The split without copies and label conflicts, and without test slices that train or valid show too.

    Returns:
        The plan, with a note about classes that keep no slices; None if train keeps fewer than two classes or test
        keeps nothing.
    """
    return _apart("no-copies", slices, slices.same_slice, repeats)


def no_look_alikes(slices: Slices, repeats: int = REPEATS, seed: int = 0) -> Plan | None:
    """`no_copies` without test slices that look like a slice of train or valid, or share its id.

    Returns:
        The plan, with a note about classes that keep no slices; None if train keeps fewer than two classes or test
        keeps nothing.
    """
    return _apart("no-look-alikes", slices, slices.strict, repeats)


def _apart(name: Protocol, slices: Slices, groups: _Indices, repeats: int) -> Plan | None:
    """The split without test slices of which some group `[n]` is in train or valid."""
    first = first_of(slices.picture) & ~slices.conflicting
    train, valid = (np.flatnonzero(first & (slices.split == split)) for split in (0, 1))
    seen = np.isin(groups, groups[slices.split < 2])
    test_rows = np.flatnonzero((slices.split == 2) & ~seen & ~slices.conflicting)
    test = test_rows[first_of(slices.picture[test_rows])]
    return _single(name, slices, Fit(train, valid, test, train), repeats, tuple(_absent(slices, train, test)))


def _single(name: Protocol, slices: Slices, fit: Fit, repeats: int, notes: tuple[str, ...] = ()) -> Plan | None:
    """A plan in which each repeat is the same single fit."""
    if not len(fit.score) or len(np.unique(slices.labels[fit.train])) < 2:
        return None
    return Plan(name, fit.score, ((fit,),) * repeats, slices.strict, notes)


def folds(
    name: Protocol,
    slices: Slices,
    rows: NDArray[np.intp],
    groups: NDArray[np.intp],
    repeats: int = REPEATS,
    seed: int = 0,
) -> Plan | None:
    """Repeated stratified group folds over some rows, with a part of each training side for early stopping.

    Args:
        name: Name of the protocol.
        slices: All slices.
        rows: Rows to use, sorted.
        groups: Groups that a fold keeps together, `[n]`. The stopping part keeps these and `slices.strict` together.
        repeats: Number of repeats, each with its own draw of folds.
        seed: Random seed of the draws.

    Returns:
        A plan of five folds, or of as many as the class with the fewest groups has groups. Notes say if folds are fewer
        or lack a class. None if there are fewer than two folds, or only one class.
    """
    labels = slices.labels[rows]
    classes = np.unique(labels)
    if len(classes) < 2:
        return None
    counts = [len(np.unique(groups[rows][labels == label])) for label in classes]
    count = min(FOLDS, *counts)
    if count < 2:
        return None
    inner = max((groups, slices.strict), key=lambda these: -len(np.unique(these[rows])))  # the larger groups
    made = tuple(_one_repeat(slices, rows, groups, inner, count, seed + repeat) for repeat in range(repeats))
    return Plan(name, rows, made, inner, tuple(_fold_notes(slices, rows, groups, made, count)))


def _fold_notes(
    slices: Slices, rows: _Indices, groups: _Indices, made: tuple[tuple[Fit, ...], ...], count: int
) -> Iterator[str]:
    classes = np.unique(slices.labels[rows])
    fits = [fit for fits in made for fit in fits]
    yield from _absent(slices, rows, rows)
    if count < FOLDS:
        fewest = slices.named(in_fewer_groups(slices, rows, groups, count + 1))
        yield f"{count} folds instead of {FOLDS}: there are {count} groups only with slices of {fewest}."
    if untrained := _lacked(slices.labels, classes, [fit.train for fit in fits]):
        yield (
            f"In some folds a group holds all slices of {slices.named(untrained)}, which is then missing from training "
            "and never named."
        )
    if unscored := _lacked(slices.labels, classes, [fit.score for fit in fits]):
        yield f"In some folds no slice of {slices.named(unscored, 'or')} is scored; its AUC is of the other folds."
    if any(not len(fit.stop) for fit in fits):
        yield "In some folds the groups were too few to hold any out for early stopping by group."


def _absent(slices: Slices, train: _Indices, scored: _Indices) -> Iterator[str]:
    """Sentences about classes that keep no slices under a protocol."""
    classes = np.unique(slices.labels)
    if lacked := _lacked(slices.labels, classes, [train]):
        yield f"No slice of {slices.named(lacked, 'or')} is left to train on, so the model can never predict it."
    yield from unscored(slices, scored)


def unscored(slices: Slices, scored: _Indices) -> Iterator[str]:
    """A sentence if some classes keep no slice to score under a protocol."""
    known = np.unique(slices.labels[slices.labels >= 0])
    if lacked := _lacked(slices.labels, known, [scored]):
        yield (
            f"No slice of {slices.named(lacked, 'or')} is left to score, so macro means are of the other classes and "
            "there is no macro AUC."
        )


def _lacked(labels: _Indices, classes: _Indices, parts: Iterable[_Indices]) -> list[int]:
    """The classes that are missing from one or more of some sets of rows."""
    return sorted({label for rows in parts for label in np.setdiff1d(classes, labels[rows]).tolist()})


def in_fewer_groups(slices: Slices, rows: NDArray[np.intp], groups: NDArray[np.intp], than: int) -> list[int]:
    """The classes whose slices among some rows lie in fewer groups `[n]` than a number."""
    labels = slices.labels[rows]
    return [label for label in np.unique(labels).tolist() if len(np.unique(groups[rows][labels == label])) < than]


def distinct_rows(slices: Slices) -> NDArray[np.intp]:
    """One row for each distinct picture without label conflicts: the rows that fold protocols use."""
    return np.flatnonzero(first_of(slices.picture) & ~slices.conflicting)


def development_rows(slices: Slices) -> NDArray[np.intp]:
    """The distinct rows of train and valid, on which everything beyond a head's weights is chosen."""
    rows = distinct_rows(slices)
    return rows[slices.split[rows] < 2]


def _one_repeat(
    slices: Slices, rows: _Indices, groups: _Indices, inner: _Indices, count: int, seed: int
) -> tuple[Fit, ...]:
    fits = []
    for train, score in group_folds(slices.labels[rows], groups[rows], count, seed):
        inside = rows[train]
        stop = stop_part(slices.labels, inside, inner, seed)
        fits.append(Fit(np.setdiff1d(inside, stop), stop, rows[score], inside))
    return tuple(fits)


def first_of(values: _Indices) -> _Mask:
    """Marks the first entry of each value."""
    first = np.zeros(len(values), np.bool_)
    first[np.unique(values, return_index=True)[1]] = True
    return first


def _no_folds(slices: Slices, groups: _Indices, kind: str) -> str:
    few = in_fewer_groups(slices, distinct_rows(slices), groups, 2)
    return f"There are fewer than two {kind} with slices of {slices.named(few) or 'a class'}, so no folds can be made"


@dataclass(frozen=True)
class Rule:
    """A protocol.

    Attributes:
        meaning: Meaning of a score under the protocol.
        plan: Function from slices, a number of repeats and a seed to a plan, or to None if the slices allow none.
        why_not: Function from slices to the reason why they allow none.
    """

    meaning: str
    plan: Callable[[Slices, int, int], Plan | None]
    why_not: Callable[[Slices], str]


RULES: dict[Protocol, Rule] = {
    "given": Rule(
        "The split as it came, copies and label conflicts included, to stand beside published figures.",
        given,
        lambda slices: "Train has fewer than two classes, or test is empty",
    ),
    "no-copies": Rule(
        "Trained as given less label conflicts and copies; scored on distinct test slices of which no same slice is in "
        "train or valid.",
        no_copies,
        lambda slices: "No distinct test slice is left that has no same slice in train or valid",
    ),
    "no-look-alikes": Rule(
        "Trained like no-copies; scored on distinct test slices of which no look-alike is in train or valid (where ids "
        "are given: no slice with the same id).",
        no_look_alikes,
        lambda slices: "No distinct test slice is left that has no look-alike in train or valid",
    ),
    "grouped": Rule(
        "Folds over all distinct slices; no slice is scored by a model trained on the same slice.",
        lambda slices, *how: folds("grouped", slices, distinct_rows(slices), slices.same_slice, *how),
        lambda slices: _no_folds(slices, slices.same_slice, "same-slice groups"),
    ),
    "strict": Rule(
        "Folds over all distinct slices; no slice is scored by a model trained on a look-alike of it (where ids are "
        "given: on a slice with the same id).",
        lambda slices, *how: folds("strict", slices, distinct_rows(slices), slices.strict, *how),
        lambda slices: _no_folds(slices, slices.strict, "groups of look-alikes (or ids)"),
    ),
}
