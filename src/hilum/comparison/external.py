"""Slices of another hospital that a comparison is asked to score its models on, and how their classes are read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hilum.errors import BadOption, HilumError
from hilum.options import did_you_mean
from hilum.records.figures import today
from hilum.scoring.classes import ClassReading, Words, check_mapped, parse_map, read_as_mapped
from hilum.scoring.protocols import PROTOCOLS
from hilum.slices.layout import folder_layout
from hilum.slices.table import SliceTable, check_table

_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class External:
    """Slices from elsewhere, which choose nothing and on which every model of a comparison is scored.

    Example:
        >>> elsewhere = hilum.External(hilum.read_labelled("phantom/test"), {"large_cell_carcinoma": "adenocarcinoma"})
        >>> elsewhere.table
        SliceTable(test: ... slices of 4 classes; train 0, valid 0, test ...)

    Attributes:
        table: The slices, from `read_labelled`.
        mapped: Training class for each class of theirs; or a name of one's own for every class but the negative one,
            as in `{"malignant": "cancer"}`: all classes are then read as two.
    """

    table: SliceTable
    mapped: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_table(self.table, "External", "read_labelled")
        check_mapped(self.mapped, self.table.classes)


def externals(given: Mapping[str, External | SliceTable]) -> dict[str, External]:
    """Slices from elsewhere by name, with a map even where none was given.

    Raises:
        BadOption: A name has odd characters or is that of a protocol.
    """
    for name in given:
        _check_name(name)
    return {name: of if isinstance(of, External) else External(of) for name, of in given.items()}


def parse_external(folders: Sequence[str], pairs: Sequence[str]) -> dict[str, tuple[Path, dict[str, str]]]:
    """Reads `NAME=FOLDER` and `NAME:CLASS=CLASS`: the folder and the mapped classes by name.

    Raises:
        HilumError: A text has not this form, a name has odd characters or is given twice, a folder does not exist or
            has no classes, or a map names what is not there.
    """
    places: dict[str, Path] = {}
    for text in folders:
        name, equals, place = (part.strip() for part in text.partition("="))
        if not (equals and place):
            raise BadOption("external", f"takes NAME=FOLDER, as in --external iq=slices/iq, not {text!r}.")
        _check_name(name)
        if name in places:
            raise BadOption("external", f"has the name {name} twice. Give each folder a name of its own.")
        places[name] = Path(place)
    maps: dict[str, list[str]] = {name: [] for name in places}
    for text in pairs:
        name, colon, pair = text.partition(":")
        if not colon:
            raise BadOption("map", f"takes NAME:CLASS=CLASS, as in --map iq:malignant=cancer, not {text!r}.")
        if name not in maps:
            known = f"The names are {', '.join(maps)}." if maps else "Give one with --external NAME=FOLDER."
            raise BadOption("map", f"names external {name}, which is not there.{did_you_mean(name, maps)} {known}")
        maps[name].append(pair)
    found = {name: (folder, parse_map(maps[name])) for name, folder in places.items()}
    for name, (folder, mapped) in found.items():
        labels = sorted({file.label for file in folder_layout(folder, one_class=True).files})
        check_mapped(mapped, labels, _words(name))
    return found


def readings_of(asked: Mapping[str, External], classes: Sequence[str], negative: str | None) -> dict[str, ClassReading]:
    """How the classes of slices from elsewhere are read: as the training classes, or as two.

    They are two, the negative class and all others together, where a map gives a name that is not a training class.

    Args:
        asked: The slices by name.
        classes: Training classes.
        negative: The non-cancer class among them, or None.

    Raises:
        HilumError: The classes do not fit, or fewer than two of them are left.
    """
    return {name: _reading(name, of, classes, negative) for name, of in asked.items()}


def _reading(name: str, of: External, classes: Sequence[str], negative: str | None) -> ClassReading:
    reading = read_as_mapped(of.table.classes, classes, of.mapped, negative, _words(name))
    sides = sorted(set(reading.folder.values()))
    if len(sides) < 2:
        raise HilumError(
            f"External {name} has slices of one class only, {sides[0]}, so nothing can be told apart. Its classes are "
            f"{', '.join(of.table.classes)}, those of training {', '.join(classes)}. Say with --map what others mean, "
            "or give slices of two classes or more."
        )
    return replace(reading, negative=reading.negative or negative)


def _words(name: str) -> Words:
    return Words(f"external {name}", "the training folder", f"{name}:", two=False)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise BadOption("external", f"takes names of letters, digits, - and _, as in iq=slices/iq, not {name!r}.")
    if today(name) in PROTOCOLS:
        raise BadOption("external", f"cannot have the name {name}, which is that of a protocol. Give another.")
