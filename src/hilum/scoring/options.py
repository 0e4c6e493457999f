"""Options of scoring, which validate themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from hilum.errors import HilumError
from hilum.options import Seeded, check_likeness, check_name, check_within, did_you_mean, names_of
from hilum.records.figures import today
from hilum.scoring.protocols import PROTOCOLS, REPEATS, Protocol


@dataclass(frozen=True, kw_only=True)
class ScoringOptions(Seeded):
    """How models are scored.

    Attributes:
        protocols: Protocols to run, from `protocols_of`.
        negative: Name of the non-cancer class, or None. `normal` is ignored if the data set has no such class.
        repeats: Number of repeats of each protocol, each with its own seed and draw of folds.
        cnn_folds: Whether the CNN runs the fold protocols too, with five trainings each.
        look_alike: Correlation above which `strict` keeps slices together; None is 0.87, or less if the data are sure
            of it. Given ids go before it.
        seed: Random seed of folds and resamples.
    """

    protocols: tuple[Protocol, ...] = PROTOCOLS
    negative: str | None = "normal"
    repeats: int = REPEATS
    cnn_folds: bool = False
    look_alike: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_within("repeats", self.repeats, 1)
        check_likeness(self.look_alike)

    def negative_among(self, classes: Sequence[str]) -> str | None:
        """The non-cancer class of a data set, or None if it has none.

        Raises:
            HilumError: The data set lacks the named class.
        """
        if self.negative in (None, *classes):
            return self.negative
        if self.negative == "normal":
            return None
        raise HilumError(
            f"There is no class {self.negative!r} to be the negative one."
            f"{did_you_mean(str(self.negative), classes)} The classes are {', '.join(classes)}."
        )


def protocols_of(wanted: Sequence[str] | None) -> tuple[Protocol, ...]:
    """The protocols to run, in their order: all, or the first three and the wanted ones.

    `unseen`, the earlier name of `no-copies`, is understood.

    Raises:
        HilumError: A wanted protocol does not exist.
    """
    named = [today(name) for name in names_of(wanted or ())]
    for name in named:
        check_name("protocol", name, PROTOCOLS)
    always = PROTOCOLS[:3]  # a test score is never shown without the scores of what is left of it without leaks
    return tuple(name for name in PROTOCOLS if wanted is None or name in named or name in always)
