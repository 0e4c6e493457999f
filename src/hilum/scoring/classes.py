"""How the classes of a labelled folder are matched with those that models were trained on."""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hilum.errors import BadOption, HilumError
from hilum.options import did_you_mean
from hilum.slices.labels import class_name

POSITIVE = "cancer"  # name of all other classes beside the negative one


@dataclass(frozen=True)
class ClassReading:
    """The classes that a folder's labels and a model's probabilities are read as.

    Attributes:
        classes: Common class names, sorted.
        negative: Name of the non-cancer class, or None.
        folder: Class from `classes` for each class of the folder; classes that are left out are missing.
        model: Class from `classes` for each class of the model.
        notes: Sentences that a reader of the figures should know.
    """

    classes: tuple[str, ...]
    negative: str | None
    folder: Mapping[str, str]
    model: Mapping[str, str]
    notes: tuple[str, ...]

    def probabilities(self, of_model: NDArray[np.floating], model_classes: Sequence[str]) -> NDArray[np.float64]:
        """Sums probabilities `[..., model's classes]` to those of `classes`, `[..., classes]`."""
        summed = np.zeros((*of_model.shape[:-1], len(self.classes)))
        for number, name in enumerate(model_classes):
            summed[..., self.classes.index(self.model[name])] += of_model[..., number]
        return summed


@dataclass(frozen=True)
class Words:
    """How messages name the two sides.

    Attributes:
        folder: The labelled folder.
        trained: What the classes were learnt from.
        map: Beginning of an argument of `--map`.
        two: Whether `--negative` reads the classes as two.
    """

    folder: str = "the folder"
    trained: str = "the model"
    map: str = ""
    two: bool = True

    def example(self, pair: str) -> str:
        """An option that maps a class: `--map iq:benign=normal`."""
        return f"--map {shlex.quote(self.map + pair)}"


def parse_map(pairs: Sequence[str]) -> dict[str, str]:
    """Reads `FOLDER_CLASS=CLASS` pairs.

    Raises:
        HilumError: A pair has no `=` or an empty side, or a class has two meanings.
    """
    mapped: dict[str, str] = {}
    for pair in pairs:
        left, equals, right = pair.partition("=")
        if not (equals and left.strip() and right.strip()):
            raise HilumError(f'--map takes FOLDER_CLASS=CLASS, as in --map "Malignant cases=cancer", not {pair!r}.')
        name = class_name(left)
        if mapped.setdefault(name, class_name(right)) != class_name(right):
            raise HilumError(f"--map gives the class {name} two meanings. Keep one.")
    return mapped


def read_classes(
    of_folder: Sequence[str],
    of_model: Sequence[str],
    mapped: Mapping[str, str],
    negative: str | None,
    words: Words = Words(),
) -> ClassReading:
    """Matches a folder's classes with a model's.

    With `negative`, the reading has two classes: the negative one and all others together. Without it, the classes are
    the model's. A folder's class that is neither the model's nor mapped is left out; `Normal cases` is `normal`.

    Args:
        of_folder: The folder's classes.
        of_model: The model's classes.
        mapped: Class of the model, or a name of the user's own, for a folder's class.
        negative: Name of the model's non-cancer class, for a reading of two classes.
        words: Names of the two sides for messages.

    Raises:
        HilumError: `mapped` names a class that the folder lacks, or, for two classes, more than one name of the user's
            own; `negative` is not a class of the model; or nothing is left to score.
    """
    meant = meanings(of_folder, of_model, mapped, words)
    if negative is not None:
        return _two_classes(meant, of_model, mapped, class_name(negative), words)
    left_out = sorted(name for name, meaning in meant.items() if meaning not in of_model)
    kept = {name: meaning for name, meaning in meant.items() if meaning in of_model}
    if not kept:
        as_in = f"as in {words.example(f'{min(meant)}={of_model[0]}')}"
        raise _nothing_known(
            meant, of_model, words, f"{as_in}, or score two classes with --negative normal" if words.two else as_in
        )
    notes = []
    if left_out:
        notes.append(_unknown(left_out, "normal" if "normal" in of_model else of_model[0], words))
    if lacking := sorted(set(of_model) - set(kept.values())):
        notes.append(
            f"{_capital(words.folder)} has no slice of {', '.join(lacking)}, so macro means are of the other classes "
            "and there is no macro AUC."
        )
    classes = tuple(sorted(of_model))
    return ClassReading(classes, None, kept, {name: name for name in of_model}, tuple(notes))


def read_as_mapped(
    of_folder: Sequence[str],
    of_model: Sequence[str],
    mapped: Mapping[str, str],
    negative: str | None,
    words: Words = Words(),
) -> ClassReading:
    """Matches classes as `read_classes` does, with two classes only where a map gives a name that is not the model's.

    Args:
        of_folder: The folder's classes.
        of_model: The model's classes.
        mapped: Class of the model, or a name of the user's own, for a folder's class.
        negative: Name of the non-cancer class.
        words: Names of the two sides for messages.

    Raises:
        HilumError: The classes do not fit, or a name of the user's own is like a class, or `negative` is none.
    """
    own = sorted({*mapped.values()} - {*of_model})
    for meaning in own:
        if near := did_you_mean(meaning, of_model):
            raise BadOption(
                "map",
                f"gives {meaning}, which is not a class of {words.trained}.{near} A name for all that is not the "
                "negative class must be less alike.",
            )
    if own and (negative is None or class_name(negative) not in of_model):
        raise BadOption(
            "map",
            f"gives {own[0]}, which is not a class of {words.trained}: the classes are then read as two, of which "
            f"--negative names one. The classes of {words.trained} are {', '.join(of_model)}.",
        )
    return read_classes(of_folder, of_model, mapped, negative if own else None, words)


def meanings(
    of_folder: Sequence[str], of_model: Sequence[str], mapped: Mapping[str, str], words: Words = Words()
) -> dict[str, str]:
    """What each class of a folder is called by a model; itself, if it is neither mapped nor the model's.

    Raises:
        HilumError: The folder lacks a class that is mapped.
    """
    check_mapped(mapped, of_folder, words)
    return {name: mapped.get(name, _recognised(name, of_model)) for name in of_folder}


def check_mapped(mapped: Mapping[str, str], of_folder: Sequence[str], words: Words = Words()) -> None:
    """Checks that a folder has the classes that are mapped.

    Raises:
        HilumError: It lacks one; the message suggests the nearest.
    """
    if unknown := sorted(mapped.keys() - set(of_folder)):
        raise HilumError(
            f"--map names {unknown[0]}, which is not a class of {words.folder}."
            f"{did_you_mean(unknown[0], of_folder)} Its classes are {', '.join(of_folder)}."
        )


def _recognised(name: str, of_model: Sequence[str]) -> str:
    """A folder's class without a final word such as `cases`, if that gives a class of the model."""
    bare = class_name(re.sub(r"[\s_.-]+cases?$", "", name, flags=re.IGNORECASE))
    return bare if bare in of_model else name


def _two_classes(
    meant: Mapping[str, str], of_model: Sequence[str], mapped: Mapping[str, str], negative: str, words: Words
) -> ClassReading:
    if negative not in of_model:
        raise HilumError(
            f"--negative {negative} is not a class of {words.trained}. Its classes are {', '.join(of_model)}."
        )
    others = sorted({meaning for meaning in mapped.values() if meaning not in of_model})
    if len(others) > 1:
        raise HilumError(
            f"--map gives {' and '.join(others)}, but there is one name for all that is not {negative}. Use one."
        )
    positive = others[0] if others else POSITIVE
    known = {name: meaning for name, meaning in meant.items() if name in mapped or meaning in of_model}
    left_out = sorted(meant.keys() - known.keys())
    if not known:
        raise _nothing_known(meant, of_model, words, f"as in {words.example(f'{left_out[0]}={positive}')}")
    folder = {name: negative if meaning == negative else positive for name, meaning in known.items()}
    notes = [f"Read as two classes: {negative}, and {positive} for every other class of {words.trained}."]
    notes += [f"Slices of {name} are read as {side}." for name, side in folder.items() if name != side]
    if left_out:
        notes.append(_unknown(left_out, negative, words))
    for name in (negative, positive):
        if name not in folder.values():
            notes.append(
                f"{_capital(words.folder)} has no slice that is read as {name}; the figures say nothing about that "
                "side."
            )
    model = {name: negative if name == negative else positive for name in of_model}
    return ClassReading(tuple(sorted((negative, positive))), negative, folder, model, tuple(notes))


def _unknown(left_out: Sequence[str], meaning: str, words: Words) -> str:
    return (
        f"{_capital(words.trained)} has no class {' or '.join(left_out)}, so these slices are left out. "
        f"Say what they show with --map, as in {words.example(f'{left_out[0]}={meaning}')}."
    )


def _nothing_known(of_folder: Iterable[str], of_model: Sequence[str], words: Words, remedy: str) -> HilumError:
    return HilumError(
        f"None of the classes of {words.folder} ({', '.join(of_folder)}) is a class of {words.trained} "
        f"({', '.join(of_model)}). Say which is which, {remedy}."
    )


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
