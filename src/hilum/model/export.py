"""Handing a model over as one ONNX file, and the graph that a model folder runs as."""

import importlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from hilum.backbones.checkpoints import load_network
from hilum.backbones.engine import write_onnx
from hilum.backbones.network import FeatureNetwork
from hilum.backbones.weights import Weights
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.model.artefact import Model
from hilum.model.limits import memory_limited
from hilum.model.network import OUTPUTS, AnswerNetwork
from hilum.model.reader import METADATA
from hilum.model.seal import sealed
from hilum.records.model import ModelRecord

if TYPE_CHECKING:
    import onnx


def onnx_bytes(model: Model, weights: Weights) -> bytes:
    """The ONNX file of a model, with weights that were checked to be its own.

    Raises:
        HilumError: This hilum knows another network under the name of the model's backbone.
    """
    facts = model.facts
    row = backbone(facts.backbone.name)
    if (row.tag, row.width) != (facts.backbone.tag, model.tensors.index.shape[1]):
        raise HilumError(
            f"The model {model.folder} stands on {facts.backbone.tag}, and this hilum has {row.tag} "
            f"under the name {row.name}. Use the hilum that made it."
        )
    importlib.import_module("onnx")  # torch needs it, and without it nothing is wrong with the model
    try:
        with memory_limited():
            body = load_network(row, weights, facts.preparation.size, facts.backbone.seed)
            return to_onnx(AnswerNetwork(FeatureNetwork(row, body, facts.head.scales), model.tensors), facts)
    except (RuntimeError, ValueError, TypeError, AssertionError, MemoryError) as error:
        raise HilumError(
            f"The model {model.folder} cannot be run: its size of {facts.preparation.size} pixels, its scales or its "
            f"tensors do not fit {row.tag}, or memory is short. Take it from its source again."
        ) from error


def to_onnx(network: AnswerNetwork, facts: ModelRecord) -> bytes:
    """A model as an ONNX file: input `grey_<size>` `[n, 1, size, size]`, outputs as `AnswerNetwork` says.

    Its metadata holds model.json under `hilum`, and for readers that know nothing of hilum the classes, the
    preparation, the thresholds and the notice under their own names. The file ends in a mark (hilum.model.seal).
    """
    onnx = importlib.import_module("onnx")
    size = facts.preparation.size
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        write_onnx(network, 2, size, path, f"grey_{size}", OUTPUTS, fixed=False)
        graph = onnx.load(path)
    _fix_map_size(graph, network, size)
    record = facts.as_json()
    metadata = {METADATA: record, **{name: record[name] for name in ("classes", "preparation", "thresholds", "notice")}}
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
