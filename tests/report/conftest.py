"""A made-up but plausible comparison: four models that ran, one that could not."""

import copy

import numpy as np
import pandas as pd
import pytest

CLASSES = ["adenocarcinoma", "large_cell_carcinoma", "normal", "squamous_cell_carcinoma"]
COUNTS = {"train": [195, 115, 148, 155], "valid": [23, 21, 13, 15], "test": [120, 51, 54, 90]}
# name, title, tag, skill (higher separates the classes better), epochs, best epoch, decoding, features, head
MODELS = [
    ("cnn", "Small CNN", None, 1.0, 40, 31, 4.1, 0.0, 412.6),
    ("densenet169", "DenseNet169", "densenet169.tv_in1k", 2.6, 10, 8, 4.1, 52.3, 0.4),
    ("densenet121", "DenseNet121", "densenet121.tv_in1k", 2.1, 10, 10, 4.1, 34.0, 0.3),
    ("timm:resnet10t", "timm:resnet10t", "resnet10t.c3_in1k", 1.5, 10, 6, 4.1, 9.2, 0.2),
]
REASON = (
    "No weights found for vgg16.tv_in1k in /home/reader/weights, in an installed package or in the local "
    "caches. Run `hilum weights pull vgg16` on a connected machine, or pass --weights [folder]."
)


@pytest.fixture(scope="session")
def inputs():
    """The record, the history and the predictions, to be read only."""
    return make_record(), make_history(), make_predictions()


@pytest.fixture
def record(inputs):
    """The contents of metrics.json."""
    return copy.deepcopy(inputs[0])


@pytest.fixture
def small(record):
    """The same with one model that ran, since drawing takes its time, and the one that could not."""
    record["models"] = [model for model in record["models"] if model["name"] in ("densenet169", "vgg16")]
    return record


@pytest.fixture
def predictions(inputs):
    """The rows of predictions.csv."""
    return inputs[2].copy()


@pytest.fixture
def history(inputs):
    """The rows of history.csv."""
    return inputs[1].copy()


def make_record():
    frame = make_predictions()
    models = [_model(row, frame) for row in MODELS]
    models.append(
        {"name": "vgg16", "title": "VGG16", "status": "unavailable", "reason": REASON, "tag": "vgg16.tv_in1k"}
    )
    models.sort(key=lambda model: model["name"])
    ran = [model for model in models if model["status"] == "ok"]
    return {
        "schema": "hilum.comparison/1",
        "created": "2026-11-22T21:30:00+00:00",
        "command": "hilum compare chest-ctscan --models all",
        "notice": "Research use only. Not a medical device; no output may guide the care of a person.",
        "synthetic": False,
        "random_weights": False,
        "settings": {
            "models": [model["name"] for model in models],
            "epochs": 10,
            "patience": 3,
            "cnn_epochs": 40,
            "seed": 0,
            "engine": "onnxruntime 1.32.0",
            "size": None,
            "crop": True,
            "negative": "normal",
        },
        "data": {
            "folder": "chest-ctscan",
            "digest": "5f0c" * 16,
            "classes": list(CLASSES),
            "counts": {split: dict(zip(CLASSES, numbers, strict=True)) for split, numbers in COUNTS.items()},
            "files": 1000,
            "distinct": 847,
            "uncropped": 3,
            "skipped": [
                {"path": "train/normal/x.png", "reason": "the file is empty"},
                {"path": "test/normal/notes.txt", "reason": "not a PNG or JPEG file"},
            ],
            "notes": ["46 of the 54 test files of normal are byte-identical to files of train."],
        },
        "models": models,
        "best": max(ran, key=lambda model: model["splits"]["valid"]["f1_macro"])["name"],
        "published": [
            {"name": "densenet121", "title": "DenseNet121", "split": "test", "f1_micro": 0.806,
             "keras_auc": 0.946, "seconds": 550.7},
            {"name": "efficientnet_v2_l", "title": "EfficientNetV2L", "split": "test", "f1_micro": 0.438,
             "keras_auc": None, "seconds": None},
            {"name": "cnn", "title": "Small CNN (cnn_model)", "split": "valid", "f1_micro": 0.736,
             "keras_auc": None, "seconds": None},
        ],
        "versions": {"hilum": "0.1.0", "python": "3.11.7", "torch": "2.14.1", "onnxruntime": "1.32.0"},
        "files": ["metrics.json", "report.html"],
    }  # fmt: skip


def make_predictions():
    frames = []
    for seed, (name, _, _, skill, *_) in enumerate(MODELS):
        generator = np.random.default_rng(seed)
        for split in ("valid", "test"):
            labels = np.repeat(np.arange(4), COUNTS[split])
            logits = generator.normal(size=(len(labels), 4))
            logits[np.arange(len(labels)), labels] += skill
            logits[labels == 2, 2] += 2.0
            exponent = np.exp(1.5 * logits)
            chances = exponent / exponent.sum(axis=1, keepdims=True)
            frame = pd.DataFrame({f"p_{cls}": chances[:, place] for place, cls in enumerate(CLASSES)})
            paths = [f"{split}/{CLASSES[label]}/{place:06d} ({place % 9}).png" for place, label in enumerate(labels)]
            frame.insert(0, "model", name)
            frame.insert(1, "path", paths)
            frame.insert(2, "split", split)
            frame.insert(3, "label", [CLASSES[label] for label in labels])
            frame.insert(4, "predicted", [CLASSES[place] for place in chances.argmax(axis=1)])
            frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def make_history():
    rows = []
    for seed, (name, _, _, skill, epochs, *_) in enumerate(MODELS):
        generator = np.random.default_rng(100 + seed)
        for epoch in range(1, epochs + 1):
            share = 1 - np.exp(-4 * epoch / epochs)
            noise = generator.normal(scale=0.02, size=4)
            train, valid = 0.3 + (0.5 + 0.07 * skill) * share, 0.3 + (0.35 + 0.09 * skill) * share
            losses = (1.4 - 1.1 * share + noise[0], 1.4 - 0.9 * share + noise[1])
            rows.append((name, epoch, losses[0], min(train + noise[2], 1), losses[1], min(valid + noise[3], 1)))
    columns = ["model", "epoch", "train_loss", "train_accuracy", "valid_loss", "valid_accuracy"]
    return pd.DataFrame(rows, columns=columns)


def _model(row, frame):
    name, title, tag, _, epochs, best_epoch, decoding, features, head = row
    own = frame[frame["model"] == name]
    return {
        "name": name,
        "title": title,
        "status": "ok",
        "reason": None,
        "tag": tag,
        "licence": "bsd-3-clause" if tag else None,
        "engine": "onnxruntime 1.32.0" if tag else "torch 2.14.1",
        "weights": {"origin": "folder", "digest": "ab12" * 16} if tag else None,
        "size": 224,
        "width": 1664 if tag else None,
        "epochs": epochs,
        "best_epoch": best_epoch,
        "splits": {split: _figures(own[own["split"] == split]) for split in ("valid", "test")},
        "seconds": {"decoding": decoding, "features": features, "head": head,
                    "total": round(decoding + features + head, 1), "cached": name == "densenet121"},
    }  # fmt: skip


def _figures(frame):
    labels = frame["label"].map(CLASSES.index).to_numpy()
    predicted = frame["predicted"].map(CLASSES.index).to_numpy()
    confusion = np.zeros((4, 4), dtype=int)
    np.add.at(confusion, (labels, predicted), 1)
    hits, support, called = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    precision, recall = hits / called, hits / support
    f1 = 2 * precision * recall / (precision + recall)
    specificity = (len(labels) - support - called + hits) / (len(labels) - support)
    both = np.triu(confusion + confusion.T, 1)
    pair = np.unravel_index(both.argmax(), both.shape)
    accuracy = float(hits.sum() / len(labels))
    chances = frame[[f"p_{cls}" for cls in CLASSES]].to_numpy()[np.arange(len(labels)), labels]
    return {
        "n": len(labels),
        "loss": float(-np.log(chances).mean()),
        "accuracy": accuracy,
        "precision_macro": float(precision.mean()),
        "recall_macro": float(recall.mean()),
        "f1_macro": float(f1.mean()),
        "f1_micro": accuracy,
        "f1_weighted": float((f1 * support).sum() / len(labels)),
        "auc_macro": 0.5 + accuracy / 2,
        "per_class": {
            cls: {"precision": float(precision[place]), "recall": float(recall[place]),
                  "specificity": float(specificity[place]), "f1": float(f1[place]),
                  "support": int(support[place])}
            for place, cls in enumerate(CLASSES)
        },
        "confusion": confusion.tolist(),
        "most_confused": {"classes": [CLASSES[place] for place in pair], "count": int(both[pair])},
        "binary": {"negative": "normal", "specificity": float(recall[2]), "auc": 0.991,
                   "sensitivity": float(1 - confusion[[0, 1, 3], 2].sum() / support[[0, 1, 3]].sum())},
        "keras": {"precision": accuracy + 0.01, "recall": accuracy - 0.02, "auc": 0.49 + accuracy / 2},
    }  # fmt: skip
