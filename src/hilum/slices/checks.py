"""Whether slices can be compared on, and what test shares with train or valid."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from hilum.errors import HilumError
from hilum.slices.labels import SPLITS, Split, split_name
from hilum.slices.layout import OUTSIDE, Layout, Skipped, SliceFile
from hilum.slices.unread import reasons

if TYPE_CHECKING:
    from hilum.slices.rows import SliceRow


def check_complete(
    layout: Layout, rows: Sequence["SliceRow"], classes: Sequence[str], skipped: Sequence[Skipped]
) -> None:
    """Checks that a comparison can be made of the slices.

    Args:
        layout: The files of the data set.
        rows: Rows of the files that can be read.
        classes: Names of the classes.
        skipped: Files that were left out.

    Raises:
        HilumError: There is only one class, a split or class has no row, or train lacks a class.
    """
    root, of_file = layout.root, {file.path: file for file in layout.files}
    if len(classes) == 1:
        raise HilumError(f"{root} has one class only, {classes[0]}. A comparison needs at least two.")
    for split in SPLITS:
        if not any(row.split == split for row in rows):
            unread = [one for one in skipped if _split_of(one, of_file) == split]
            why = f" ({reasons(unread)})" if unread else ""
            raise HilumError(
                f"The split {split} of {root} has no readable file{why}. Add slices to it, one folder per class, or "
                "list its slices in --table FILE.csv (path,label,split). A folder without splits is split 70/10/20."
            )
    in_train = {row.label for row in rows if row.split == "train"}
    for name in classes:
        if not any(row.label == name for row in rows):
            unread = [one for one in skipped if one.path in of_file and of_file[one.path].label == name]
            raise HilumError(
                f"The class {name} of {root} has no readable file ({reasons(unread)}). Add slices to it, or remove its "
                "folder."
            )
        if name not in in_train:
            where = next(row.split for row in rows if row.label == name)
            raise HilumError(
                f"The class {name} is in {where} but not in train, so no model could learn it. "
                "Add training slices of it, or remove it."
            )


def leaks(rows: Sequence["SliceRow"]) -> Iterator[str]:
    """Sentences about identical pictures and given groups on both sides of a split."""
    pictures = [row.facts.pixels for row in rows]
    groups = [row.group for row in rows]
    for name, values in (("picture", pictures), ("patient or series", groups)):
        seen = {value for row, value in zip(rows, values, strict=True) if row.split != "test"} - {None}
        test = [(row.label, value) for row, value in zip(rows, values, strict=True) if row.split == "test"]
        leaked = Counter(label for label, value in test if value in seen)
        if leaked:
            classes = ", ".join(f"{count} {label}" for label, count in sorted(leaked.items()))
            yield (
                f"{leaked.total()} of {len(test)} test slices ({classes}) share their {name} with train or valid: "
                "scores on test are too high."
            )


def _split_of(skipped: Skipped, files: Mapping[str, SliceFile]) -> Split | None:
    file = files.get(skipped.path)
    if file is not None:
        return file.split
    return split_name(skipped.path.split("/")[0]) if skipped.reason == OUTSIDE else None
