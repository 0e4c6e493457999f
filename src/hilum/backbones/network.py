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

# How names of tensors begin that `forward_features` does not use.
_NOT_FEATURES = ("pre_logits", "head", "fc", "classifier", "aux", "AuxLogits", "last_linear", "last_layer")


class FeatureNetwork(nn.Module):
    """A frozen backbone with normalisation before it and average pooling after it.

    Args:
        backbone: Facts about the network.
        body: The network of timm.
        scales: Stages whose pooled maps are the features: `last`, `earlier` (the last but one, at twice the resolution)
            or `both`, the earlier before the last.
    """

    body: Any  # a network of timm, which has `forward_features`

    def __init__(self, backbone: Backbone, body: nn.Module, scales: str = "last") -> None:
        super().__init__()
        self.body = body
        self._scales = scales
        self._channels_last = getattr(body, "output_fmt", None) == "NHWC"
        self._prefix_tokens = int(getattr(body, "num_prefix_tokens", 0))
        self.register_buffer("mean", torch.tensor(backbone.mean).reshape(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(backbone.std).reshape(1, 3, 1, 1))
        self.eval().requires_grad_(False)

    def forward(self, grey: Tensor) -> Tensor:
        """Turns grey levels `[n, 1, size, size]` in `[0, 1]` into features `[n, width]`."""
        return torch.cat([torch.mean(maps, (2, 3)) for maps in self.chosen(self.maps(grey))], 1)

    def maps(self, grey: Tensor) -> tuple[Tensor, ...]:
        """Turns grey levels `[n, 1, size, size]` into one `[n, width, h, w]` per scale, the last always included.

        The network runs to its end even if only the earlier scale is asked for: neighbours are found in the last.
        """
        normalised = (grey.expand(-1, 3, -1, -1) - self.get_buffer("mean")) / self.get_buffer("std")
        if self._scales != "last":
            last, maps = self.body.forward_intermediates(normalised, indices=2, output_fmt="NCHW")
            return maps[0], self._placed(last)
        return (self._placed(self.body.forward_features(normalised)),)

    def chosen(self, maps: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Those of `maps` whose means are the features."""
        return maps[:1] if self._scales == "earlier" else maps

    def _placed(self, maps: Tensor) -> Tensor:
        """The last stage's output as maps `[n, width, h, w]`."""
        if maps.ndim == 3:  # tokens of a transformer; the prefix tokens have no place in the picture
            tokens = maps[:, self._prefix_tokens :].transpose(1, 2)
            side = math.isqrt(tokens.shape[2])
            return tokens.reshape(tokens.shape[0], tokens.shape[1], side, -1)
        return maps.permute(0, 3, 1, 2) if self._channels_last else maps


def create(backbone: Backbone, size: int, seed: int = 0) -> nn.Module:
    """The network of a backbone as timm builds it, without a classifier; the seed decides its random weights."""
    architecture = backbone.tag.partition(".")[0]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        try:
            return timm.create_model(architecture, pretrained=False, num_classes=0, img_size=size)
        except TypeError:  # only networks that are built for one size take this argument
            return timm.create_model(architecture, pretrained=False, num_classes=0)


def feature_tensors(network: nn.Module) -> dict[str, Tensor]:
    """The tensors of a network that its features depend on, by name.

    Batch counters are left out: they count training steps and do not affect features.
    """
    return {
        name: tensor
        for name, tensor in network.state_dict().items()
        if not name.partition(".")[0].startswith(_NOT_FEATURES) and not name.endswith("num_batches_tracked")
    }


def load_features(network: nn.Module, tensors: Mapping[str, Tensor], origin: str) -> None:
    """Fills every feature tensor of a network.

    Args:
        network: Network that `create` made.
        tensors: Tensors of any floating type by timm's names. Those that features do not depend on are ignored.
        origin: Name of their source, for errors.

    Raises:
        HilumError: A feature tensor is missing or has another shape.
    """
    wanted = feature_tensors(network)
    missing = sorted(wanted.keys() - tensors.keys())
    if missing:
        raise HilumError(
            f"{origin} lacks {len(missing)} of {len(wanted)} feature tensors, the first being {missing[0]}. "
            "It is incomplete or belongs to another network; fetch it again."
        )
    for name, tensor in wanted.items():
        if tensors[name].shape != tensor.shape:
            raise HilumError(
                f"{origin} has {name} of shape {tuple(tensors[name].shape)} where {tuple(tensor.shape)} is needed. "
                "It belongs to another network."
            )
    network.load_state_dict({name: tensors[name].float() for name in wanted}, strict=False)


def timm_facts(name: str) -> Backbone:
    """The facts of any other model of timm, from the configuration of its weights.

    Raises:
        HilumError: timm has no such model or no weights for it, or the model does not take square colour pictures.
    """
    tag = name.removeprefix("timm:")
    if not timm.is_model(tag):
        meant = did_you_mean(tag, timm.list_models())
        raise HilumError(
            f"timm {timm.__version__} has no model {tag!r}.{meant} Its models are listed by: timm.list_models()"
        )
    try:
        config = timm.get_pretrained_cfg(tag)
    except RuntimeError:  # the architecture is known, the weights behind the dot are not
        config = None
    if config is None:
        raise HilumError(
            f"timm has no pretrained weights under the name {tag!r}. They are listed by: "
            "timm.list_models(pretrained=True)"
        )
    architecture = config.architecture or tag
    full_tag = f"{architecture}.{config.tag}" if config.tag else architecture
    channels, height, width = config.input_size
    if channels != 3 or height != width or config.interpolation not in INTERPOLATIONS:
        raise HilumError(
            f"{tag} takes pictures of shape {config.input_size} and {config.interpolation} interpolation. Choose a "
            f"model that takes square colour pictures and {', '.join(sorted(INTERPOLATIONS))} interpolation."
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
        licence=config.license or "not stated",
        scales=2 if hasattr(features, "forward_intermediates") and not hasattr(features, "num_prefix_tokens") else 1,
        on_hub=bool(config.hf_hub_id),
        checkpoint=config.url if isinstance(config.url, str) else None,
    )
