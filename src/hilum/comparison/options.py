"""What a comparison is asked for, as an object that validates itself. Nothing here loads torch but names of timm's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self, TypedDict, Unpack

from hilum.backbones.weights import RANDOM, Weights, local_weights, obtain_weights, weights_folder
from hilum.backbones.zoo import CNN, DEFAULT_NAMES, ZOO, Backbone, backbone
from hilum.comparison.heads import HeadOptions
from hilum.errors import BadOption
from hilum.evaluation.options import ScoringOptions, protocols_of
from hilum.options import FeatureOptions, did_you_mean
from hilum.progress import Tracker, silent


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
        for name in self.models:
            if name != CNN:
                backbone(name)

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
        made = cls(models=names, protocols=protocols_of(protocols), **keywords)
        return replace(made, ensembles=_ensembles(ensemble, [name for name in names if name != CNN]))


def default_models(weights: str | Path | None = None) -> tuple[str, ...]:
    """The published seven, EfficientNet-Lite0, and other rows of the zoo whose weights are on this machine."""
    folder = weights_folder(weights)
    others = [row.name for row in ZOO if row.name not in DEFAULT_NAMES and local_weights(row, folder)]
    return (*DEFAULT_NAMES, *others)


def _ensembles(wanted: Sequence[str] | Sequence[Sequence[str]], frozen: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    several = [part for part in wanted if not isinstance(part, str)] or [[str(part) for part in wanted]]
    ensembles = []
    for part in filter(None, several):
        # In the order of the table, so that one ensemble has one name.
        members = tuple(name for name in frozen if name in part)
        if unknown := [name for name in part if name not in frozen]:
            raise BadOption(
                "ensemble",
                f"names {unknown[0]}, which is no frozen backbone of this comparison."
                f"{did_you_mean(unknown[0], frozen)} Those are {', '.join(frozen) or 'none'}.",
            )
        if len(members) < 2:
            raise BadOption("ensemble", f"needs two frozen backbones or more, and got {', '.join(members)} only.")
        ensembles.append(members)
    return tuple(dict.fromkeys(ensembles))
