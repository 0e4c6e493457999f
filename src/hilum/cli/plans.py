"""The steps that a command will take, told before the first so that each can be shown with its number."""

from pathlib import Path
from typing import TYPE_CHECKING

from hilum.backbones.zoo import CNN, backbone

if TYPE_CHECKING:
    from hilum.comparison.options import CompareOptions

AUDITING = ("reading slices", "comparing slices", "checking slices", "shortcuts")
JUDGING = ("reading slices", "reading predictions", *AUDITING[1:], "intervals", "figures")
EVALUATING = ("reading slices", "answering", "comparing slices")


def running(name: str) -> tuple[str, ...]:
    """The steps of one model, by its name in the zoo, `timm:NAME` or `cnn`."""
    if name == CNN:
        return ("small CNN",)
    title = backbone(name).title
    return f"features: {title}", f"heads: {title}"


def comparing(options: "CompareOptions", weights: Path | None) -> tuple[str, ...]:
    """The steps of a comparison, without those of models whose weights cannot be had.

    Args:
        options: Options of the comparison.
        weights: Folder of weights, or None.
    """
    from hilum.backbones.weights import local_weights
    from hilum.storage import offline

    anywhere = options.random_weights or not offline()
    ran = [name for name in options.models if name == CNN or anywhere or local_weights(backbone(name), weights)]
    curve = ("similarity curve",) if {"grouped", "strict"} <= {*options.protocols} else ()
    return (*AUDITING, *(step for name in ran for step in running(name)), "intervals", *curve, "figures")
