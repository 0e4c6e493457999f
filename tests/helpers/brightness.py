"""A small exported model that judges by mean brightness."""

import json

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from hilum.model.reader import METADATA
from hilum.model.seal import sealed
from hilum.records.model import MODEL_SCHEMA

CLASSES = ("dark", "grey", "bright")
CENTRES = np.array([0.2, 0.5, 0.8])
SHARPNESS = 60.0
SIZE = 8
# A slice of mean m has the score |m - 0.5|; its class is that of the nearest centre.
ANSWER, OUTLIER = 0.8, 0.42

RECORD = {
    "schema": MODEL_SCHEMA,
    "digest": "0" * 64,
    "classes": CLASSES,
    "negative": None,
    "backbone": {
        "name": "brightness",
        "tag": "brightness",
        "seed": 0,
        "weights": {"origin": "folder", "digest": "0" * 64, "tensors": "0" * 64},
    },
    "preparation": {"size": SIZE, "interpolation": "bilinear", "crop": False, "window": "auto"},
    "engine": "onnxruntime",
    "head": {"kind": "logistic", "scales": "last"},
    "thresholds": {"answer": ANSWER, "outlier": OUTLIER},
    "curve": [[0.5, 1.0, 0.2], [0.8, 0.9, 0.1], [0.99, 0.5, 0.0]],
    "index": [["train/dark/1.png", "dark", "1" * 64]],
    "notice": "Research use only.",
}


def write_model(path, **changes):
    """Writes the model; `changes` go into its record."""
    constants = {
        "slopes": (2 * SHARPNESS * CENTRES)[None].astype(np.float32),
        "offsets": (-SHARPNESS * CENTRES**2).astype(np.float32),
        "half": np.float32([0.5]),
        "nothing": np.float32([0]),
        "second": np.int64([1]),
        "planes": np.ones((1, 3, 1, 1), np.float32),
    }
    steps = [
        ("GlobalAveragePool", ["grey_8"], "pooled", {}),
        ("Flatten", ["pooled"], "mean", {}),
        ("Gemm", ["mean", "slopes", "offsets"], "logits", {}),
        ("Softmax", ["logits"], "probabilities", {"axis": 1}),
        ("Sub", ["mean", "half"], "difference", {}),
        ("Abs", ["difference"], "distances", {}),
        ("Squeeze", ["distances", "second"], "outlier_score", {}),
        ("Mul", ["grey_8", "planes"], "map", {}),
        ("Mul", ["mean", "nothing"], "zeros", {}),
        ("Cast", ["zeros"], "neighbours", {"to": TensorProto.INT64}),
    ]
    outputs = {
        "probabilities": ["n", 3], "outlier_score": ["n"], "map": ["n", 3, SIZE, SIZE],
        "neighbours": ["n", 1], "distances": ["n", 1],
    }  # fmt: skip
    graph = helper.make_graph(
        [helper.make_node(kind, inputs, [output], **options) for kind, inputs, output, options in steps],
        "brightness",
        [helper.make_tensor_value_info("grey_8", TensorProto.FLOAT, ["n", 1, SIZE, SIZE])],
        [
            helper.make_tensor_value_info(name, TensorProto.INT64 if name == "neighbours" else TensorProto.FLOAT, shape)
            for name, shape in outputs.items()
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, {METADATA: json.dumps({**RECORD, **changes})})
    path.write_bytes(sealed(model.SerializeToString()))
    return path
