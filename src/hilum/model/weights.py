"""The weights of a model's backbone: only those that it was trained with."""

import hashlib
from pathlib import Path

from hilum.backbones.facts import Backbone
from hilum.backbones.weights import RANDOM, Weights, obtain_weights, weights_folder
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.model.artefact import Model
from hilum.progress import Tracker, silent
from hilum.records.model import ModelRecord, WeightsFacts


def weights_of(model: Model, folder: str | Path | None, track: Tracker = silent) -> Weights:
    """The weights that a model was trained with: those bundled with it, or from where a comparison takes them.

    Raises:
        HilumError: They cannot be had, or are others.
    """
    recorded = model.facts.backbone.weights
    if recorded.origin == "random":
        return RANDOM
    chosen = weights_folder(folder)
    if folder is None and model.bundled:
        return Weights("folder", model.bundled)  # its digest is in the record's list of files
    row = backbone(model.facts.backbone.name)
    weights = obtain_weights(row, chosen, track)
    check_same(row, weights, recorded)
    return weights


def check_given(facts: ModelRecord, bundled: bool, folder: str | Path | None) -> None:
    """Sees that a folder's weights for a backbone, where it has any, are those that the model was trained with.

    Args:
        facts: Of the model.
        bundled: Whether the model holds the weights; they are then looked for elsewhere only where `folder` says so.
        folder: As the user gave it; without one, `HILUM_WEIGHTS` counts.

    Raises:
        HilumError: They are others.
    """
    recorded = facts.backbone.weights
    if recorded.origin == "random" or (folder is None and bundled):
        return
    row = backbone(facts.backbone.name)
    chosen = weights_folder(folder)
    path = chosen / f"{row.tag}.safetensors" if chosen else None
    if path and path.is_file():
        check_same(row, Weights("folder", path), recorded)


def check_same(row: Backbone, weights: Weights, recorded: WeightsFacts) -> None:
    """Compares weights with the recorded ones: by file, or where the file is another, by the tensors in it.

    Raises:
        HilumError: They are others.
    """
    if weights.digest == recorded.digest or tensors_digest(row, weights) == recorded.tensors:
        return
    raise HilumError(
        f"{weights.path} are other weights of {row.tag} than this model was trained with "
        f"({weights.digest[:12]}, not {recorded.digest[:12]}). Give the folder with those by --weights."
    )


def tensors_digest(row: Backbone, weights: Weights) -> str:
    """SHA-256 over a backbone's feature tensors: the same for the same weights in another kind of file."""
    from hilum.backbones.checkpoints import load_network
    from hilum.backbones.network import feature_tensors

    digest = hashlib.sha256()
    for name, tensor in sorted(feature_tensors(load_network(row, weights, row.size)).items()):
        digest.update(f"{name} {tuple(tensor.shape)} ".encode())
        digest.update(tensor.float().contiguous().numpy().tobytes())
    return digest.hexdigest()
