"""What is known of a backbone before it is loaded."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Backbone:
    """One frozen network.

    Attributes:
        name: The name that `--models` takes.
        title: The published name.
        tag: timm's `architecture.weights`.
        size: Side of the square input in pixels, as the weights were trained.
        mean, std: Of the three colour channels in `[0, 1]`, subtracted and divided by.
        interpolation: How pictures are resized.
        width: Number of features of the last scale.
        cam_layer: The module whose output the features are the mean of, for class activation maps; None if unknown.
        licence: Of the weights, as timm states it.
        scales: Of how many of its last scales the network gives maps, 1 or 2.
        on_hub: Whether the hub has the weights as `timm/<tag>`.
        checkpoint: The `.pth` file of the weights as torch keeps it in its cache; an address where it is the only form.
    """

    name: str
    title: str
    tag: str
    size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str
    width: int
    cam_layer: str | None
    licence: str
    scales: int = 2
    on_hub: bool = True
    checkpoint: str | None = None
