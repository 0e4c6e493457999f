"""Sentences on a new split: what stays together, what was left out, and how far it is from what was asked for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from hilum.audit.groups import Groups
from hilum.audit.likeness import likeness_notes
from hilum.records.figures import likeness_text
from hilum.report.words import listed as joined
from hilum.report.words import plural, readable
from hilum.slices.labels import SPLITS, listed
from hilum.slices.table import SliceTable
from hilum.splitting.division import NEAR, farthest
from hilum.splitting.files import CONFLICT

_NAMED = 3  # files
T = TypeVar("T")


def about_groups(table: SliceTable, groups: Groups, count: int) -> Iterator[str]:
    """What is kept together, and that earlier splits play no part."""
    by = "ids (patient or series)" if groups.ids is not None else "look-alikes"
    yield f"Kept together, as under the strict protocol: {plural(count, 'group')} of {by}."
    yield from likeness_notes(groups)
    if not table.split_drawn and len({row.split for row in table.rows}) > 1:
        yield "The splits that the slices came in are ignored."


def ids_would_help(groups: Groups) -> str:
    """A sentence for those without ids whose slices form too few groups, or nothing."""
    if groups.ids is not None:
        return ""
    at = likeness_text(groups.likeness)
    return f" These groups are look-alikes (above {at}); ids of patients or series would tell chests apart (--groups)."


def about_marks(marks: Mapping[str, str], dropped: bool) -> Iterator[str]:
    """How many files are copies or carry two labels, and the first of them.

    Args:
        marks: Mark of each such file.
        dropped: Whether they are left out.
    """
    copies = [f"{path} ({mark})" for path, mark in marks.items() if mark != CONFLICT]
    conflicts = [path for path, mark in marks.items() if mark == CONFLICT]
    for paths, what in ((copies, "as copies"), (conflicts, "since the same slice carries another label too")):
        if paths and dropped:
            yield f"{plural(len(paths), 'file')} left out {what}: {listed(paths, _NAMED)}."
    if marks and not dropped:
        yield (
            f"In the column mark: {plural(len(copies), 'file')} that are copies and {len(conflicts):,} with label "
            "conflicts; each is on the side of its group."
        )


def about_parts(
    labels: Sequence[str],
    parts: Sequence[str],
    groups: Sequence[int],
    shares: Mapping[str, float],
    classes: Sequence[str],
) -> Iterator[str]:
    """How near the parts are to the shares, and which classes are missing from some.

    Args:
        labels: Class of each slice.
        parts: Split or number of the fold of each slice.
        groups: Group of each slice.
        shares: Share that was asked for, by split or fold.
        classes: Classes of the slices before any was left out.
    """
    if lost := sorted({*classes} - {*labels}):
        yield f"No slice of {joined([readable(name) for name in lost])} is left."
    far = farthest(labels, parts, shares)
    groups_of, parts_of = _by_class(labels, groups), _by_class(labels, parts)
    if far.off <= NEAR:
        yield "Every class is within half a percentage point of the shares."
    else:
        sizes = Counter(groups_of[far.label])
        part = far.part if far.part in SPLITS else f"fold {far.part}"
        yield (
            f"Farthest from the shares is {readable(far.label)} in {part}: {100 * far.share:.1f} % of its slices, not "
            f"{100 * shares[far.part]:.3g} %. Its largest group has {max(sizes.values()):,} of {sizes.total():,}."
        )
    missing = [
        f"{readable(label)} ({plural(len({*groups_of[label]}), 'group')})"
        for label, found in sorted(parts_of.items())
        if len({*found}) < len(shares)
    ]
    if missing:
        yield f"Not in every fold: {joined(missing)}."


def _by_class(labels: Sequence[str], values: Iterable[T]) -> Mapping[str, Sequence[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for label, value in zip(labels, values, strict=True):
        found[label].append(value)
    return found
