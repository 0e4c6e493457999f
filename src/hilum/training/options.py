"""Options of training a model to use, which validate themselves."""

from dataclasses import dataclass

from hilum.backbones.zoo import CNN, backbone
from hilum.comparison.options import RunKeywords, RunOptions
from hilum.errors import BadOption, HilumError
from hilum.options import did_you_mean

FITTED_ON = ("train", "development", "all")


class TrainKeywords(RunKeywords, total=False):
    """Fields of `TrainOptions` that `hilum.train` takes by keyword."""

    on: str
    bundle: bool
    with_thumbnails: bool


@dataclass(frozen=True, kw_only=True)
class TrainOptions(RunOptions):
    """Options of training a model to use.

    Attributes:
        backbone: Name from the zoo, or `timm:NAME`.
        on: Slices to fit on: `train`, `development` (train and valid) or `all`.
        bundle: Whether to add the backbone's weights to the model.
        with_thumbnails: Whether to add small pictures of the training slices, visible to everyone who has the model.
    """

    backbone: str
    on: str = "development"
    bundle: bool = False
    with_thumbnails: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.backbone == CNN:
            raise HilumError("The small CNN can only be compared. Name a frozen backbone to train a model to use.")
        backbone(self.backbone)
        if self.on not in FITTED_ON:
            raise BadOption("on", f"must be {', '.join(FITTED_ON)}, not {self.on!r}.{did_you_mean(self.on, FITTED_ON)}")
