"""What a model to use is trained with, as an object that validates itself."""

from dataclasses import dataclass

from hilum.backbones.zoo import CNN, backbone
from hilum.comparison.options import RunKeywords, RunOptions
from hilum.errors import BadOption, HilumError
from hilum.options import did_you_mean

FITTED_ON = ("train", "development", "all")


class TrainKeywords(RunKeywords, total=False):
    """Fields of `TrainOptions` that `train_model` takes by keyword."""

    on: str
    bundle: bool
    with_thumbnails: bool


@dataclass(frozen=True, kw_only=True)
class TrainOptions(RunOptions):
    """What a model to use is trained with; its head is logistic.

    Attributes:
        backbone: A name of the zoo, or `timm:NAME`.
        on: `train`, `development` (train and valid) or `all`.
        bundle: Whether the backbone's weights are added to the model.
        with_thumbnails: Whether small pictures of the training slices are added, which whoever has the model can see.
    """

    backbone: str
    on: str = "development"
    bundle: bool = False
    with_thumbnails: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.backbone == CNN:
            raise HilumError("A model to use is made of a frozen backbone; the small CNN is only compared.")
        backbone(self.backbone)
        if self.head != "logistic":
            raise BadOption("head", f"must be logistic in a model to use, not {self.head}.")
        if self.on not in FITTED_ON:
            raise BadOption("on", f"must be {', '.join(FITTED_ON)}, not {self.on!r}.{did_you_mean(self.on, FITTED_ON)}")
