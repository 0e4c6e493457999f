"""The figures of a run or a model, computed anew by scikit-learn from the rows of predictions.parquet."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

WITHIN = 1e-9


def check_run(folder):
    """Checks every figure of every model of a run folder; gives the protocols of each model."""
    record, rows = (
        json.loads((folder / "metrics.json").read_text("utf-8")),
        pd.read_parquet(folder / "predictions.parquet"),
    )
    classes, external = record["data"]["classes"], {one["name"]: one.get("external") for one in record["protocols"]}
    ran = {model["name"]: model for model in record["models"] if model["status"] == "ok"}
    assert list(rows["model"].unique()) == list(ran)
    for name, model in ran.items():
        own = dict(list(rows[rows["model"] == name].groupby("protocol")))
        assert own.keys() == model["protocols"].keys()
        for protocol, figures in model["protocols"].items():
            scored = own[protocol]
            if protocol == "given":
                check_figures(model["splits"]["test"], scored[scored["split"] != "valid"], classes)
            if protocol == "given" and model["splits"]["valid"]:
                check_figures(model["splits"]["valid"], scored[scored["split"] == "valid"], classes)
                scored = scored[scored["split"] != "valid"]
            check_figures(figures, scored, classes, external[protocol])
    return {name: list(model["protocols"]) for name, model in ran.items()}


def check_model(folder):
    """Checks every figure of probabilities in a model folder; gives the names of the protocols."""
    record = json.loads((folder / "model.json").read_text("utf-8"))
    rows, classes, scores = pd.read_parquet(folder / "predictions.parquet"), record["classes"], record["scores"]
    assert list(rows["model"].unique()) == [record["backbone"]["name"]]
    own = dict(list(rows.groupby("protocol")))
    own["given"] = own["given"][own["given"]["split"] == "test"]
    external = {f"external:{name}": of for name, of in record["trust"].get("elsewhere", {}).items()}
    assert own.keys() == {*scores["protocols"], "out-of-fold", *external}
    for name, figures in (*scores["protocols"].items(), ("out-of-fold", scores["out_of_fold"])):
        check_figures(figures, own[name], classes)
    for name, of in external.items():
        check_figures(of["figures"], own[name], classes, of["slices"])
    return list(own)


def check_figures(figures, rows, classes, external=None):
    """Checks the figures of one model under one protocol.

    Args:
        figures: Figures of a record as JSON, with or without intervals.
        rows: The rows of the model and protocol.
        classes: Training classes, in order.
        external: What the record says of slices from elsewhere, or None.
    """
    negative = figures["binary"] and figures["binary"]["negative"]
    labels, chances, classes = _read(rows, classes, negative, external)
    found = _figures(rows, labels, chances, classes, negative)
    for name, value in found.items():
        if isinstance(value, dict):
            for inner, one in value.items():
                _check(figures[name][inner], one, (name, inner))
        else:
            _check(figures[name], value, name)
    missing = _FIGURES - found.keys() - ({"binary"} if negative is None else set())
    assert not missing
    most = figures["most_confused"]
    both = found["confusion"] + found["confusion"].T
    assert (most["count"] if most else 0) == pytest.approx(np.triu(both, 1).max(), abs=WITHIN)
    if "groups" in figures:
        groups = {name: of["groups"] for name, of in figures["per_class"].items()}
        assert groups == {name: rows["group"][labels == name].nunique() for name in classes}
        assert figures["groups"] == rows["group"].nunique()
    if figures.get("per_group"):
        _check_groups(figures["per_group"], rows, labels, chances, classes)
    if figures.get("calibration"):
        once = (rows["repeat"] == 0).to_numpy()
        brier = metrics.brier_score_loss(labels[once], chances[once], labels=classes, scale_by_half=False)
        _check(figures["calibration"]["brier"], brier, "brier")


_FIGURES = {
    "n", "loss", "accuracy", "precision_macro", "recall_macro", "f1_macro", "f1_micro", "f1_weighted", "auc_macro",
    "per_class", "confusion", "binary", "keras",
}  # fmt: skip


def _check(figure, value, name):
    """Compares with a figure: a number, an interval, the figures of a class, or a matrix."""
    if isinstance(figure, dict) and "value" in figure:
        figure = figure["value"]
    if isinstance(value, dict):
        for inner, one in value.items():
            _check(figure[inner], one, (name, inner))
    elif isinstance(value, np.ndarray):
        np.testing.assert_allclose(figure, value, rtol=0, atol=WITHIN, err_msg=str(name))
    else:
        expected = np.nan if figure is None else figure
        assert value == pytest.approx(expected, rel=0, abs=WITHIN, nan_ok=True), name


def _read(rows, classes, negative, external):
    """Labels and probabilities `[rows, classes]` as the classes that they are scored in, and these classes."""
    shares = {name: rows[f"p_{name}"].to_numpy() for name in classes}
    if external is None:
        return rows["label"].to_numpy(), np.stack([*shares.values()], 1), classes
    labels = rows["label"].map(external["read_as"]).to_numpy()
    if external["classes"] != classes:  # read as two classes
        (other,) = set(external["classes"]) - {negative}
        shares = {negative: shares[negative], other: sum(shares[name] for name in classes if name != negative)}
    return labels, np.stack([shares[name] for name in external["classes"]], 1), external["classes"]


def _figures(rows, labels, chances, classes, negative):
    repeats = [*rows.groupby("repeat").indices.values()]
    folds = [*rows.assign(fold=rows["fold"].fillna(0)).groupby(["repeat", "fold"]).indices.values()]
    found = _mean([_counted(labels[one], chances[one], classes) for one in repeats])
    aucs = [_aucs(labels[one], chances[one], classes) for one in folds]
    found["n"] = len(repeats[0])
    found["auc_macro"] = _known_mean([np.mean([*of.values()]) for of in aucs])
    keras, inside = (_mean([_keras(labels[one], chances[one], classes) for one in of]) for of in (repeats, folds))
    found["keras"] = keras | {"auc": inside["auc"]}
    if negative is not None:
        found["binary"] = {
            "sensitivity": found["per_class"][negative]["specificity"],
            "specificity": found["per_class"][negative]["recall"],
            "auc": _known_mean([of[negative] for of in aucs]),
        }
    return found


def _counted(labels, chances, classes):
    called = np.array(classes, object)[chances.argmax(1)]
    places = np.array([classes.index(label) for label in labels])
    found = {
        "loss": metrics.log_loss(places, chances, labels=range(len(classes))),
        "accuracy": metrics.accuracy_score(labels, called),
        "f1_micro": metrics.f1_score(labels, called, average="micro"),
        "f1_weighted": metrics.f1_score(labels, called, average="weighted", zero_division=0),
        "confusion": metrics.confusion_matrix(labels, called, labels=classes).astype(float),
    }
    of_known = {"labels": np.unique(labels), "average": "macro", "zero_division": 0}
    macro = metrics.precision_recall_fscore_support(labels, called, **of_known)[:3]
    found |= {f"{name}_macro": value for name, value in zip(_OF_CLASS, macro, strict=False)}
    of_classes = {"labels": classes, "zero_division": np.nan}
    scores = metrics.precision_recall_fscore_support(labels, called, average=None, **of_classes)
    rest = metrics.multilabel_confusion_matrix(labels, called, labels=classes)[:, 0]  # turned away, taken for it
    with np.errstate(invalid="ignore"):
        specificity = rest[:, 0] / rest.sum(1)
    rows = np.stack([*scores, specificity], 1).tolist()
    found["per_class"] = {name: dict(zip(_OF_CLASS, row, strict=True)) for name, row in zip(classes, rows, strict=True)}
    return found


_OF_CLASS = ("precision", "recall", "f1", "support", "specificity")


def _aucs(labels, chances, classes):
    """The AUC of each class against the rest, NaN if a side is empty."""
    sides = {name: (labels == name, chances[:, number]) for number, name in enumerate(classes)}
    return {
        name: metrics.roc_auc_score(*side) if 0 < side[0].sum() < len(labels) else np.nan
        for name, side in sides.items()
    }


def _keras(labels, chances, classes):
    """Keras's figures: of the flattened one-hot matrix; its 200 thresholds put probabilities into 199 buckets."""
    true = (labels[:, None] == np.array(classes, object)).ravel()
    cells = chances.astype(np.float32).ravel()
    buckets = np.maximum(np.ceil(cells * np.float32(199)) - 1, 0)
    return {
        "precision": metrics.precision_score(true, cells > 0.5, zero_division=0),
        "recall": metrics.recall_score(true, cells > 0.5),
        "auc": metrics.roc_auc_score(true, buckets),
    }


def _check_groups(figures, rows, labels, chances, classes):
    """A group's slices of one class count once, with their mean probabilities."""
    shares = pd.DataFrame(chances, columns=classes).assign(
        repeat=rows["repeat"].to_numpy(), group=rows["group"].to_numpy(), label=labels
    )
    means = shares.groupby(["repeat", "group", "label"], as_index=False).mean()
    called = means[classes].idxmax(axis=1)
    repeats = [*means.groupby("repeat").indices.values()]
    assert figures["n"] == len(means) / len(repeats)
    for name, score in (("accuracy", metrics.accuracy_score), ("f1_macro", _f1_macro)):
        found = [score(means["label"].iloc[one], called.iloc[one]) for one in repeats]
        _check(figures[name], np.mean(found), ("per_group", name))


def _f1_macro(labels, called):
    return metrics.f1_score(labels, called, labels=np.unique(labels), average="macro", zero_division=0)


def _mean(found):
    """The mean of figures of repeats or folds, those that are not known left out."""
    first = found[0]
    return {
        name: _mean([one[name] for one in found]) if isinstance(of, dict) else _known_mean([one[name] for one in found])
        for name, of in first.items()
    }


def _known_mean(values):
    stacked = np.array(values, float)
    known = ~np.isnan(stacked)
    if stacked.ndim > 1:
        return stacked.mean(0)
    return stacked[known].mean() if known.any() else np.nan
