"""Sentences about files that are left out: a few are named, many are counted."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from hilum.slices.labels import SPLITS
from hilum.slices.layout import Skipped, SliceFile

_NAMED = 10  # files named per reason


def left_out_lines(skipped: Sequence[Skipped]) -> Iterator[str]:
    """A line for each file that is left out, up to ten per reason; then a line with the number of the others."""
    more: Counter[str] = Counter()
    for one in skipped:
        reason = _kind(one.reason)
        more[reason] += 1
        if more[reason] <= _NAMED:
            yield f"Left out: {one.path}: {one.reason}."
    for reason, count in more.items():
        if count > _NAMED:
            yield f"Left out: {count - _NAMED:,} more, {count:,} in all: {reason}."


def reasons(skipped: Sequence[Skipped]) -> str:
    """The number of files left out, by ending and reason, as text."""
    kinds = Counter((PurePosixPath(one.path).suffix.lower(), _kind(one.reason)) for one in skipped)
    return "; ".join(
        f"{count:,} {ending or 'without ending'}: {reason}" for (ending, reason), count in kinds.most_common()
    )


def unread_classes(files: Sequence[SliceFile], unreadable: Sequence[Skipped]) -> Iterator[str]:
    """A sentence for each class, or class in a split, without a readable file.

    Args:
        files: All files that should be slices.
        unreadable: Those that cannot be read.
    """
    why = {one.path: one for one in unreadable}
    by_class = defaultdict(list)
    for file in files:
        by_class[file.split, file.label].append(file.path)
    for split in (None, *SPLITS):
        for label in sorted(label for its, label in by_class if its == split):
            paths = by_class[split, label]
            if all(path in why for path in paths):
                where = f" in {split}" if split else ""
                yield (
                    f"No file of the class {label}{where} can be read ({reasons([why[path] for path in paths])}). "
                    "Convert them to PNG, JPEG or DICOM, or remove them."
                )


def _kind(reason: str) -> str:
    """A reason without the part that differs from file to file."""
    return re.sub(r" \(.*\)$", "", reason, flags=re.DOTALL)
