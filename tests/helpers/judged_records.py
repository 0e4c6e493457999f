"""Records of predictions that were made elsewhere, made of the record of a comparison."""

import copy

UNKNOWN = {"value": None, "low": None, "high": None}
CALIBRATION = {"error": 0.08, "band": [0.02, 0.06], "brier": 0.2, "bins": []}
REMAINING = ("given", "no-copies", "no-look-alikes")
TRAINED_ON = "train and valid of slices"
_KEPT = ("name", "title", "status", "reason", "splits", "protocols")
_TITLES = {"given": "as reported", "no-look-alikes": "no look-alikes (0.87)"}
_MEANINGS = {
    "given": "All slices that were predicted.",
    "no-copies": "Without label conflicts, copies of each other and copies of what was trained on.",
    "no-look-alikes": "Also without look-alikes of what was trained on.",
}
_NO_CLAIM = {"p": None, "p_holm": None, "told_apart": None, "as_good": None}


def judged(
    record, models, protocols=REMAINING, *, classes_only=False, trained_on=TRAINED_ON, on_valid=False, predictions=None
):
    """The record that judging predictions of some models of a comparison would have had, as JSON.

    Args:
        record: Record of a comparison, as JSON, which stays as it is.
        models: Names of the models; the best of them comes first if `on_valid`, else it is found.
        protocols: Names of protocols of the record.
        classes_only: Whether the predictions are classes without probabilities.
        trained_on: What the models were trained on, or None if nothing is known.
        on_valid: Whether the best model was chosen on valid.
        predictions: Name of the file.
    """
    made = copy.deepcopy(record)
    known = {model["name"]: model for model in made["models"]}
    made["models"] = [_model(known[name], protocols, classes_only, on_valid) for name in models]
    order = ["strict", "no-look-alikes", "no-copies", "given"]
    headline = next(name for name in order if name in protocols)
    here = {model["name"]: model["protocols"].get(headline) for model in made["models"]}
    best = (
        models[0] if on_valid else max(models, key=lambda name: (here[name] and here[name]["f1_macro"]["value"]) or 0)
    )
    for of in made["protocols"]:
        of.update(title=_TITLES.get(of["name"], of["title"]), meaning=_MEANINGS.get(of["name"], of["meaning"]))
    made["protocols"] = [of for of in made["protocols"] if of["name"] in protocols]
    left_out = known[best]["protocols"]["given"]["n"] - here[best]["n"] if headline not in ("given", "strict") else 0
    seen = "a copy or look-alike of a slice that was trained on"
    made.update(
        best=best,
        settings={
            **{name: made["settings"].get(name) for name in ("negative", "floor", "margin", "look_alike", "seed")},
            **{"models": models, "protocols": protocols, "predictions": predictions or "predictions.csv"},
            **{"trained_on": None, "mapped": {"sound": "normal"}, "floor": "full"},
        },
        judged={
            "digest": "2" * 64, "rows": known[best]["protocols"]["given"]["n"] * len(models),
            "classes_only": classes_only, "trained_on": trained_on, "trained": 685 if trained_on else 0,
            "chosen_on_valid": on_valid,
            "left_out": {"a copy of another slice": 1, seen: left_out - 1} if left_out > 1 else {},
        },
        differences=_differences(made, best, models, protocols, headline if on_valid else None),
        curve=[], published=[],
    )  # fmt: skip
    made["data"]["uncropped"] = 0
    floors = made["audit"]["floors"] = {name: of for name, of in made["audit"]["floors"].items() if name in protocols}
    for name, of in floors.items():
        blanked = [own[name] for model in record["models"] if name in (own := model.get("floors", {}))]
        of.update({"lungs blanked": blanked[-1]} if blanked else {})
    if not trained_on:
        floors.clear()
    for of in (of for model in made["models"] for of in model["protocols"].values() if not trained_on):
        of["over_floor"] = None
    return made


def _model(model, protocols, classes_only, on_valid):
    made = {name: model[name] for name in _KEPT}
    made["protocols"] = {name: of for name, of in made["protocols"].items() if name in protocols}
    for of in made["protocols"].values():
        of["calibration"] = None if classes_only else copy.deepcopy(CALIBRATION)
        if classes_only:
            of.update(loss=UNKNOWN, auc_macro=UNKNOWN, keras=dict.fromkeys(of["keras"], UNKNOWN))
            of["binary"] = of["binary"] and {**of["binary"], "auc": UNKNOWN}
    if not on_valid:
        made["splits"]["valid"] = None
    return made | dict.fromkeys(("epochs", "best_epoch", "strength", "seeds", "seconds"))


def _differences(record, best, models, protocols, tested):
    rows = {}
    for name in protocols:
        found = [row for row in record["differences"].get(name, []) if row["model"] in models]
        if len(models) > 1 and found:
            rows[name] = [{**row, "f1_macro": _gap(row, best, name == tested)} for row in found]
    return rows


def _gap(row, best, tested):
    if row["model"] == best:
        return {"difference": None, **_NO_CLAIM}
    difference = row["f1_macro"]["difference"] or {"value": -0.02, "low": -0.05, "high": 0.01}
    claim = {"p": 0.01, "p_holm": 0.02, "told_apart": True, "as_good": None} if tested else _NO_CLAIM
    return {"difference": difference, **claim}
