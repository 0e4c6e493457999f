"""What a comparison is asked for, as an object that validates itself. Nothing here loads torch but names of timm's."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypedDict, Unpack

from hilum.backbones.facts import Backbone
from hilum.backbones.weights import RANDOM, Weights, local_weights, obtain_weights, weights_folder
from hilum.backbones.zoo import CNN, DEFAULT_NAMES, ZOO, backbone
from hilum.errors import BadOption
from hilum.heads.factories import HeadOptions
from hilum.options import FeatureOptions, did_you_mean
from hilum.progress import Tracker, silent
from hilum.scoring.options import ScoringOptions, protocols_of


class RunKeywords(TypedDict, total=False):
    """Fields of `RunOptions` that `compare` and `train_model` take by keyword."""

    seed: int
    size: int | None
    crop: bool
    scales: int
    engine: str
    random_weights: bool
    negative: str | None


class CompareKeywords(RunKeywords, total=False):
    """Fields of `CompareOptions` that `compare` takes by keyword as they are."""

    head: str
    strengths: tuple[float, ...] | None
    epochs: int
    cnn_epochs: int
    patience: int
    repeats: int
    cnn_folds: bool


@dataclass(frozen=True, kw_only=True)
class RunOptions(FeatureOptions, HeadOptions, ScoringOptions):
    """What one model is run with: how its features are made, its heads trained and its answers scored."""

    def weights_of(self, row: Backbone, folder: str | Path | None, track: Tracker = silent) -> Weights:
        """A backbone's weights, from a folder or wherever else they are to be had.

        Raises:
            NoWeights: They are nowhere to be had.
        """
        return RANDOM if self.random_weights else obtain_weights(row, weights_folder(folder), track)


@dataclass(frozen=True, kw_only=True)
class CompareOptions(RunOptions):
    """What a comparison is asked for.

    Attributes:
        models: Names of the zoo, `cnn` or `timm:NAME`, in the order of the table.
        ensembles: Names of frozen backbones whose probabilities are averaged, a tuple an ensemble.
    """

    models: tuple[str, ...]
    ensembles: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        frozen = [name for name in self.models if name != CNN]
        for name in frozen:
            backbone(name)
        for members in self.ensembles:
            for name in members:
                if name not in frozen:
                    raise BadOption(
                        "ensemble",
                        f"names {name}, which is no frozen backbone of this comparison.{did_you_mean(name, frozen)} "
                        f"Those are {', '.join(frozen) or 'none'}.",
                    )
            if len(members) < 2:
                raise BadOption("ensemble", f"needs two frozen backbones or more, and got {members[0]} only.")

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
        """The options that `compare`'s keywords stand for.

        Raises:
            HilumError: A value makes no sense, or a name is not known.
        """
        names = tuple(dict.fromkeys(default_models(weights) if models is None else models))
        several = [part for part in ensemble if not isinstance(part, str)] or [[str(part) for part in ensemble]]
        # In the order of the table, so that one ensemble has one name.
        ordered = [tuple(dict.fromkeys([*(name for name in names if name in part), *part])) for part in several if part]
        ensembles = tuple(dict.fromkeys(ordered))
        return cls(models=names, ensembles=ensembles, protocols=protocols_of(protocols), **keywords)


def default_models(weights: str | Path | None = None) -> tuple[str, ...]:
    """The published seven, EfficientNet-Lite0, and other rows of the zoo whose weights are on this machine."""
    folder = weights_folder(weights)
    others = [row.name for row in ZOO if row.name not in DEFAULT_NAMES and local_weights(row, folder)]
    return (*DEFAULT_NAMES, *others)
