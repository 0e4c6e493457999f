"""Checks of protocols that a file names: what is called strict must be strict."""

from collections.abc import Sequence

import numpy as np

from hilum.judging.given import Answers
from hilum.judging.titles import title_of
from hilum.judging.trained import Trained, in_several
from hilum.report.words import plural
from hilum.scoring.protocols import Protocol, Slices, first_of

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
