"""Options of a judgement, which validate themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hilum.options import check_floor
from hilum.scoring.options import ScoringOptions


@dataclass(frozen=True, kw_only=True)
class JudgeOptions(ScoringOptions):
    """Options of a judgement.

    Attributes:
        mapped: Class of the predictions for each class of the folder that has another name there.
        floor: `full` adds the floor of EfficientNet-Lite0 on blanked pictures to the `cheap` ones.
        predictions: File of the predictions, if they came from one.
        trained_on: File with the list of what the models were trained on, if there is one.
    """

    mapped: Mapping[str, str] = field(default_factory=dict)
    floor: str = "full"
    predictions: Path | None = None
    trained_on: Path | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_floor(self.floor)
