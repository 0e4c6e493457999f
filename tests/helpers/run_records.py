"""Whole records of runs, of the little that a test is about."""

import itertools

SPAN = {"value": 0.9, "low": 0.8, "high": 0.95}
_SHARES = ("loss", "accuracy", "precision_macro", "recall_macro", "f1_macro", "f1_micro", "f1_weighted", "auc_macro")
_AUDIT = {
    "files": 3, "distinct": 3, "leaks": [], "label_conflicts": [], "floors": {}, "findings": [],
    "groups": {"version": "1", "same_slice": 3, "look_alike": 3, "given": None, "curve": [],
               "largest": {"same_slice": 1, "look_alike": 1}},
}  # fmt: skip
_SETTINGS = {
    "models": [], "head": "logistic", "ensembles": [], "epochs": 10, "patience": 10, "cnn_epochs": 40, "seed": 0,
    "engine": "", "size": None, "crop": True, "scales": "both", "negative": None, "random_weights": False,
    "protocols": [], "cnn_folds": False,
}  # fmt: skip


def figures(share, f1_macro, confusion, **more):
    counts = {
        "n": round(sum(itertools.chain(*confusion))),
        "confusion": confusion,
        "most_confused": None,
        "binary": None,
    }
    keras = dict.fromkeys(("precision", "recall", "auc"), share)
    return {**dict.fromkeys(_SHARES, share), **counts, "per_class": {}, "keras": keras, "f1_macro": f1_macro, **more}


def compared(name, title, protocols, confusion=((1, 0), (0, 1)), best_epoch=1):
    """A model of a comparison, its macro-F1 by protocol."""
    confusion = [list(row) for row in confusion]
    split = figures(0.5, 0.5, confusion)
    return {
        "name": name, "title": title, "status": "ok", "reason": None, "engine": "", "epochs": None, "strength": None,
        "best_epoch": best_epoch, "splits": {"valid": split, "test": split}, "seeds": None,
        "protocols": {protocol: figures(SPAN, f1, confusion, groups=3) for protocol, f1 in protocols.items()},
        "seconds": {"decoding": 0, "features": 0, "head": 0, "total": 0, "protocols": 0, "cached": False},
    }  # fmt: skip


TITLES = {"strict": "strict (0.87)", "no-copies": "no copies", "no-look-alikes": "no look-alikes"}
_EXTERNAL = {
    "folder": "elsewhere", "digest": "", "files": 3, "classes": [], "read_as": {}, "left_out": {}, "notes": []
}  # fmt: skip


def protocol(name):
    """The facts of a protocol, of slices from elsewhere if its name begins with `external:`."""
    external = _EXTERNAL if name.startswith("external:") else None
    title = TITLES.get(name, name.replace(":", " "))
    return {
        "name": name, "title": title, "likeness": 0.87 if name == "strict" else None, "external": external,
        "meaning": "", "trained": 3, "scored": 3, "groups": 3, "repeats": 1, "notes": [],
    }  # fmt: skip


def comparison(models, best, classes, protocols=(), **settings):
    return {
        "schema": "hilum.comparison/1", "created": "2026-11-22T21:30:00+00:00", "command": None,
        "notice": "Research use only.", "synthetic": True, "random_weights": False,
        "settings": {**_SETTINGS, **settings},
        "data": {"folder": "slices", "digest": "1" * 64, "classes": classes, "counts": {}, "files": 3, "distinct": 3,
                 "uncropped": 0, "skipped": [], "notes": []},
        "models": models, "best": best, "audit": _AUDIT, "protocols": [protocol(name) for name in protocols],
        "differences": {}, "curve": [],
        "published": [], "versions": {},
    }  # fmt: skip


def evaluation(name, model_classes, classes, f1_macro, confusion, read_as):
    group = {"n": 2, "accuracy": SPAN, "f1_macro": SPAN}
    return {
        "schema": "hilum.evaluation/1", "created": "2026-11-23T21:30:00+00:00", "command": None,
        "notice": "Research use only.", "synthetic": False, "random_weights": False,
        "model": {"name": name, "digest": "", "classes": model_classes, "trained_on": "slices",
                  "scores": {"given": SPAN}, "highest_floor": None},
        "data": {"folder": "elsewhere", "digest": "", "files": 3, "counts": {}, "read_as": read_as, "window": None,
                 "left_out": {}, "skipped": [], "notes": []},
        "classes": classes, "limits": {"answer": 0.5, "outlier": 0.5}, "per_group": group, "per_series": None,
        "figures": figures(SPAN, f1_macro, confusion, groups=2),
        "calibration": {"error": 0.1, "band": [0.0, 0.1], "brier": 0.1, "bins": []},
        "decisions": {"class": SPAN, "abstain": SPAN, "outlier": SPAN, "accuracy_of_answered": SPAN},
        "risk_coverage": [],
    }  # fmt: skip
