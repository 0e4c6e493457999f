"""The options of a comparison or a judgement, as metrics.json has them."""

from typing import Literal

from hilum.records.base import Record
from hilum.records.figures import ProtocolName
from hilum.records.scales import Scales


class ExternalSetting(Record):
    """Slices from elsewhere that were asked for: their name, folder and mapped classes."""

    name: str
    folder: str
    mapped: dict[str, str]

    def __str__(self) -> str:
        mapped = ", ".join(f"{name} as {meaning}" for name, meaning in self.mapped.items())
        return f"{self.name}: {self.folder}{f' ({mapped})' if mapped else ''}"


class ScoringSettings(Record):
    """The options of scoring."""

    models: tuple[str, ...]
    negative: str | None
    protocols: tuple[ProtocolName, ...]
    floor: Literal["full", "cheap"] = "cheap"
    margin: float | None = None
    look_alike: float | None = None
    seed: int


class JudgeSettings(ScoringSettings):
    """The options with which the predictions of others are judged.

    Attributes:
        predictions: Name of the file, or what they were otherwise.
        trained_on: Name of the list of what the models were trained on, if one was given.
        mapped: Class of the predictions for each class of the folder that has another name there.
    """

    predictions: str
    trained_on: str | None
    mapped: dict[str, str]


class Settings(ScoringSettings):
    """The options of a comparison."""

    head: str
    class_weight: str = "none"
    ensembles: tuple[tuple[str, ...], ...]
    epochs: int
    patience: int
    cnn_epochs: int
    engine: str
    size: int | None
    crop: bool
    scales: Scales
    effort: str = "fast"
    views: tuple[str, ...] = ()
    random_weights: bool
    cnn_folds: bool
    external: tuple[ExternalSetting, ...] = ()
