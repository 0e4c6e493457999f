"""The probabilities of a comparison: whose they are, and that every figure follows from them."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers.blocks import write_blocks, write_training
from helpers.recomputed import check_run

import hilum
from hilum.comparison.external import External
from hilum.comparison.probabilities import long_frame, parquet_bytes, places
from hilum.slices.table import read_labelled, read_table

FACTS = ["model", "protocol", "repeat", "fold", "path", "split", "label", "group"]


@pytest.fixture(scope="module")
def rows(compared):
    return compared.probabilities()


def test_each_protocol_has_a_row_per_repeat_and_scored_slice(compared, rows):
    assert list(rows.columns) == [*FACTS, *(f"p_{name}" for name in compared.table.classes)]
    assert list(rows["model"].unique()) == [result.name for result in compared.results]
    for result in compared.results:
        own = rows[rows["model"] == result.name]
        assert list(own["protocol"].unique()) == list(result.predictions)
        for name, of in result.predictions.items():
            its = own[own["protocol"] == name]
            shares = its.filter(regex="^p_").to_numpy()
            if name == "given":  # with the slices that choose
                assert list(its["split"].unique()) in (["valid", "test"], ["test", "valid"])
                its, shares = its[its["split"] == "test"], shares[its["split"] == "test"]
            np.testing.assert_array_equal(shares, np.concatenate(of.probabilities))
            paths = [compared.table.rows[row].path for row in of.plan.scored]
            assert list(its["path"]) == paths * len(of.probabilities)
            assert list(its["label"]) == [path.split("/")[1] for path in its["path"]]
            assert list(its["repeat"]) == [number for number in range(len(of.probabilities)) for _ in paths]
            groups = compared.audit.slices.strict[of.plan.scored]
            assert list(its["group"]) == [*groups] * len(of.probabilities)
            if of.plan.folds is None:
                assert its["fold"].isna().all()
            else:
                np.testing.assert_array_equal(its["fold"].to_numpy(np.int64), of.plan.folds.ravel())
                assert its.groupby(["repeat", "group"])["fold"].nunique().max() == 1 or name == "grouped"


def test_valid_is_what_the_best_was_chosen_on(compared, rows):
    chosen = rows[rows["split"] == "valid"]
    assert set(chosen["protocol"]) >= {"given"}
    for result in compared.results:
        own = chosen[(chosen["model"] == result.name) & (chosen["protocol"] == "given")]
        inside = [number for number, row in enumerate(compared.table.rows) if row.split == "valid"]
        np.testing.assert_array_equal(own.filter(regex="^p_").to_numpy(), result.probabilities[inside])


def test_the_file_gives_the_same_rows_with_plain_types_and_always_the_same_bytes(rows):
    data = parquet_bytes(rows)
    read = pd.read_parquet(io.BytesIO(data))
    pd.testing.assert_frame_equal(read, rows)
    assert data == parquet_bytes(rows.copy())
    kinds = {name: str(read[name].dtype) for name in ("repeat", "fold", "group", "p_normal")}
    assert kinds == {"repeat": "int64", "fold": "Int64", "group": "int64", "p_normal": "float64"}
    assert not any(isinstance(of, pd.CategoricalDtype) for of in read.dtypes)
    assert len(data) < 45 * len(rows)  # of four probabilities, 32 bytes


def test_paths_are_those_of_the_predictions(compared, rows):
    assert set(rows["path"]) <= set(compared.predictions()["path"])
    assert compared.picture(rows["path"].iloc[0])[1:4] == b"PNG"


def test_every_figure_of_a_run_follows_from_them(compared, tmp_path):
    ran = check_run(compared.save(tmp_path / "run"))
    assert ran["cnn"] == ["given", "no-copies", "no-look-alikes"]
    assert ran["efficientnet_lite0"] == ["given", "no-copies", "no-look-alikes", "grouped", "strict"]


def test_so_do_those_of_ensembles_and_of_slices_from_elsewhere(tmp_path, use_shared_cache, monkeypatch):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    table = read_table(write_training(tmp_path / "here"))
    there = read_labelled(write_blocks(tmp_path / "iq", 1, {"ill": (7, 90), "normal": (6, 145), "other": (2, 190)}))
    names = ["efficientnet_lite0", "timm:resnet10t.c3_in1k"]
    external = {"two": External(there, {"ill": "cancer"}), "own": External(there, {"ill": "dark"})}
    made = hilum.compare(
        table, names, ensemble=names, external=external, floor="cheap", repeats=2, size=32, random_weights=True
    )
    protocols = ["given", "no-copies", "no-look-alikes", "grouped", "strict", "external:two", "external:own"]
    assert check_run(made.save(tmp_path / "run")) == dict.fromkeys([*names, "+".join(names)], protocols)
    rows = made.probabilities()
    assert set(rows.loc[rows["protocol"] == "external:two", "label"]) == {"ill", "normal"}
    assert (rows["protocol"].str.startswith("external:") == rows["split"].str.startswith("external:")).all()


def test_a_frame_by_hand():
    facts = pd.DataFrame({"path": ["a", "=b"], "split": "test", "label": ["x", "y"], "group": [3, 1]})
    shares = np.array([[[0.9, 0.1], [0.2, 0.8]], [[0.7, 0.3], [0.4, 0.6]]])
    rows = long_frame("m", "strict", facts, shares, np.array([[0, 1], [1, 0]]), ["x", "y"])
    assert rows.values.tolist() == [
        ["m", "strict", 0, 0, "a", "test", "x", 3, 0.9, 0.1],
        ["m", "strict", 0, 1, "=b", "test", "y", 1, 0.2, 0.8],
        ["m", "strict", 1, 1, "a", "test", "x", 3, 0.7, 0.3],
        ["m", "strict", 1, 0, "=b", "test", "y", 1, 0.4, 0.6],
    ]


def test_places_are_named_as_a_spreadsheet_may_show_them(compared):
    first, second = compared.table.rows[:2]
    table = replace(compared.table, rows=(replace(first, path="=1+1.png"), replace(second, path="\udce9.png")))
    assert list(places(table, np.array([5, 6]))["path"]) == ["./=1+1.png", "\\xe9.png"]
    assert list(places(table, np.array([5, 6]), "external:iq")["split"]) == ["external:iq"] * 2
