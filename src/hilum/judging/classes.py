"""The classes of predictions, matched with those of the folder."""

import difflib
from collections.abc import Collection, Mapping, Sequence
from math import isnan

import numpy as np
from scipy.optimize import linear_sum_assignment

from hilum.errors import HilumError
from hilum.judging.cells import Texts, number_of
from hilum.report.words import plural
from hilum.scoring.classes import ClassReading, Words, meanings, read_as_mapped
from hilum.slices.labels import class_name, listed

_WORDS = Words("the folder", "the table of predictions", two=False)


def as_known(text: str, known: Collection[str]) -> str:
    """The class that a text means: a known one, even if it differs in case, or one of its own."""
    name = class_name(text)
    return name if name in known else next((one for one in sorted(known) if one.casefold() == name.casefold()), name)


def plain_map(mapped: Mapping[str, str] | None) -> dict[str, str]:
    """A map with its class names as folders and columns are read."""
    return {class_name(name): class_name(meaning) for name, meaning in (mapped or {}).items()}


def reading_of(
    of_folder: Sequence[str], classes: Sequence[str], mapped: Mapping[str, str], negative: str | None
) -> ClassReading:
    """Matches the classes of a folder with those that have probabilities.

    They are two, the negative class and all others together, where a map gives a name that is none of them.

    Raises:
        HilumError: They do not fit, or both sides have classes that match nothing.
    """
    if {*mapped.values()} <= {*classes}:
        _check_matched(of_folder, classes, mapped)
    return read_as_mapped(of_folder, classes, mapped, negative, _WORDS)


def _check_matched(of_folder: Sequence[str], classes: Sequence[str], mapped: Mapping[str, str]) -> None:
    """Checks that not both sides have classes that match nothing, since these may be the same ones.

    Raises:
        HilumError: They have; the message suggests which is which.
    """
    alone, others = _unmatched(of_folder, classes, mapped)
    if alone and others:
        pairs = " ".join(_WORDS.example(f"{name}={meaning}") for name, meaning in _nearest(alone, others))
        raise HilumError(
            f"{_WORDS.folder.capitalize()} has no class {' or '.join(others)} of the predictions, and they have no "
            f"class {' or '.join(alone)} of the folder. Say which is which, as in {pairs}; or leave slices of other "
            "classes out with a --table."
        )


def _unmatched(
    of_folder: Sequence[str], classes: Sequence[str], mapped: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """The classes of the folder that are none of the predictions, and those of the predictions that none stands for."""
    meant = meanings(of_folder, classes, mapped, _WORDS)
    return sorted(name for name in meant if meant[name] not in classes), sorted({*classes} - {*meant.values()})


def _nearest(names: Sequence[str], others: Sequence[str]) -> list[tuple[str, str]]:
    """Each name with one of the others, as evenly as possible: the likest, or else in order."""
    offered = [*others] * -(-len(names) // len(others))
    likeness = [[difflib.SequenceMatcher(None, name, other).ratio() for other in offered] for name in names]
    _, chosen = linear_sum_assignment(np.array(likeness), maximize=True)
    return [(name, offered[place]) for name, place in zip(names, chosen, strict=True)]


def predicted_classes(
    predicted: Texts, of_folder: Sequence[str], mapped: Mapping[str, str], source: str, negative: str | None = None
) -> tuple[list[str], list[str], tuple[str, ...]]:
    """The class that each predicted text means, all classes of predictions without probabilities, and notes.

    A class of the folder that is never predicted is one of them too, or its slices would be left out; a name that is
    mapped to is one unless it stands for predicted classes of other names, as `reading_of` takes it.

    Raises:
        HilumError: Some rows have no predicted class, the classes are numbers, or both sides have classes that match
            nothing.
    """
    if empty := int(predicted.empty.sum()):
        raise HilumError(
            f"{source} has {plural(empty, 'row')} without a predicted class. Fill in the column predicted."
        )
    known = {*of_folder, *mapped.values()}
    meant = [as_known(text, known) for text in predicted.values]
    if not known & {*meant} and not any(isnan(number_of(text)) for text in predicted.values):
        raise HilumError(
            f"The column predicted of {source} has numbers ({listed(sorted(predicted.values), 5)}) in place of "
            f"classes. Write the names: {listed(of_folder)}; or say what each is with --map {of_folder[0]}=NUMBER."
        )
    notes = [
        f"{source}: the class {name} is read as {meaning}."
        for name, meaning in zip(map(class_name, predicted.values), meant, strict=True)
        if name != meaning
    ]
    if {*mapped.values()} - {*meant, negative} and _unmatched(of_folder, sorted({*meant}), mapped)[1]:
        return meant, sorted({*meant, *(name for name in known if name == negative)}), tuple(notes)
    classes = sorted({*meant, *mapped.values()})
    _check_matched(of_folder, classes, mapped)
    if never := _unmatched(of_folder, classes, mapped)[0]:
        notes.append(f"No slice is predicted as {listed(never)}, so all slices of it count as wrong.")
        classes = sorted({*classes, *never})
    return meant, classes, tuple(notes)
