"""What the published notebook says of its models on these slices, for putting like beside like."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

PUBLISHED_NOTE = (
    "The published precision, recall and AUC are Keras's, counted over the flattened one-hot matrix; the "
    "published F1 is micro-averaged, which is the same number as accuracy (254 of 315 test slices for "
    "DenseNet121). Compare them with the Keras figures and the micro F1 here, not with macro averages. The "
    "published classes 0 and 3, which its best model confuses most, are adenocarcinoma and squamous cell "
    "carcinoma. The published seconds are of another machine."
)


@dataclass(frozen=True)
class PublishedResult:
    """A model's published figures; None is what is not known.

    Attributes:
        name: hilum's own name of the model.
        title: The model's name for a reader.
        split: The split that the figures are of.
        f1_micro: Micro-averaged F1 in `[0, 1]`; equal to the accuracy, as which some of it was published.
        keras_auc: The AUC of Keras over the flattened one-hot matrix, in `[0, 1]`.
        seconds: Training time in seconds, on the publisher's machine.
    """

    name: str
    title: str
    split: Literal["valid", "test"]
    f1_micro: float | None = None
    keras_auc: float | None = None
    seconds: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """One object of `published` in metrics.json (docs/run-folder.md)."""
        return asdict(self)


PUBLISHED: tuple[PublishedResult, ...] = (
    PublishedResult("densenet121", "DenseNet121", "test", f1_micro=0.806, keras_auc=0.946, seconds=550.7),
    PublishedResult("efficientnet_v2_l", "EfficientNetV2L", "test", f1_micro=0.438),
    PublishedResult("cnn", "Small CNN (cnn_model)", "valid", f1_micro=0.736),  # published as accuracy
)
