"""What folder names mean: classes and splits."""

import re
from typing import Literal, get_args

from hilum.text import plain_name

Split = Literal["train", "valid", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

SYNTHETIC_PREFIX = "synthetic-"  # begins the name of every file that hilum drew
CLASSES = ("adenocarcinoma", "large_cell_carcinoma", "normal", "squamous_cell_carcinoma")

_SPLIT_NAMES: dict[str, Split] = {
    "train": "train",
    "valid": "valid",
    "val": "valid",
    "validation": "valid",
    "test": "test",
}
# The Kaggle set's train and valid folders end in a place and a stage: adenocarcinoma_left.lower.lobe_T2_N0_M0_Ib
_STAGE = re.compile(r"_.*T\d\w*_N\d\w*_M\d\w*.*$", re.IGNORECASE)


def split_name(folder: str) -> Split | None:
    """The split that a folder's name stands for, or None."""
    return _SPLIT_NAMES.get(folder.lower())


def class_name(folder: str) -> str:
    """The class that a folder's name stands for.

    A stage behind the name is dropped, and the four known classes are written one way whatever their dots, spaces and
    capitals; any other name is kept as it is, but for what `hilum.text.plain_name` writes out.
    """
    name = plain_name(folder.strip())
    if staged := _STAGE.search(name):
        plain = _plain(name)
        known = next((known for known in CLASSES if plain.startswith(f"{known}_")), None)
        name = known or name[: staged.start()] or name
    return _plain(name) if _plain(name) in CLASSES else name


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
