"""A model's record, and a tiny model, for tests that need no training."""

import json

import numpy as np

from hilum.backbones.zoo import backbone
from hilum.heads.questions import Linear, one_question
from hilum.model.artefact import MODEL, Tensors, _digest, write_model
from hilum.outputs import OutputFolder

NAME = "efficientnet_lite0"  # its weights come in a package


def record_for(row, classes=("a", "b", "c"), index=(), **changes):
    return {
        "schema": "hilum.model/1", "created": "2026-11-24T00:00:00+00:00", "command": None,
        "notice": "Research use only.",
        "synthetic": False, "random_weights": False, "classes": list(classes), "negative": None,
        "backbone": {"name": row.name, "title": row.title, "tag": row.tag, "licence": row.licence, "width": row.width,
                     "seed": 0, "weights": {"origin": "folder", "digest": "0" * 64, "tensors": "0" * 64}},
        "preparation": {"size": row.size, "interpolation": row.interpolation, "crop": True, "window": "auto",
                        "mean": list(row.mean), "std": list(row.std)},
        "engine": "onnxruntime", "head": {"kind": "logistic", "strength": 0.1, "scales": "last", "width": row.width},
        "temperature": 1.3, "thresholds": {"answer": 0.6, "outlier": 0.5},
        "curve": [[0.4, 1.0, 0.2], [0.6, 0.8, 0.1], [0.9, 0.4, 0.01]],
        "index": [list(row) for row in index], "thumbnails": False, "files": {}, "digest": "0" * 64,
        **changes,
    }  # fmt: skip


def save_model(folder, record, tensors, others=(), card=""):
    with OutputFolder(folder, MODEL, overwrite=True) as out:
        write_model(out, record, tensors, card, dict(others))
    return out.place


def tiny_model(folder, width=4, seed=0, others=None, **changes):
    random = np.random.default_rng(seed)
    index = [(f"train/{label}/{i}.png", label, f"{i:064x}") for i, label in enumerate("abc")]
    record = record_for(backbone(NAME), index=index, **changes)
    record["backbone"]["width"] = record["head"]["width"] = width
    head = one_question((Linear(random.random((3, width), np.float32), random.random(3, np.float32)),))
    tensors = Tensors(head, 1.5, random.random((3, width), np.float32))
    return save_model(folder, record, tensors, others or {}, "# Card\n")


def resealed(folder, edit):
    """Edits model.json as somebody would who knows how its digest is made."""
    record = json.loads((folder / "model.json").read_text())
    record = edit(record) or record
    record["digest"] = _digest(record)
    (folder / "model.json").write_text(json.dumps(record))
    return record
