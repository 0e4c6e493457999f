"""The frozen network of a backbone: from grey slices to pooled features."""

import math
from collections.abc import Mapping
from typing import Any

import timm
import torch
from torch import Tensor, nn

from hilum.backbones.facts import Backbone
from hilum.errors import HilumError
from hilum.options import did_you_mean
from hilum.slices.resize import INTERPOLATIONS

# First parts of the names of tensors that take no part in `forward_features`.
_NOT_FEATURES = ("pre_logits", "head", "fc", "classifier", "aux", "AuxLogits", "last_linear", "last_layer")


class FeatureNetwork(nn.Module):
    """A frozen backbone with its normalisation in front and its average pooling behind.

    With two scales, the pooled maps of the last stage but one, at twice the resolution, stand before those of the last.
    """

    body: Any  # timm's networks; `forward_features` is theirs, not nn.Module's

    def __init__(self, row: Backbone, body: nn.Module, scales: int = 1) -> None:
        super().__init__()
        self.body = body
        self._scales = scales
        self._channels_last = getattr(body, "output_fmt", None) == "NHWC"
        self._prefix_tokens = int(getattr(body, "num_prefix_tokens", 0))
        self.register_buffer("mean", torch.tensor(row.mean).reshape(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(row.std).reshape(1, 3, 1, 1))
        self.eval().requires_grad_(False)

    def forward(self, grey: Tensor) -> Tensor:
        """From grey levels `[n, 1, size, size]` in `[0, 1]` to features `[n, width]`."""
        return torch.cat([torch.mean(maps, (2, 3)) for maps in self.maps(grey)], 1)

    def maps(self, grey: Tensor) -> tuple[Tensor, ...]:
        """From grey levels `[n, 1, size, size]` to maps `[n, width, h, w]`, a scale each, whose means are features."""
        normalised = (grey.expand(-1, 3, -1, -1) - self.get_buffer("mean")) / self.get_buffer("std")
        if self._scales == 2:
            last, maps = self.body.forward_intermediates(normalised, indices=2, output_fmt="NCHW")
            return maps[0], self._placed(last)
        return (self._placed(self.body.forward_features(normalised)),)

    def _placed(self, maps: Tensor) -> Tensor:
        """The last stage's output as maps `[n, width, h, w]`."""
        if maps.ndim == 3:  # a transformer's tokens; the first ones stand for no place in the picture
            tokens = maps[:, self._prefix_tokens :].transpose(1, 2)
            side = math.isqrt(tokens.shape[2])
            return tokens.reshape(tokens.shape[0], tokens.shape[1], side, -1)
        return maps.permute(0, 3, 1, 2) if self._channels_last else maps


def create(row: Backbone, size: int, seed: int = 0) -> nn.Module:
    """Timm's network of a row, without a classifier and with random weights, the same for the same seed."""
    architecture = row.tag.partition(".")[0]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        try:
            return timm.create_model(architecture, pretrained=False, num_classes=0, img_size=size)
        except TypeError:  # only networks that are built for one size take it as an argument
            return timm.create_model(architecture, pretrained=False, num_classes=0)


def feature_tensors(network: nn.Module) -> dict[str, Tensor]:
    """The tensors of timm's network that its features depend on, by name.

    Batch counters are left out: they count training steps and change no feature.
    """
    return {
        name: tensor
        for name, tensor in network.state_dict().items()
        if not name.partition(".")[0].startswith(_NOT_FEATURES) and not name.endswith("num_batches_tracked")
    }


def load_features(network: nn.Module, tensors: Mapping[str, Tensor], origin: str) -> None:
    """Fills every feature tensor of timm's network.

    Args:
        network: As `create` makes it.
        tensors: By timm's names, of any floating type; others than the feature tensors are ignored.
        origin: What to call the source in an error.

    Raises:
        HilumError: A feature tensor is missing or has another shape.
    """
    wanted = feature_tensors(network)
    missing = sorted(wanted.keys() - tensors.keys())
    if missing:
        raise HilumError(
            f"{origin} lacks {len(missing)} of {len(wanted)} feature tensors, the first being {missing[0]}. "
            "It is incomplete or belongs to another network."
        )
    for name, tensor in wanted.items():
        if tensors[name].shape != tensor.shape:
            raise HilumError(
                f"{origin} has {name} of shape {tuple(tensors[name].shape)} where {tuple(tensor.shape)} is needed. "
                "It belongs to another network."
            )
    network.load_state_dict({name: tensors[name].float() for name in wanted}, strict=False)


def timm_facts(name: str) -> Backbone:
    """The row of any other model of timm, from the facts that its weights carry.

    Raises:
        HilumError: timm knows no such model, or no facts that hilum can follow.
    """
    tag = name.removeprefix("timm:")
    if not timm.is_model(tag):
        meant = did_you_mean(tag, timm.list_models())
        raise HilumError(
            f"timm {timm.__version__} has no model {tag!r}.{meant} Its names are listed by: timm.list_models()"
        )
    try:
        config = timm.get_pretrained_cfg(tag)
    except RuntimeError:  # the architecture is known, the weights behind the dot are not
        config = None
    if config is None:
        raise HilumError(f"timm has no pretrained weights under the name {tag!r}.")
    architecture = config.architecture or tag
    full_tag = f"{architecture}.{config.tag}" if config.tag else architecture
    channels, height, width = config.input_size
    if channels != 3 or height != width or config.interpolation not in INTERPOLATIONS:
        raise HilumError(
            f"{tag} takes {config.input_size} with {config.interpolation}; hilum feeds square colour pictures."
        )
    with torch.device("meta"):
        features: Any = timm.create_model(architecture, pretrained=False, num_classes=0)
    return Backbone(
        name=name,
        title=full_tag,
        tag=full_tag,
        size=height,
        mean=(config.mean[0], config.mean[1], config.mean[2]),
        std=(config.std[0], config.std[1], config.std[2]),
        interpolation=config.interpolation,
        width=int(features.num_features),
        cam_layer=None,
        licence=config.license or "not stated",
        scales=2 if hasattr(features, "forward_intermediates") and not hasattr(features, "num_prefix_tokens") else 1,
        on_hub=bool(config.hf_hub_id),
        checkpoint=config.url if isinstance(config.url, str) else None,
    )
