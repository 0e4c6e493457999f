"""The weights of a model's backbone: only those that it was trained with."""

import hashlib
from importlib.metadata import version
from pathlib import Path

from hilum.backbones.facts import Backbone
from hilum.backbones.weights import RANDOM, Weights, obtain_weights, weights_folder
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.model.artefact import Artefact
from hilum.progress import Tracker, silent
from hilum.records.model import ModelRecord, WeightsFacts
from hilum.storage import Shards, cache_folder


def weights_of(model: Artefact, folder: str | Path | None, track: Tracker = silent) -> Weights:
    """The weights that a model was trained with, from its bundle or from the usual places.

    Args:
        model: The model.
        folder: Folder with files `<tag>.safetensors`, looked into first.
        track: Progress display.

    Raises:
        HilumError: The weights were not found, or differ from those that the model was trained with.
    """
    recorded = model.facts.backbone.weights
    if recorded.origin == "random":
        return RANDOM
    chosen = weights_folder(folder)
    if folder is None and model.bundled:
        return Weights("folder", model.bundled)  # its digest is in the record's list of files
    known = backbone(model.facts.backbone.name)
    weights = obtain_weights(known, chosen, track)
    check_same(known, weights, recorded)
    return weights


def check_given(facts: ModelRecord, bundled: bool, folder: str | Path | None) -> None:
    """Checks that a folder's weights for a model's backbone, if it has any, are those that the model was trained with.

    Args:
        facts: The model's record.
        bundled: Whether the model holds the weights; other places are then checked only if `folder` is given.
        folder: Folder that the user gave; by default that of `HILUM_WEIGHTS`.

    Raises:
        HilumError: The weights differ from those that the model was trained with.
    """
    recorded = facts.backbone.weights
    if recorded.origin == "random" or (folder is None and bundled):
        return
    known = backbone(facts.backbone.name)
    chosen = weights_folder(folder)
    path = chosen / f"{known.tag}.safetensors" if chosen else None
    if path and path.is_file():
        check_same(known, Weights("folder", path), recorded)


def check_same(backbone: Backbone, weights: Weights, recorded: WeightsFacts) -> None:
    """Compares weights with the recorded ones: by their file, or if the file differs, by the tensors in it.

    Raises:
        HilumError: The weights differ.
    """
    if weights.digest == recorded.digest or tensors_digest(backbone, weights) == recorded.tensors:
        return
    raise HilumError(
        f"{weights.path} holds other weights of {backbone.tag} than those that this model was trained with "
        f"({weights.digest[:12]}, not {recorded.digest[:12]}). Give the folder with the right ones by --weights."
    )


def tensors_digest(backbone: Backbone, weights: Weights) -> str:
    """SHA-256 digest of a backbone's feature tensors, the same in every kind of file; it is kept in the cache.

    Raises:
        HilumError: The file is damaged or belongs to another network, or the cache cannot be written.
    """
    kept = Shards(cache_folder() / "weights" / f"{backbone.tag}-{weights.digest[:16]}-{version('timm')}", ".txt")
    for found in kept.load():
        return found.decode()
    from hilum.backbones.checkpoints import load_network
    from hilum.backbones.network import feature_tensors

    digest = hashlib.sha256()
    for name, tensor in sorted(feature_tensors(load_network(backbone, weights, backbone.size)).items()):
        digest.update(f"{name} {tuple(tensor.shape)} ".encode())
        digest.update(tensor.float().contiguous().numpy().tobytes())
    kept.append(digest.hexdigest().encode())
    return digest.hexdigest()
