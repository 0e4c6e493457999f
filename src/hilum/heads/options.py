"""The heads that there are, and how they are trained."""

from collections.abc import Mapping
from dataclasses import dataclass

from hilum.options import Seeded, check_name, check_within

HEADS: Mapping[str, str] = {
    "logistic": "hilum.heads.logistic",
    "kernel": "hilum.heads.kernel",
    "both": "hilum.heads.both",
    "hierarchical": "hilum.heads.hierarchical",
    "softmax": "hilum.heads.softmax",
}
"""Module of each head. It has an estimator and `train_head`, and is imported when such a head is trained."""

DEFAULT_HEAD = "hierarchical"

CLASS_WEIGHTS = ("none", "balanced")


@dataclass(frozen=True, kw_only=True)
class HeadOptions(Seeded):
    """How heads, and the small CNN, are trained.

    Attributes:
        head: Kind of head, a key of `HEADS`.
        class_weight: `none`, or `balanced` to let all classes of a head weigh the same.
        strengths: Inverse penalties, ascending, that a logistic or kernel head chooses from, or None for its defaults.
        epochs: Largest number of epochs of a softmax head.
        cnn_epochs: Largest number of epochs of the CNN.
        patience: Number of epochs without a lower validation loss after which training stops.
        seed: Random seed of the first training; each later training takes the next seed.
    """

    head: str = DEFAULT_HEAD
    class_weight: str = "none"
    strengths: tuple[float, ...] | None = None
    epochs: int = 10
    cnn_epochs: int = 40
    patience: int = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        check_name("head", self.head, HEADS)
        check_name("class weight", self.class_weight, CLASS_WEIGHTS)
        for field in ("epochs", "cnn_epochs", "patience"):
            check_within(field, getattr(self, field), 1)

    @property
    def weighting(self) -> str | None:
        """The class weight as estimators take it: None or `balanced`."""
        return None if self.class_weight == "none" else self.class_weight
