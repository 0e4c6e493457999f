"""Weights files of every form, read as tensors under timm's names. Nothing is unpickled but plain tensors."""

import re
from pathlib import Path

import timm
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from hilum.backbones import lite0
from hilum.backbones.network import create, load_features
from hilum.backbones.weights import Weights
from hilum.backbones.zoo import Backbone
from hilum.errors import HilumError
from hilum.storage import cache_folder, write_to_cache


def load_network(row: Backbone, weights: Weights, size: int, seed: int = 0) -> nn.Module:
    """Timm's network of a row with its weights.

    Args:
        row: Of the zoo.
        weights: As found; random ones stay as the seed makes them.
        size: Side of the input in pixels, for the networks that are built for one size.
        seed: Of random weights.

    Raises:
        HilumError: The file is damaged, incomplete, or belongs to another network.
    """
    network = create(row, size, seed)
    if weights.path is not None:
        load_features(network, _read(as_safetensors(row, weights)), str(weights.path))
    return network


def check_weights(row: Backbone, path: Path) -> None:
    """Sees that a safetensors file fills every feature tensor of a row.

    Raises:
        HilumError: It does not.
    """
    load_features(create(row, row.size), _read(path), str(path))


def as_safetensors(row: Backbone, weights: Weights) -> Path:
    """The file itself, or for a `.pth` file its conversion, made once and kept in the cache.

    Raises:
        HilumError: The checkpoint does not fit the network, or the cache cannot be written.
    """
    if weights.path is None:
        raise ValueError("random weights have no file")
    if weights.path.suffix == ".safetensors":
        return weights.path
    converted = cache_folder() / "weights" / f"{row.tag}-{weights.digest[:16]}.safetensors"
    if not converted.exists():
        tensors = _packaged_lite0(weights.path) if weights.origin == "package" else _by_timm(row, weights.path)
        write_to_cache(converted, save({name: tensor.contiguous() for name, tensor in tensors.items()}))
    return converted


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise HilumError(f"{path} is no readable safetensors file ({error}). Fetch it again.") from error


def _packaged_lite0(path: Path) -> dict[str, Tensor]:
    try:
        return lite0.renamed(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:  # a damaged archive raises whatever its damaged part leads to
        raise HilumError(f"{path} cannot be read ({_first_sentence(error)}). Install {lite0.PACKAGE} again.") from error


def _by_timm(row: Backbone, path: Path) -> dict[str, Tensor]:
    """Lets timm rename an original checkpoint's tensors; with its own classifier on, it checks each of them."""
    try:
        network = timm.create_model(row.tag, pretrained=True, pretrained_cfg_overlay={"file": str(path)})
    except Exception as error:  # a damaged archive raises whatever its damaged part leads to
        raise HilumError(
            f"{path} cannot be read as the weights of {row.tag} ({_first_sentence(error)}). "
            "Remove it, and fetch it again."
        ) from error
    return dict(network.state_dict())


def _first_sentence(error: Exception) -> str:
    """What torch says, without its pages of tensor names and its advice to load the file unsafely."""
    return re.split(r"\.\s|\n", str(error).strip())[0].rstrip(" .:")
