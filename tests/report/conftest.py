"""A made-up but plausible comparison, held to the schema: four models that ran, one that could not."""

import copy

import numpy as np
import pandas as pd
import pytest

from hilum.records.audit import AuditRecord
from hilum.records.comparison import ComparisonRecord
from hilum.records.model import TrainedRecord

CLASSES = ["adenocarcinoma", "large_cell_carcinoma", "normal", "squamous_cell_carcinoma"]
COUNTS = {"train": [195, 115, 148, 155], "valid": [23, 21, 13, 15], "test": [120, 51, 54, 90]}
# name, title, tag, skill (higher separates the classes better), epochs, best epoch, decoding, features, head
MODELS = [
    ("cnn", "Small CNN", None, 1.0, 40, 31, 4.1, 0.0, 412.6),
    ("densenet169", "DenseNet169", "densenet169.tv_in1k", 2.6, 10, 8, 4.1, 52.3, 0.4),
    ("densenet121", "DenseNet121", "densenet121.tv_in1k", 2.1, 5, 3, 4.1, 34.0, 0.3),  # a logistic head's strengths
    ("timm:resnet10t", "timm:resnet10t", "resnet10t.c3_in1k", 1.5, 10, 6, 4.1, 9.2, 0.2),
]
LOGISTIC = "densenet121"
REASON = (
    "No weights found for vgg16.tv_in1k in /home/reader/weights, in an installed package or in the local "
    "caches. Run `hilum weights pull vgg16` on a connected machine, or pass --weights [folder]."
)


@pytest.fixture(scope="session")
def inputs():
    """The record, the history and the predictions, to be read only."""
    record = weigh(make_record())
    ComparisonRecord.made(record)  # as strict as what is written
    return record, make_history(), make_predictions()


@pytest.fixture
def record(inputs):
    """The contents of metrics.json."""
    return copy.deepcopy(inputs[0])


@pytest.fixture
def small(record):
    """The same with one model that ran, since drawing takes its time, and the one that could not."""
    record["models"] = [model for model in record["models"] if model["name"] in ("densenet169", "vgg16")]
    record["differences"] = {}
    return record


@pytest.fixture
def predictions(inputs):
    """The rows of predictions.csv."""
    return inputs[2].copy()


@pytest.fixture
def history(inputs):
    """The rows of history.csv."""
    return inputs[1].copy()


@pytest.fixture
def audit():
    """The contents of audit.json."""
    record = make_audit()
    AuditRecord.made(record)  # as strict as what is written
    return record


def interval(value, half=0.03):
    return {"value": value, "low": max(value - half, 0.0), "high": min(value + half, 1.0)}


def figures_of(value, half=0.03):
    figures = {
        key: interval(value + more, half) for key, more in (("accuracy", 0.01), ("f1_macro", 0), ("auc_macro", 0.05))
    }
    return {**figures, "binary": None}


@pytest.fixture
def model_record(record):
    """The contents of model.json, of the comparison's best model."""
    best = next(model for model in record["models"] if model["name"] == record["best"])
    figures = {name: best["protocols"][name] for name in ("given", "strict")}
    data, calibrated = record["data"], {
        "error": 0.05, "band": [0.01, 0.06], "inside": True, "brier": 0.3, "loss": 0.7,
        "bins": [{"confidence": 0.1 * n, "accuracy": 0.09 * n, "count": 5} for n in range(1, 11)],
    }  # fmt: skip
    curve = [
        {"threshold": threshold, "coverage": coverage, "risk": {"value": value, "low": low, "high": high}}
        for threshold, coverage, value, low, high in (
            (0.1, 1.0, 0.2, 0.1, 0.3), (0.5, 0.5, 0.1, None, None), (0.9, 0.0, None, None, None)
        )
    ]  # fmt: skip
    at = {"coverage": span(0.8, 0.7, 0.9), "accuracy": span(0.95, 0.9, 1)}
    content = {
        "schema": "hilum.model/1", "created": "", "command": None, "notice": "", "classes": data["classes"],
        "negative": "normal", "synthetic": False, "random_weights": False, "engine": "", "temperature": 1.2,
        "backbone": {"name": "efficientnet_lite0", "title": "EfficientNet-Lite0", "tag": "", "licence": "", "width": 1,
                     "seed": 0, "weights": {"origin": "", "digest": "", "tensors": ""}},
        "preparation": {"size": 224, "interpolation": "bicubic", "crop": True, "window": "auto", "mean": [], "std": []},
        "head": {"kind": "logistic", "strength": 1.0, "scales": 2, "width": 1}, "curve": [], "index": [],
        "thresholds": {"answer": 0.71, "outlier": 0.4, "set": 0.1}, "failures": [], "versions": {},
        "trust": {
            "n": 60, "groups": 40, "repeats": 5, "cross_folds": 5, "conformal": None, "outliers": None, "notes": [],
            "calibration": {"temperatures": [1.2], "before": calibrated, "after": calibrated},
            "answers": {"accuracy": span(0.8), "at_threshold": at, "at_90_coverage": at, "risk_coverage": curve},
        },
        "scores": {"protocols": figures, "out_of_fold": figures["strict"], "floors": record["audit"]["floors"]},
        "data": {"folder": "", "digest": "", "on": "development", "files": 9, "distinct": 9, "counts": data["counts"],
                 "fitted": {"large_cell_carcinoma": 1200, "normal": 34}, "groups": {}, "grouped_by": "look-alikes",
                 "split_drawn": False, "skipped": {}, "leaks": [], "label_conflicts": [], "findings": [], "notes": []},
    }  # fmt: skip
    TrainedRecord.made(content)  # as strict as what is written
    return copy.deepcopy(content)


def span(value, low=None, high=None):
    return {"value": value, "low": low, "high": high}


def make_audit():
    near = [
        {
            "paths": [f"train/normal/{place}.png", f"train/normal/{place}b.png"],
            "labels": ["normal"] * 2,
            "splits": ["train"] * 2,
            "turned": False,
        }
        for place in range(14)
    ]
    near.append(
        {
            "paths": [f"{split}/normal/n.png" for split in ("train", "test")],
            "labels": ["normal"] * 2,
            "splits": ["train", "test"],
            "turned": True,
        }
    )
    titles = ["Test holds training slices", "One picture has two labels", "A file's name tells its class"]
    return {
        "schema": "hilum.audit/1",
        "created": "2026-11-22T21:30:00+00:00",
        "command": "hilum audit chest-ctscan",
        "notice": "Research use only. The audit describes files; it finds nothing about a patient.",
        "synthetic": False,
        "data": {"folder": "chest-ctscan", "digest": "5f0c" * 16, "classes": list(CLASSES),
                 "counts": {split: dict(zip(CLASSES, numbers, strict=True)) for split, numbers in COUNTS.items()}},
        "files": 1000,
        "distinct": 847,
        "skipped": [{"path": "train/normal/x.png", "reason": "the file is empty"}],
        "groups": {
            "version": "1", "same_slice": 799, "look_alike": 291, "given": None,
            "largest": {"same_slice": 7, "look_alike": 32}, "ids": 0, "named_files": 0,
            "by_class": {name: {"files": 338 - 41 * place, "distinct": 66, "same_slice": 39, "look_alike": 31}
                         for place, name in enumerate(CLASSES)},
            "curve": [{"strength": (80 + step) / 100, "groups": 12 + 2 * step**2, "largest": 700 - 36 * step}
                      for step in range(0, 20)],
        },
        "leaks": [
            {"from": "train", "to": "test", "label": "normal", "files": 54, "identical": 46, "same_slice": 47,
             "look_alike": 48, "group": None},
            {"from": "train", "to": "test", "label": "adenocarcinoma", "files": 120, "identical": 0, "same_slice": 0,
             "look_alike": 0, "group": None},
        ],
        "label_conflicts": [["train/adenocarcinoma/l4.png", "train/squamous_cell_carcinoma/sq2.png"]],
        "near_duplicates": near,
        "splits": {
            "missing": [{"split": "valid", "label": "normal"}],
            "shares": {split: {name: count / sum(numbers) for name, count in zip(CLASSES, numbers, strict=True)}
                       for split, numbers in COUNTS.items()},
            "shift_p": 0.01,
            "numbers": [{"label": "normal", "other": "test", "apart": True, "share": 0.98, "train": 30, "others": 20,
                         "train_range": [0, 29], "other_range": [30, 49], "cut": 30, "above": True, "train_side": 30,
                         "other_side": 19,
                         "sentence": "The numbers in the names of normal tell train from test."}],
            "facts": [{"fact": "edge grey", "label": None, "auc": 0.93}],
        },
        "floors": {
            protocol: {"file facts": figures_of(0.71 - drop), "32x32 pixels": figures_of(0.80 - 2 * drop),
                       "border alone": figures_of(0.6 - drop), "lungs blanked": figures_of(0.75 - 1.5 * drop)}
            for protocol, drop in (("given", 0.0), ("unseen", 0.1), ("grouped", 0.12), ("strict", 0.2))
        },
        "slices": {"doubts": [{"path": "test/normal/d.png", "reason": "no lungs in sight"}],
                   "colour_marks": [f"train/normal/c{place}.png" for place in range(30)], "text": [], "blank": [],
                   "colour_marks_by_class": {"normal": 30}},
        "notes": [],
        "findings": [
            {"severity": "serious", "title": titles[0], "text": "46 of 54 test files of normal are also in train.",
             "paths": ["test/normal/1.png"]},
            {"severity": "serious", "title": titles[1], "text": "1 group is affected.", "paths": []},
            {"severity": "notice", "title": titles[2], "text": "Numbers run by class.", "paths": []},
        ],
        "versions": {"hilum": "0.1.0", "python": "3.11.7"},
    }  # fmt: skip


PROTOCOLS = {"given": 0.0, "unseen": 0.12, "grouped": 0.15, "strict": 0.25}


def weigh(record):
    audit = make_audit()
    record["audit"] = {key: audit[key] for key in (
        "files", "distinct", "groups", "leaks", "label_conflicts", "floors", "findings")}  # fmt: skip
    record["protocols"] = [
        {"name": name, "title": name, "meaning": f"The meaning of {name}.", "trained": 613, "scored": 315 - place,
         "groups": 220 - place, "repeats": 5, "notes": ["No chest is known."] if name == "strict" else []}
        for place, name in enumerate(PROTOCOLS)
    ]  # fmt: skip
    ran = [model for model in record["models"] if model["status"] == "ok"]
    for model in ran:
        base = model["splits"]["test"]["f1_macro"]
        names = [name for name in PROTOCOLS if model["name"] != "cnn" or name in ("given", "unseen")]
        model["protocols"] = {name: _protocol(model, base - PROTOCOLS[name], name) for name in names}
        model["seeds"] = {"count": 5, "f1_macro": {"mean": base, "spread": 0.004}} if model["name"] != "cnn" else None
    record["differences"] = {name: _differences(record, ran, name) for name in ("given", "unseen")}
    record["curve"] = [
        {**point, "folds": 5, "notes": [],
         "scores": {model["name"]: interval(model["splits"]["test"]["f1_macro"] - 0.01 * (20 - step), 0.05)
                    for model in ran if model["name"] != "cnn"}}
        for step, point in enumerate(audit["groups"]["curve"])
    ]  # fmt: skip
    return record


def _protocol(model, value, name):
    few, test = name != "given", model["splits"]["test"]
    lead = {
        "floor": "lungs blanked",
        "difference": interval(0.05, 0.04 if name == "strict" else 0.06),
        "above": name == "strict",
        "groups": 220,
        "too_few": False,
    }
    lead["difference"]["low"] = 0.01 if lead["above"] else -0.01
    shares = ("loss", "precision_macro", "recall_macro", "f1_micro", "f1_weighted")
    return {**{key: interval(test[key]) for key in shares}, **figures_of(value), "n": 315, "groups": 220,
            "over_floor": lead, "per_class": {cls: _class(value, few and cls == "normal") for cls in CLASSES},
            "confusion": test["confusion"], "most_confused": test["most_confused"],
            "binary": {"negative": "normal", "sensitivity": interval(0.9), "specificity": interval(0.8, 0.2),
                       "auc": interval(0.95), "too_few": few},
            "keras": {key: interval(value) for key, value in test["keras"].items()},
            "per_group": {"n": 220, "accuracy": interval(value), "f1_macro": interval(value)}}  # fmt: skip


def _class(value, few):
    shares = {key: interval(value) for key in ("precision", "recall", "specificity", "f1")}
    return {**shares, "support": 5 if few else 80, "groups": 5 if few else 60, "too_few": few}


def _differences(record, ran, name):
    rows = []
    for model in ran:
        if model["name"] == record["best"]:
            none = {"difference": None, "p": None, "p_holm": None, "told_apart": False}
            rows.append({"model": model["name"], "f1_macro": none, "auc_macro": none, "first": 0.9, "first_auc": 0.8})
            continue
        told = model["name"] == "cnn"
        figure = {
            "difference": {"value": -0.05, "low": -0.09, "high": -0.01 if told else 0.01},
            "p": 0.01,
            "p_holm": 0.02,
            "told_apart": told,
        }
        rows.append({"model": model["name"], "f1_macro": figure, "auc_macro": figure, "first": 0.02, "first_auc": 0.0})
    return rows  # fmt: skip


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
            "head": "logistic",
            "ensembles": [],
            "epochs": 10,
            "patience": 3,
            "cnn_epochs": 40,
            "seed": 0,
            "engine": "onnxruntime 1.32.0",
            "size": None,
            "crop": True,
            "scales": 2,
            "negative": "normal",
            "random_weights": False,
            "protocols": list(PROTOCOLS),
            "cnn_folds": False,
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
            accuracies = min(train + noise[2], 1), min(valid + noise[3], 1)
            strength = 10.0 ** (epoch - 4) if name == LOGISTIC else None
            rows.append((name, epoch, losses[0], accuracies[0], losses[1], accuracies[1], strength))
    columns = ["model", "epoch", "train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "strength"]
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
        "scales": 2 if tag else None,
        "width": 1664 if tag else None,
        "epochs": None if name == LOGISTIC else epochs,
        "best_epoch": best_epoch,
        "strength": 10.0 ** (best_epoch - 4) if name == LOGISTIC else None,
        "splits": {split: _figures(own[own["split"] == split]) for split in ("valid", "test")},
        "seconds": {"decoding": decoding, "features": features, "head": head,
                    "total": round(decoding + features + head, 1), "protocols": 1.0, "cached": name == "densenet121"},
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
