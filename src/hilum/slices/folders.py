"""Which folders of a data set are splits and which are classes, by their names and their content."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from hilum.errors import HilumError
from hilum.slices.labels import (
    CLASSES,
    SPLITS,
    Split,
    class_name,
    is_around,
    listed,
    split_folders,
    split_name,
    splits_within,
)
from hilum.slices.walking import is_picture, like_slice, pictures, relative, subfolders, walk

_INSTEAD = "or describe the data in --table FILE.csv with the columns path,label and, if wanted, split,group"


def find_folders(folder: Path, one_class: bool = False) -> tuple[Path, dict[Path, Split | None], list[str]]:
    """Decides what the folders of a data set mean.

    A folder around the data set, or around the classes of a split, is entered if it is the only one, or if it has a
    name such as `Data` and the folders beside it hold no slices.

    Args:
        folder: Folder that was given.
        one_class: Whether the data may have a single class. If so, a lone folder is read as a class, unless its name or
            the names in it say otherwise.

    Returns:
        The folder that holds the splits or the classes, which is the given one or one inside it; the folders that hold
        one folder per class, each with its split, or with None if there are no splits; and sentences about folders
        that were entered or left out.

    Raises:
        HilumError: The folders can be read in two ways, or one cannot be listed.
    """
    notes: list[str] = []

    def entered(outer: Path, split: Split | None = None) -> Path:
        while inner := _inner(outer, split, one_class or split is not None):
            beside = [path.name for path in [*subfolders(outer), *pictures(outer)] if path != inner]
            if beside:
                notes.append(f"What lies beside {relative(inner, folder)} was not read: {listed(beside, 5)}.")
            outer = inner
        return outer

    root = entered(folder)
    filled = filled_folders(root)
    splits = split_folders([path.name for path in filled])
    if not splits:
        return root, {root: None}, notes
    others = [path for path in filled if path.name not in splits]
    if not set(SPLITS) <= set(splits.values()):
        _refuse_mixture(root, splits, [path.name for path in others if any(map(is_picture, walk(path)))])
    if others:
        notes.append(f"Folders beside the splits were not read: {listed([path.name for path in others])}.")
    return root, {entered(root / name, split): split for name, split in splits.items()}, notes


def check_classes(root: Path, parent: Path) -> None:
    """Checks that no class folder is named like a split or holds splits, and that no known class lies in several.

    Args:
        root: The folder of the data set.
        parent: The folder that holds the class folders.

    Raises:
        HilumError: One of these is the case.
    """
    holders: dict[str, list[Path]] = defaultdict(list)
    classes = filled_folders(parent)
    if len(splits_within(path.name for path in classes)) > 1:
        mixed = listed([relative(path, root) for path in classes if splits_within([path.name])], 5)
        raise HilumError(
            f"In {root}, these folders would be classes, but their names contain those of splits: {mixed}. Put one "
            f"folder per class into each of train, valid and test, {_INSTEAD}."
        )
    for path in classes:
        below = [] if path.is_symlink() else [inside.name for inside in filled_folders(path)]
        for known in {class_name(name) for name in below}.intersection(CLASSES):
            holders[known].append(path)
        if inside := [*split_folders(below)]:
            raise HilumError(
                f"In {root}, {relative(path, root)} would be a class, but holds folders named like splits: "
                f"{listed(inside, 3)}. Give {path} if that is the data set, or put the splits outside the classes, "
                f"as in {inside[0]}/{path.name}, {_INSTEAD}."
            )
    for known, paths in sorted(holders.items()):
        if len(paths) > 1:
            named = listed([relative(path, root) for path in paths], 5)
            raise HilumError(
                f"In {root}, {named} would be classes, but each holds {known}. Give one of them, such as {paths[0]}, "
                f"{_INSTEAD}."
            )


def filled_folders(folder: Path) -> list[Path]:
    """The visible subfolders that hold a file at any depth. Links count, but are not followed."""
    return [path for path in subfolders(folder) if path.is_symlink() or any(True for _ in walk(path))]


def _inner(folder: Path, split: Split | None, one_class: bool) -> Path | None:
    """The subfolder that is the data set, or a split of it; None if the folder itself is."""
    filled = [] if split and folder.is_symlink() else filled_folders(folder)
    if len(filled) == 1 and filled[0].is_symlink():
        return None
    if split and [split_name(path.name) for path in filled] == [split]:
        return filled[0]
    if split_folders([path.name for path in filled]):
        return None
    if len(filled) == 1:
        return filled[0] if _is_around(filled[0], one_class) else None
    for path in filled:
        if is_around(path.name) and not path.is_symlink():
            others = [other.name for other in filled if other != path and any(map(like_slice, walk(other)))]
            if others:
                raise HilumError(
                    f"In {folder}, {path.name} could be the data set, or a class beside {listed(others, 5)}: all hold "
                    f"files. If it is the data set, give {path}. If it is a class, rename it to what its slices show."
                )
            return path
    return None


def _is_around(path: Path, one_class: bool) -> bool:
    """Whether a lone folder holds splits or classes, rather than being a class."""
    if is_around(path.name):
        return True
    below = [inside.name for inside in filled_folders(path)]
    if split_folders(below) or any(is_around(name) or class_name(name) in CLASSES for name in below):
        return True
    return bool(below) and not (
        one_class or pictures(path) or pictures(path.parent) or class_name(path.name) in CLASSES
    )


def _refuse_mixture(root: Path, splits: Iterable[str], beside: Sequence[str]) -> None:
    if beside:
        names, others = listed(list(splits), 5), listed(beside, 5)
        raise HilumError(
            f"{root} holds folders named like splits, {names}, beside other folders with pictures, {others}. Put "
            f"every class into train, valid and test; or move {names} elsewhere to have {others} read as classes; or "
            f"move {others} elsewhere if they are not part of the data; {_INSTEAD}."
        )
