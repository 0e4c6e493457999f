"""Weights files of every form, read as tensors under timm's names. Only plain tensors are ever unpickled."""

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


def load_network(backbone: Backbone, weights: Weights, size: int, seed: int = 0) -> nn.Module:
    """The network of a backbone, as timm builds it, with its weights.

    Args:
        backbone: The backbone.
        weights: Weights of the backbone. Random ones stay as the seed makes them.
        size: Side of the input in pixels, for networks that are built for one size.
        seed: Random seed of random weights.

    Raises:
        HilumError: The file is damaged, incomplete, or belongs to another network.
    """
    network = create(backbone, size, seed)
    if weights.path is not None:
        load_features(network, _read(as_safetensors(backbone, weights)), str(weights.path))
    return network


def check_weights(backbone: Backbone, path: Path) -> None:
    """Checks that a safetensors file fills every feature tensor of a backbone.

    Raises:
        HilumError: The file is damaged, incomplete, or belongs to another network.
    """
    load_features(create(backbone, backbone.size), _read(path), str(path))


def pull_weights(backbone: Backbone, target: Path, folder: Path | None, track: Tracker = silent) -> tuple[Path, Origin]:
    """Puts the weights of a backbone into a folder as `<tag>.safetensors` and checks them; an existing file is kept.

    Args:
        backbone: The backbone.
        target: Folder to put them into.
        folder: Folder with weights to look into first, or None.
        track: Tracker of the progress.

    Returns:
        The file, and where it came from (`folder` for an existing one).

    Raises:
        NoWeights: The weights are not on this machine and could not be fetched.
        HilumError: The weights are incomplete or belong to another network.
    """
    path = target / f"{backbone.tag}.safetensors"
    origin: Origin = "folder"
    if not path.exists():
        with OutputFile(path, option="FOLDER") as out:
            weights = obtain_weights(backbone, folder, track)
            origin = weights.origin
            with out.writing() as made:
                shutil.copyfile(as_safetensors(backbone, weights), made)
    check_weights(backbone, path)
    return path, origin


def as_safetensors(backbone: Backbone, weights: Weights) -> Path:
    """The weights as a safetensors file: a `.pth` file is converted once, and the result kept in the cache.

    Raises:
        HilumError: The checkpoint does not fit the network, or the cache cannot be written.
    """
    if weights.path is None:
        raise ValueError("random weights have no file")
    if weights.path.suffix == ".safetensors":
        return weights.path
    converted = cache_folder() / "weights" / f"{backbone.tag}-{weights.digest[:16]}.safetensors"
    if not converted.exists():
        tensors = _from_pickle(backbone, weights, weights.path)
        write_to_cache(converted, save({name: tensor.contiguous() for name, tensor in tensors.items()}))
    return converted


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise HilumError(f"{path} is not an intact safetensors file ({error}). Fetch it again.") from error


def _from_pickle(backbone: Backbone, weights: Weights, path: Path) -> dict[str, Tensor]:
    """The tensors of a `.pth` file under timm's names. timm renames and checks them with the classifier in place."""
    try:
        if weights.origin == "package":
            network = timm.create_model(backbone.tag, pretrained=False)
            return lite0.renamed(torch.load(path, map_location="cpu", weights_only=True), network.state_dict())
        network = timm.create_model(backbone.tag, pretrained=True, pretrained_cfg_overlay={"file": str(path)})
    except Exception as error:  # a damaged archive can raise anything
        again = f"Install {lite0.PACKAGE} again" if weights.origin == "package" else "Remove it, and fetch it again"
        raise HilumError(
            f"{path} cannot be read as the weights of {backbone.tag} ({first_sentence(error)}). {again}."
        ) from error
    return dict(network.state_dict())
