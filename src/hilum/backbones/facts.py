"""Facts about a backbone that are known before it is loaded."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Backbone:
    """One frozen network.

    Attributes:
        name: Name that `--models` takes.
        title: Published name.
        tag: Name in timm, as `architecture.weights`.
        size: Side of the square input in pixels that the weights were trained with.
        mean, std: Mean and standard deviation of the three colour channels in `[0, 1]`, for normalisation.
        interpolation: Interpolation with which pictures are resized.
        width: Number of features of the last scale.
        licence: Licence of the weights, as timm states it.
        scales: Number of last scales that the network gives maps of, 1 or 2.
        on_hub: Whether the hub has the weights as `timm/<tag>`.
        checkpoint: Name of the weights' `.pth` file in torch's cache, or its address if it is available nowhere else.
    """

    name: str
    title: str
    tag: str
    size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str
    width: int
    licence: str
    scales: int = 2
    on_hub: bool = True
    checkpoint: str | None = None

    def scales_of(self, asked: str) -> str:
        """The scales that the network gives of those in `hilum.options.SCALES` that were asked for."""
        return asked if self.scales == 2 else "last"

    def scales_note(self, asked: str) -> list[str]:
        """A sentence for the record if the network lacks the scales that were asked for, otherwise nothing."""
        words = f"{self.title} has one scale, so its features are of the last, not of {asked}."
        return [] if self.scales_of(asked) == asked else [words]
