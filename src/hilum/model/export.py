"""The ONNX graph of a model: the file that `hilum export` writes, and what a model folder is run as."""

import importlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from hilum.backbones.checkpoints import load_network
from hilum.backbones.conversion import write_onnx
from hilum.backbones.network import FeatureNetwork
from hilum.backbones.weights import Weights
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.model.artefact import Artefact
from hilum.model.limits import memory_limited
from hilum.model.network import OUTPUTS, AnswerNetwork
from hilum.model.reader import METADATA
from hilum.model.seal import sealed
from hilum.records.model import ModelRecord

if TYPE_CHECKING:
    import onnx

_LARGEST = 3 * 2**29  # bytes of head and index; a whole file has less than 2 GB


def onnx_bytes(model: Artefact, weights: Weights) -> bytes:
    """The ONNX file of a model.

    Args:
        model: The model.
        weights: The backbone's weights, checked to be those that the model was trained with.

    Raises:
        HilumError: This hilum has another network under the name of the model's backbone, the model's parts do not fit
            together or are too large, or memory is short.
    """
    facts = model.facts
    known = backbone(facts.backbone.name)
    if (known.tag, known.width) != (facts.backbone.tag, model.tensors.index.shape[1]):
        raise HilumError(
            f"The model {model.folder} uses {facts.backbone.tag}, but this hilum has {known.tag} under the name "
            f"{known.name}. Use the version of hilum that made the model."
        )
    arrays = [*model.tensors.head.as_tensors().values(), model.tensors.index]
    if (size := sum(array.nbytes for array in arrays)) > _LARGEST:
        raise HilumError(
            f"The head and the index of {model.folder} have {size >> 20:,} MB, more than an ONNX file can hold beside "
            "its network. Train on fewer slices, or with a head that keeps none of them, such as --head logistic."
        )
    importlib.import_module("onnx")  # torch needs it; a missing package must not be reported as a damaged model
    try:
        with memory_limited():
            body = load_network(known, weights, facts.preparation.size, facts.backbone.seed)
            return to_onnx(AnswerNetwork(FeatureNetwork(known, body, facts.head.scales), model.tensors), facts)
    except (RuntimeError, ValueError, TypeError, AssertionError, MemoryError) as error:
        raise HilumError(
            f"The model {model.folder} cannot be run: its size of {facts.preparation.size} pixels, its scales or its "
            f"tensors do not fit {known.tag}, or memory is short. Take it from its source again."
        ) from error


def to_onnx(network: AnswerNetwork, facts: ModelRecord) -> bytes:
    """A model as an ONNX file, with the input `grey_<size>` `[n, 1, size, size]` and the outputs of `AnswerNetwork`.

    Its metadata holds model.json under `hilum`. For other readers it also holds the classes, the preparation, the
    thresholds, the notice and the method of the map under their own names. The file ends in a checksum
    (hilum.model.seal).
    """
    onnx = importlib.import_module("onnx")
    size = facts.preparation.size
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        write_onnx(network, 2, size, path, f"grey_{size}", OUTPUTS, fixed=False)
        graph = onnx.load(path)
    _fix_map_size(graph, network, size)
    record = facts.as_json()
    metadata = {
        METADATA: record,
        **{name: record[name] for name in ("classes", "preparation", "thresholds", "notice")},
        "map": facts.head.map_method,
    }
    onnx.helper.set_model_props(
        graph,
        {
            key: value if isinstance(value, str) else json.dumps(value, allow_nan=False)
            for key, value in metadata.items()
        },
    )
    return sealed(graph.SerializeToString())


def _fix_map_size(graph: "onnx.ModelProto", network: AnswerNetwork, size: int) -> None:
    """Writes the number of classes, rows and columns of the map into the graph, where the exporter left names."""
    (shape,) = (output.type.tensor_type.shape for output in graph.graph.output if output.name == "map")
    with torch.no_grad():
        sides = network(torch.zeros(1, 1, size, size))[OUTPUTS.index("map")].shape[1:]
    for dimension, side in zip(shape.dim[1:], sides, strict=True):
        dimension.dim_value = side
