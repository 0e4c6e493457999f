"""The classes of predictions, matched with those of the folder."""

import difflib
from collections.abc import Collection, Mapping, Sequence
from math import isnan

from hilum.errors import BadOption, HilumError
from hilum.judging.cells import Texts, number_of
from hilum.options import did_you_mean
from hilum.report.words import plural
from hilum.scoring.classes import ClassReading, Words, read_classes
from hilum.slices.labels import class_name, listed

_ALIKE = 0.8  # likeness of names that are probably one class
_WORDS = Words("the folder", "the table of predictions", two=False)


def as_known(text: str, known: Collection[str]) -> str:
    """The class that a text means: a known one, even if it differs in case, or one of its own."""
    name = class_name(text)
    return name if name in known else next((one for one in sorted(known) if one.casefold() == name.casefold()), name)


def plain_map(mapped: Mapping[str, str] | None) -> dict[str, str]:
    """A map with its class names as folders and columns are read."""
    return {class_name(name): class_name(meaning) for name, meaning in (mapped or {}).items()}


def reading_of(of_folder: Sequence[str], classes: Sequence[str], mapped: Mapping[str, str]) -> ClassReading:
    """Matches the classes of a folder with those that have probabilities.

    Raises:
        HilumError: They do not fit, or a class is mapped to one without probabilities.
    """
    if unknown := sorted({*mapped.values()} - {*classes}):
        raise BadOption(
            "map",
            f"gives {unknown[0]}, which is not a class of the predictions.{did_you_mean(unknown[0], classes)} Their "
            f"classes are {listed(classes)}.",
        )
    reading = read_classes(of_folder, classes, mapped, None, _WORDS)
    alone = sorted({*of_folder} - reading.folder.keys())
    for name in sorted({*classes} - {*reading.folder.values()}):
        if near := difflib.get_close_matches(name, alone, 1, _ALIKE):
            raise HilumError(
                f"The predictions have the class {name}, which the folder lacks, and the folder has {near[0]}. If they "
                f"are the same, say it with {_WORDS.example(f'{near[0]}={name}')}; if not, name them less alike."
            )
    return reading


def predicted_classes(
    predicted: Texts, of_folder: Sequence[str], mapped: Mapping[str, str], source: str
) -> tuple[list[str], list[str], tuple[str, ...]]:
    """The class that each predicted text means, all classes of predictions without probabilities, and notes.

    A class of the folder that is never predicted is one of them too, or its slices would be left out.

    Raises:
        HilumError: Some rows have no predicted class, or the classes are numbers.
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
    classes = sorted({*meant, *mapped.values()})
    reading = read_classes(of_folder, classes, mapped, None, _WORDS)
    if never := sorted({*of_folder} - reading.folder.keys()):
        notes.append(f"No slice is predicted as {listed(never)}, so all slices of it count as wrong.")
        classes = sorted({*classes, *never})
    return meant, classes, tuple(notes)
