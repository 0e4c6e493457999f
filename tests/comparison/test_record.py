"""The record, beside docs/run-folder.md: its keys, its values, and what it says of awkward data."""

import dataclasses
import json
import re
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from hilum.comparison.record import csv_bytes, history_of, predictions_of, record_of
from hilum.heads.logistic import STRENGTHS, LogisticHead

DOCUMENT = Path(__file__).parents[2] / "docs" / "run-folder.md"


@pytest.fixture(scope="module")
def record(compared):
    return json.loads(json.dumps(record_of(compared, "hilum compare phantom").as_json(), allow_nan=False))


@pytest.fixture(scope="module")
def documented():
    return json.loads(re.search(r"```json\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)[1])


def test_the_keys_are_the_documented_ones(record, documented):
    assert record.keys() | {"files"} == documented.keys()
    assert record["settings"].keys() - documented["settings"].keys() <= {"random_weights"}
    assert documented["settings"].keys() <= record["settings"].keys()
    assert record["data"].keys() == documented["data"].keys()
    wanted, unavailable = documented["models"]
    cnn, lite0, vgg16 = record["models"]
    assert lite0.keys() == wanted.keys()
    assert cnn.keys() == wanted.keys() - {"tag", "licence", "weights", "width", "scales"}
    assert vgg16.keys() == unavailable.keys()
    assert lite0["weights"].keys() == wanted["weights"].keys()
    assert lite0["seconds"].keys() == wanted["seconds"].keys()
    assert record["audit"].keys() == documented["audit"].keys()
    for name in ("protocols", "curve"):
        assert record[name][0].keys() == documented[name][0].keys()
    assert record["differences"]["given"][0].keys() == documented["differences"]["given"][0].keys()
    assert lite0["protocols"].keys() == {"given", "no-copies", "no-look-alikes", "grouped", "strict"}
    assert cnn["protocols"].keys() == {"given", "no-copies", "no-look-alikes"}
    meant = wanted["protocols"]["given"].keys()
    assert meant <= lite0["protocols"]["strict"].keys()
    for model in (cnn, lite0):
        for split in ("valid", "test"):
            figures, meant = model["splits"][split], wanted["splits"]["test"]
            assert figures.keys() == meant.keys()
            for part in ("binary", "keras"):
                assert figures[part].keys() == meant[part].keys()
            assert figures["per_class"]["normal"].keys() == meant["per_class"]["normal"].keys()


def test_what_was_asked_and_found(record, compared, phantom_table):
    assert record["schema"] == "hilum.comparison/1"
    assert record["command"] == "hilum compare phantom"
    assert record["settings"]["models"] == ["cnn", "efficientnet_lite0", "vgg16"]
    assert [model["name"] for model in record["models"]] == record["settings"]["models"]
    assert [model["status"] for model in record["models"]] == ["ok", "ok", "unavailable"]
    assert (record["settings"]["cnn_epochs"], record["settings"]["crop"]) == (2, True)
    assert record["best"] == compared.best.name
    assert record["random_weights"] is False
    assert "Research use only" in record["notice"]
    assert record["versions"]["torch"] == version("torch")


def test_the_data(record, phantom_table):
    data = record["data"]
    assert data["folder"] == "phantom"
    assert data["digest"] == phantom_table.digest
    assert data["files"] == sum(sum(counts.values()) for counts in data["counts"].values()) == 48
    assert data["counts"]["test"] == {
        name: sum(row.split == "test" and row.label == name for row in phantom_table.rows) for name in data["classes"]
    }
    assert data["distinct"] == phantom_table.distinct
    assert data["uncropped"] == sum(row.facts.body is None for row in phantom_table.rows)
    assert data["skipped"] == []


def test_drawn_slices_are_said_to_be_synthetic(record, compared):
    assert record["synthetic"] is True
    table = compared.table
    rows = tuple(dataclasses.replace(row, path=row.path.replace("synthetic-", "slice-")) for row in table.rows)
    real = dataclasses.replace(compared, table=dataclasses.replace(table, rows=rows))
    assert record_of(real, None).synthetic is False
    mixed = dataclasses.replace(compared, table=dataclasses.replace(table, rows=(*rows[1:], table.rows[0])))
    assert record_of(mixed, None).synthetic is True


def test_published_figures_stand_beside_no_other_slices(record):
    assert record["published"] == []


def test_without_crop_every_slice_is_uncropped(compared):
    whole = dataclasses.replace(compared, settings=dataclasses.replace(compared.settings, crop=False))
    assert record_of(whole, None).data.uncropped == 48


def test_figures_follow_from_the_predictions(record, compared):
    frame = predictions_of(compared)
    classes = compared.table.classes
    assert list(frame.columns) == [
        "model", "path", "split", "label", "predicted", *(f"p_{name}" for name in classes), "strict_predicted",
        *(f"strict_p_{name}" for name in classes),
    ]  # fmt: skip
    assert len(frame) == 2 * 48
    for model in record["models"][:2]:
        for split in ("valid", "test"):
            rows = frame[(frame["model"] == model["name"]) & (frame["split"] == split)]
            figures = model["splits"][split]
            assert figures["n"] == len(rows)
            assert figures["accuracy"] == pytest.approx(accuracy_score(rows["label"], rows["predicted"]))
            macro = f1_score(rows["label"], rows["predicted"], average="macro", zero_division=0)
            assert figures["f1_macro"] == pytest.approx(macro)


def test_predictions_are_of_the_right_files(compared):
    frame = predictions_of(compared)
    for row in frame.itertuples():
        assert row.path.split("/")[:2] == [row.split, row.label]
        chances = {name: getattr(row, f"p_{name}") for name in compared.table.classes}
        assert max(chances, key=chances.get) == row.predicted


def test_answers_of_strict_are_missing_where_it_does_not_score(compared):
    result = next(one for one in compared.results if "strict" in one.predictions)
    plan = replace(result.predictions["strict"].plan, scored=np.array([1, 3]))
    few = replace(result.predictions["strict"], plan=plan, probabilities=np.eye(4)[None, :2])
    frame = predictions_of(replace(compared, results=(replace(result, predictions={"strict": few}),)))
    strict = frame.filter(like="strict")
    assert strict.notna().all(axis=1).to_numpy().nonzero()[0].tolist() == [1, 3]
    assert strict.loc[[1, 3], "strict_predicted"].tolist() == list(compared.table.classes[:2])
    first = csv_bytes(frame).decode().splitlines()[1]
    assert first.endswith(",,,,,")


def test_a_logistic_head_has_a_row_a_strength(compared):
    head = LogisticHead().fit(np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2)
    first, *others = compared.results
    changed = dataclasses.replace(
        others[0], history=tuple(head.history_), best_epoch=head.best_epoch_, chosen=head.chosen_
    )
    other = dataclasses.replace(compared, results=(first, changed))
    rows = history_of(other).query("model == @changed.name")
    assert list(rows["strength"]) == list(STRENGTHS)
    model = record_of(other, None).models[1]
    assert (model.epochs, model.strength) == (None, head.chosen_[0].strength)
    assert model.chosen == head.chosen_
    assert rows.loc[rows["epoch"] == head.best_epoch_, "strength"].item() == model.strength


def test_history_has_a_row_an_epoch_or_a_strength(record, compared):
    frame = history_of(compared)
    assert list(frame.columns) == ["model", "epoch", "train_loss", "train_accuracy", "valid_loss", "valid_accuracy",
                                   "strength"]  # fmt: skip
    for model in record["models"][:2]:
        rows = frame[frame["model"] == model["name"]]
        if model["epochs"] is None:  # the patients of this small phantom are too few for inner folds, which is said
            assert rows.empty
            assert any("no folds could choose the strength" in note for note in record["data"]["notes"])
        else:
            assert rows["strength"].isna().all()
            assert list(rows["epoch"]) == list(range(1, model["epochs"] + 1))
            assert rows.loc[rows["valid_loss"].idxmin(), "epoch"] == model["best_epoch"]
        if model["name"] == "cnn":  # a head's history is that of its first seed, its figures are of all
            best = rows[rows["epoch"] == model["best_epoch"]].iloc[0]
            assert best["valid_accuracy"] == pytest.approx(model["splits"]["valid"]["accuracy"])
            assert best["valid_loss"] == pytest.approx(model["splits"]["valid"]["loss"], rel=1e-4)
