"""The records of the shared comparison, audit and model, which tests edit to reach special states."""

import copy

import pandas as pd
import pytest
from helpers.run_records import evaluation

from hilum.audit.record import audit_record
from hilum.comparison.probabilities import probabilities_of
from hilum.comparison.record import history_of, predictions_of, record_of
from hilum.records.audit import AuditRecord
from hilum.records.comparison import ComparisonRecord
from hilum.scoring.published import PUBLISHED


@pytest.fixture(scope="session")
def inputs(compared):
    """The record as JSON, the history, predictions and probabilities of a comparison with intervals; to be read only.

    The phantom has too few groups for intervals on its test split, and one frozen backbone: it is renamed and repeated
    under a second name, protocols get intervals and leads, networks their own floors, and slices from elsewhere are
    added.
    """
    record = record_of(compared, "hilum compare phantom").as_json()
    cnn, best, unavailable = record["models"]
    best.update(name="densenet169", title="DenseNet169", strength=1.0, best_epoch=2)
    best["seconds"]["cached"] = False  # whichever test came first
    second = {**copy.deepcopy(best), "name": "densenet121", "title": "DenseNet121"}
    second["seconds"]["cached"] = True
    second["splits"]["valid"]["f1_macro"] -= 0.01
    record.update(models=[cnn, second, best, unavailable], best="densenet169", synthetic=False)
    floors = record["audit"]["floors"]
    for of in floors.values():
        of.pop("lungs blanked", None)  # of no network in particular
    for name in ("given", "no-copies"):
        for floor in floors[name].values():
            _widen(floor)
        for model in record["models"][:3]:
            figures = model["protocols"][name]
            for part in (figures, figures["binary"], *figures["per_class"].values()):
                _widen(part)
            figures["per_class"]["adenocarcinoma"].update(groups=60, too_few=False)
            figures["groups"] = 120
            figures["over_floor"] = _lead("32x32 pixels")
    for model in (second, best):
        strict = model["protocols"]["strict"]
        strict.update(groups=120, over_floor=_lead("lungs blanked", above=True))
        strict["f1_macro"] = {"value": 0.7, "low": 0.6, "high": 0.8}
        model["floors"] = {
            name: {**floors[name]["file facts"], "f1_macro": {"value": 0.65, "low": 0.55, "high": 0.75}}
            for name in ("given", "strict")
        }
    _add_external(record)
    record["differences"] = {name: _differences(record, name) for name in ("given", "no-copies", "strict")}
    record["data"].update(
        uncropped=3,
        skipped=[
            {"path": "train/normal/x.png", "reason": "the file is empty"},
            {"path": "test/normal/notes.txt", "reason": "not a PNG or JPEG file"},
        ],
    )
    record["published"] = [row.model_dump() for row in PUBLISHED]
    ComparisonRecord.made(record)  # as strict as what is written
    history = history_of(compared)  # of the CNN alone: the phantom has too few groups to choose a strength
    paths = [history.assign(model=name, strength=[0.1, 1.0]) for name in ("densenet169", "densenet121")]
    return (
        record,
        pd.concat([history, *paths]),
        _renamed(predictions_of(compared)),
        _renamed(probabilities_of(compared)),
    )


@pytest.fixture
def record(inputs):
    """The contents of metrics.json."""
    return copy.deepcopy(inputs[0])


@pytest.fixture
def small(record):
    """The same with one model that ran and one that could not be had, because drawing takes time."""
    record["models"] = [model for model in record["models"] if model["name"] in ("densenet169", "vgg16")]
    record["differences"] = {}
    return record


@pytest.fixture
def history(inputs):
    """The rows of history.csv."""
    return inputs[1].copy()


@pytest.fixture
def predictions(inputs):
    """The rows of predictions.csv."""
    return inputs[2].copy()


@pytest.fixture
def probabilities(inputs):
    """The rows of predictions.parquet."""
    return inputs[3].copy()


@pytest.fixture(scope="session")
def phantom_audit_json(phantom_audit):
    """The shared audit's audit.json; to be read only."""
    return audit_record(phantom_audit, "hilum audit phantom").as_json()


@pytest.fixture
def audit(phantom_audit_json):
    """The contents of audit.json, with findings, a leak and a conflict of labels, which the phantom lacks."""
    record = copy.deepcopy(phantom_audit_json)
    leak = next(row for row in record["leaks"] if (row["from"], row["to"], row["label"]) == ("train", "test", "normal"))
    leak.update(files=54, identical=46, same_slice=47, look_alike=48)
    labels = ("adenocarcinoma", "squamous_cell_carcinoma")
    record.update(
        synthetic=False,
        label_conflicts=[[next(iter(_paths(record, label))) for label in labels]],
        findings=[
            {"severity": "serious", "title": "Test holds training slices",
             "text": "46 of 54 test files of normal are also in train.", "paths": ["test/normal/1.png"]},
            {"severity": "serious", "title": "One picture has two labels", "text": "1 group is affected.", "paths": []},
            *record["findings"],
        ],
    )  # fmt: skip
    AuditRecord.made(record)  # as strict as what is written
    return record


@pytest.fixture
def evaluated():
    """The contents of an evaluation's metrics.json, of three classes."""
    names, share = ["adenocarcinoma", "normal", "squamous"], {"value": 0.9, "low": 0.8, "high": 0.95}
    record = evaluation("densenet169", names, names, share, [[18, 2, 0], [0, 10, 0], [0, 2, 8]], {"aden": names[0]})
    record["figures"].update(n=40, groups=30, auc_macro={"value": 0.95, "low": 0.9, "high": 0.98})
    record["per_group"]["n"] = 30
    strict = {"value": 0.85, "low": 0.8, "high": 0.9}
    floor = {"value": 0.6, "low": 0.5, "high": 0.7, "name": "border alone", "protocol": "strict"}
    record["model"].update(
        trained_on="public",
        scores={"given": share, "strict": strict},
        titles={"strict": "strict (0.87)"},
        highest_floor=floor,
    )
    record["data"].update(notes=["A note."], counts={"aden": 20, "<i>": 1}, left_out={"a copy of another slice": 1})
    record["calibration"]["bins"] = [{"confidence": 0.6, "accuracy": 0.5, "count": 20}]
    record["risk_coverage"] = [{"threshold": 0.5, "coverage": 1.0, "risk": share}]
    record["promise"] = {"said": "Promise: 95%.", "accuracy": share, "kept": True}
    return record


@pytest.fixture
def model_record(trained):
    """The contents of model.json."""
    return copy.deepcopy(trained.record.as_json())


def _renamed(rows):
    """Rows of the models of the record."""
    named = rows.replace({"model": {"efficientnet_lite0": "densenet169"}})
    second = named[named["model"] == "densenet169"].assign(model="densenet121")
    return pd.concat([named, second], ignore_index=True)


def _paths(record, label):
    return (path for group in record["near_duplicates"] for path in group["paths"] if f"/{label}/" in path)


def _widen(part):
    """Gives every figure an interval of 0.03 to either side."""
    for figure in part.values():
        if isinstance(figure, dict) and figure.get("value", None) is not None and "low" in figure:
            figure.update(low=max(figure["value"] - 0.03, 0.0), high=min(figure["value"] + 0.03, 1.0))


def _lead(floor, above=False):
    difference = {"value": 0.05, "low": 0.01, "high": 0.09} if above else {"value": 0.05, "low": -0.01, "high": 0.11}
    return {"floor": floor, "difference": difference, "above": above, "groups": 120, "too_few": False}


def _add_external(record):
    """Slices from elsewhere, where the models reach 0.5 and the CNN 0.4."""
    record["protocols"].append({
        "name": "external:iq", "title": "external iq", "meaning": "Slices of iq.", "trained": 16, "scored": 20,
        "groups": 15, "repeats": 1, "notes": [], "likeness": None,
        "external": {"folder": "iq", "digest": "0", "files": 21, "classes": ["cancer", "normal"], "read_as": {},
                     "left_out": {"a copy": 1}, "notes": []},
    })  # fmt: skip
    for model in record["models"][:3]:
        value = 0.4 if model["name"] == "cnn" else 0.5
        figures = copy.deepcopy(model["protocols"]["given"])
        figures.update(f1_macro={"value": value, "low": value - 0.1, "high": value + 0.1}, over_floor=None)
        model["protocols"]["external:iq"] = figures


def _differences(record, protocol):
    """Every other model 0.05 below the best; by macro-F1 under strict, DenseNet121 significantly."""
    rows = []
    for model in record["models"][:3]:
        if protocol not in model["protocols"]:
            continue
        nothing = {"difference": None, "p": None, "p_holm": None, "told_apart": None}
        gap = {**nothing, "difference": {"value": -0.05, "low": -0.09, "high": -0.01}}
        claim = {**gap, "p": 0.01, "p_holm": 0.02, "told_apart": True} if protocol == "strict" else gap
        if model["name"] == record["best"]:
            gap = claim = nothing
        rows.append({"model": model["name"], "f1_macro": claim, "auc_macro": gap, "first": 0.02, "first_auc": 0.0})
    return rows
