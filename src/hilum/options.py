"""Options as objects that validate themselves: what all of them share, and how features are made.

Errors name the field; the command line shows it with its dashes.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from hilum.errors import BadOption, HilumError

ENGINES = ("auto", "onnxruntime", "torch")
LARGEST_SEED = 2**32 - 1
SMALLEST_SIZE, LARGEST_SIZE = 32, 4096  # side of the input in pixels


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """What every set of options has.

    Attributes:
        seed: Random seed, from 0 to `LARGEST_SEED`.
    """

    seed: int = 0

    def __post_init__(self) -> None:
        check_seed(self.seed)


@dataclass(frozen=True, kw_only=True)
class FeatureOptions(Seeded):
    """How features are made.

    Attributes:
        size: Side of the input in pixels, or None for each backbone's own.
        crop: Whether slices are cropped to the body.
        scales: 2 adds the pooled maps of a backbone's last stage but one to its features, where it has such.
        engine: `onnxruntime`, `torch`, or `auto`: torch on a GPU, ONNX Runtime otherwise; a version may stand behind.
        random_weights: Whether backbones are left random, to try things out; scores then mean nothing.
        seed: Random seed of such weights.
    """

    size: int | None = None
    crop: bool = True
    scales: int = 2
    engine: str = "auto"
    random_weights: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size is not None:
            check_within("size", self.size, SMALLEST_SIZE, LARGEST_SIZE)
        if self.scales not in (1, 2):
            raise BadOption("scales", f"must be 1 or 2, not {self.scales}.")
        kind_of_engine(self.engine)


def kind_of_engine(engine: str) -> str:
    """An engine without the version and device that may stand behind it.

    Raises:
        HilumError: There is no such engine.
    """
    kind = engine.partition(" ")[0]
    check_name("engine", kind, ENGINES)
    return kind


def check_seed(seed: int) -> None:
    """Sees that a random seed is within its bounds.

    Raises:
        BadOption: It is not.
    """
    check_within("seed", seed, 0, LARGEST_SEED)


def check_within(field: str, value: int, lowest: int, highest: int | None = None) -> None:
    """Sees that an option's number is within its bounds, both included.

    Raises:
        BadOption: It is not.
    """
    if value < lowest or (highest is not None and value > highest):
        bounds = f"{lowest} or more" if highest is None else f"from {lowest} to {highest}"
        raise BadOption(field, f"must be {bounds}, not {value}.")


def check_name(what: str, name: str, names: Iterable[str], others: str = "") -> None:
    """Sees that a name is known.

    Args:
        what: What it names, for the message.
        name: As it was given.
        names: The known ones.
        others: End of their list in the message.

    Raises:
        HilumError: It is not; the message names the nearest.
    """
    known = tuple(names)
    if name not in known:
        raise HilumError(
            f"There is no {what} {name!r}.{did_you_mean(name, known)} Known are {', '.join(known)}{others}."
        )


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """` Did you mean 'resnet50'?` where one of the names is near, else nothing."""
    near = difflib.get_close_matches(name, list(names), 1)
    return f" Did you mean {near[0]!r}?" if near else ""
