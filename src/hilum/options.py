"""Options that validate themselves: what all of them share, and the options of feature extraction.

Errors name the field, which the command line shows with its dashes.
"""

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from hilum.errors import BadOption, HilumError

ENGINES = ("auto", "onnxruntime", "torch")
VIEWS = ("mirrored", "left", "right", "up", "down")  # `hilum.features.views`
EFFORTS: Mapping[str, tuple[str, ...]] = {"fast": (), "thorough": VIEWS}  # and the further views that heads learn from
COPIES = ("drop", "keep")  # what a new split does with them
FLOORS = ("full", "cheap")  # with and without that of a network on blanked pictures
SCALES = ("last", "earlier", "both")
DEFAULT_SCALES = "earlier"
LARGEST_SEED = 2**32 - 1
SMALLEST_SIZE, LARGEST_SIZE = 32, 4096  # side of the input in pixels


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """Base of all sets of options.

    Attributes:
        seed: Random seed, from 0 to `LARGEST_SEED`.
    """

    seed: int = 0

    def __post_init__(self) -> None:
        check_seed(self.seed)


@dataclass(frozen=True, kw_only=True)
class FeatureOptions(Seeded):
    """Options of feature extraction.

    Attributes:
        size: Side of the input in pixels; None is each backbone's own.
        crop: Whether slices are cropped to the body.
        scales: Stages whose pooled maps are the features: `last`, `earlier` (the last but one, at twice the resolution)
            or `both`. A backbone with one scale always gives its last.
        effort: `fast`, or `thorough`, whose heads also learn from further views of each slice, one more forward pass
            each. A prediction is one forward pass with both.
        views: Those further views, by their names in `VIEWS`; None are those of the effort. Slices are scored as they
            are.
        engine: `onnxruntime`, `torch`, or `auto`: torch on a GPU and ONNX Runtime otherwise. A version may follow.
        random_weights: Whether backbones keep random weights, for trying things out; scores are then meaningless.
        seed: Random seed of random weights.
    """

    size: int | None = None
    crop: bool = True
    scales: str = DEFAULT_SCALES
    effort: str = "fast"
    views: tuple[str, ...] | None = None
    engine: str = "auto"
    random_weights: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.views is not None:
            object.__setattr__(self, "views", names_of(self.views))
        if self.size is not None:
            check_within("size", self.size, SMALLEST_SIZE, LARGEST_SIZE)
        if self.scales not in SCALES:
            words = did_you_mean(str(self.scales), SCALES)
            raise BadOption("scales", f"must be {', '.join(SCALES)}, not {self.scales!r}.{words}")
        check_name("effort", self.effort, EFFORTS)
        for view in self.learnt_views:
            check_name("view", view, VIEWS)
        if len(set(self.learnt_views)) < len(self.learnt_views):
            raise BadOption("views", f"names a view twice: {', '.join(self.learnt_views)}.")
        kind_of_engine(self.engine)

    @property
    def learnt_views(self) -> tuple[str, ...]:
        """The further views that heads learn from: those that were asked for, else those of the effort."""
        return EFFORTS[self.effort] if self.views is None else self.views


def kind_of_engine(engine: str) -> str:
    """The name of an engine without the version and device that may follow it.

    Raises:
        HilumError: There is no such engine.
    """
    kind = engine.partition(" ")[0]
    check_name("engine", kind, ENGINES)
    return kind


def check_seed(seed: int) -> None:
    """Checks that a random seed is within its bounds.

    Raises:
        BadOption: It is not.
    """
    check_within("seed", seed, 0, LARGEST_SEED)


def check_floor(floor: str) -> None:
    """Checks that a kind of floor is known.

    Raises:
        HilumError: It is not.
    """
    check_name("floor", floor, FLOORS)


def check_within(field: str, value: int, lowest: int, highest: int | None = None) -> None:
    """Checks that the number of an option is within its bounds, both included.

    Raises:
        BadOption: It is not.
    """
    if value < lowest or (highest is not None and value > highest):
        bounds = f"{lowest} or more" if highest is None else f"from {lowest} to {highest}"
        raise BadOption(field, f"must be {bounds}, not {value}.")


def check_likeness(look_alike: float | None) -> None:
    """Checks that the likeness of look-alikes, if one is asked for, is a correlation that can mean one chest.

    Raises:
        BadOption: It is not.
    """
    if look_alike is not None and not 0.5 <= look_alike <= 1:
        raise BadOption("look_alike", f"must be from 0.5 to 1, not {look_alike:g}.")


def names_of(given: str | Iterable[str]) -> tuple[str, ...]:
    """Names that were given as several, or as a single one."""
    return (given,) if isinstance(given, str) else tuple(given)


def check_name(what: str, name: str, names: Iterable[str], others: str = "") -> None:
    """Checks that a name is known.

    Args:
        what: Kind of the name, for the message.
        name: Name that was given.
        names: Known names.
        others: End of the list of known names in the message.

    Raises:
        HilumError: The name is unknown; the message suggests the nearest one.
    """
    known = tuple(names)
    if name not in known:
        raise HilumError(
            f"There is no {what} {name!r}.{did_you_mean(name, known)} Known are {', '.join(known)}{others}."
        )


def check_keywords(function: Callable[..., object], keywords: type, given: Iterable[str]) -> None:
    """Checks the names of a function's `**options`.

    Args:
        function: The public function, whose other arguments can be meant too.
        keywords: The `TypedDict` of its options.
        given: Names that were given.

    Raises:
        HilumError: There is no such option; the message suggests the nearest one.
    """
    every = inspect.signature(function).parameters.values()
    known = [one.name for one in every if one.kind is not one.VAR_KEYWORD] + [*keywords.__annotations__]
    for name in given:
        check_option(f"hilum.{function.__name__}", name, known)


def check_option(whose: str, name: str, names: Iterable[str]) -> None:
    """Checks that an option is known.

    Raises:
        HilumError: It is not; the message suggests the nearest one or, if none is near, names all.
    """
    known = tuple(names)
    if name not in known:
        near = did_you_mean(name, known) or f" Its options are {', '.join(known)}."
        raise HilumError(f"{whose} has no option {name!r}.{near}")


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """` Did you mean 'resnet50'?` if one of the names is similar, otherwise an empty text."""
    near = difflib.get_close_matches(name, list(names), 1)
    return f" Did you mean {near[0]!r}?" if near else ""
