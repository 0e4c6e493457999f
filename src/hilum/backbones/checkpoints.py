"""Weights files of every form, read as tensors under timm's names. Nothing is unpickled but plain tensors."""

import shutil
from pathlib import Path

import timm
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from hilum.backbones import lite0
from hilum.backbones.facts import Backbone
from hilum.backbones.network import create, load_features
from hilum.backbones.weights import Origin, Weights, obtain_weights
from hilum.errors import HilumError
from hilum.outputs import OutputFile
from hilum.progress import Tracker, silent
from hilum.storage import cache_folder, write_to_cache
from hilum.text import first_sentence


def load_network(row: Backbone, weights: Weights, size: int, seed: int = 0) -> nn.Module:
    """Timm's network of a row with its weights.

    Args:
        row: The backbone.
        weights: Its weights; random ones stay as the seed makes them.
        size: Side of the input in pixels, for the networks that are built for one size.
        seed: Random seed of random weights.

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


def pull_weights(row: Backbone, target: Path, folder: Path | None, track: Tracker = silent) -> tuple[Path, Origin]:
    """Puts a backbone's weights into a folder as `<tag>.safetensors`, checked; a file that is there is kept.

    Returns:
        The file, and where it came from (`folder` for one that was there).

    Raises:
        NoWeights: They are nowhere to be had.
        HilumError: They are incomplete or belong to another network.
    """
    path = target / f"{row.tag}.safetensors"
    origin: Origin = "folder"
    if not path.exists():
        with OutputFile(path, option="FOLDER") as out:
            weights = obtain_weights(row, folder, track)
            origin = weights.origin
            with out.writing() as made:
                shutil.copyfile(as_safetensors(row, weights), made)
    check_weights(row, path)
    return path, origin


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
        tensors = _from_pickle(row, weights, weights.path)
        write_to_cache(converted, save({name: tensor.contiguous() for name, tensor in tensors.items()}))
    return converted


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise HilumError(f"{path} is no readable safetensors file ({error}). Fetch it again.") from error


def _from_pickle(row: Backbone, weights: Weights, path: Path) -> dict[str, Tensor]:
    """The tensors of a `.pth` file, which timm renames; with its own classifier on, it checks each of them."""
    try:
        if weights.origin == "package":
            network = timm.create_model(row.tag, pretrained=False)
            return lite0.renamed(torch.load(path, map_location="cpu", weights_only=True), network.state_dict())
        network = timm.create_model(row.tag, pretrained=True, pretrained_cfg_overlay={"file": str(path)})
    except Exception as error:  # a damaged archive raises whatever its damaged part leads to
        again = f"Install {lite0.PACKAGE} again" if weights.origin == "package" else "Remove it, and fetch it again"
        raise HilumError(
            f"{path} cannot be read as the weights of {row.tag} ({first_sentence(error)}). {again}."
        ) from error
    return dict(network.state_dict())
