"""Options of a comparison, which validate themselves. Only `timm:` names load torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypedDict, Unpack

from hilum.backbones.facts import Backbone
from hilum.backbones.weights import RANDOM, Weights, local_weights, obtain_weights, weights_folder
from hilum.backbones.zoo import CNN, DEFAULT_NAMES, ZOO, backbone
from hilum.errors import BadOption
from hilum.heads.options import HeadOptions
from hilum.options import FeatureOptions, check_floor, did_you_mean, names_of
from hilum.progress import Tracker, silent
from hilum.scoring.options import ScoringOptions, protocols_of

_LARGEST_MARGIN = 0.5


class RunKeywords(TypedDict, total=False):
    """Fields of `RunOptions` that `hilum.compare` and `hilum.train` take by keyword."""

    seed: int
    effort: str
    size: int | None
    crop: bool
    scales: str
    views: tuple[str, ...] | None
    engine: str
    random_weights: bool
    negative: str | None
    floor: str
    look_alike: float | None
    head: str
    class_weight: str


class CompareKeywords(RunKeywords, total=False):
    """Fields of `CompareOptions` that `compare` takes by keyword, unchanged."""

    strengths: tuple[float, ...] | None
    epochs: int
    cnn_epochs: int
    patience: int
    repeats: int
    cnn_folds: bool
    margin: float | None


@dataclass(frozen=True, kw_only=True)
class RunOptions(FeatureOptions, HeadOptions, ScoringOptions):
    """Options of running one model: its features, its heads and its scoring.

    Attributes:
        floor: `full` also runs the model on blanked pictures, `cheap` has only the floors that need no network.
    """

    floor: str = "full"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_floor(self.floor)

    def weights_of(self, backbone: Backbone, folder: str | Path | None, track: Tracker = silent) -> Weights:
        """A backbone's weights, from a folder or another place (`obtain_weights`), or random ones if asked for.

        Raises:
            NoWeights: The weights were not found.
        """
        return RANDOM if self.random_weights else obtain_weights(backbone, weights_folder(folder), track)


@dataclass(frozen=True, kw_only=True)
class CompareOptions(RunOptions):
    """Options of a comparison.

    Attributes:
        models: Names from the zoo, `cnn` or `timm:NAME`, in the order of the result.
        ensembles: Names of frozen backbones whose probabilities are averaged, one tuple per ensemble.
        margin: Loss of macro-F1 under `strict` with which a model still counts as good as the best one, or None.
    """

    models: tuple[str, ...]
    ensembles: tuple[tuple[str, ...], ...] = ()
    margin: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.margin is not None and not 0 < self.margin < _LARGEST_MARGIN:
            raise BadOption("margin", f"must be above 0 and below {_LARGEST_MARGIN}, not {self.margin:g}.")
        frozen = [name for name in self.models if name != CNN]
        for name in frozen:
            backbone(name)
        for members in self.ensembles:
            for name in members:
                if name not in frozen:
                    raise BadOption(
                        "ensemble",
                        f"names {name}, which is not a frozen backbone of this comparison.{did_you_mean(name, frozen)} "
                        f"Its frozen backbones are: {', '.join(frozen) or 'none'}.",
                    )
            if len(members) < 2:
                raise BadOption("ensemble", f"needs two or more frozen backbones, but got only {members[0]}.")

    @classmethod
    def asked(
        cls,
        models: Sequence[str] | None = None,
        *,
        ensemble: Sequence[str] | Sequence[Sequence[str]] = (),
        protocols: Sequence[str] | None = None,
        weights: str | Path | None = None,
        **keywords: Unpack[CompareKeywords],
    ) -> Self:
        """The options for `compare`'s arguments.

        Raises:
            HilumError: A value makes no sense, or a name is unknown.
        """
        names = tuple(dict.fromkeys(default_models(weights) if models is None else names_of(models)))
        members = [ensemble] if isinstance(ensemble, str) else ensemble
        several = [part for part in members if not isinstance(part, str)] or [[str(part) for part in members]]
        # In the order of the models, to give one ensemble one name.
        ordered = [tuple(dict.fromkeys([*(name for name in names if name in part), *part])) for part in several if part]
        ensembles = tuple(dict.fromkeys(ordered))
        return cls(models=names, ensembles=ensembles, protocols=protocols_of(protocols), **keywords)


def default_models(weights: str | Path | None = None) -> tuple[str, ...]:
    """The published seven, EfficientNet-Lite0, and the other backbones of the zoo whose weights are on this machine."""
    folder = weights_folder(weights)
    others = [known.name for known in ZOO if known.name not in DEFAULT_NAMES and local_weights(known, folder)]
    return (*DEFAULT_NAMES, *others)
