"""Recording: what model.json and the files beside it hold."""

import io
import re
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers.recomputed import check_model
from helpers.training import saved

from hilum.comparison.probabilities import PROBABILITIES
from hilum.errors import HilumError
from hilum.model.artefact import load_model


def test_no_picture_unless_it_is_asked_for(best, tmp_path):
    folder = saved(best, tmp_path / "model")
    assert best.record.thumbnails is False
    # trust.png shows curves.
    rows = "predictions.parquet"
    assert {path.name for path in folder.rglob("*")} == {
        "model.json",
        "model.safetensors",
        "card.md",
        "trust.png",
        rows,
    }
    for path in folder.iterdir():
        assert (b"\x89PNG" in path.read_bytes()) == (path.name == "trust.png")
    assert re.findall(r"!\[.*\]\((.*)\)", (folder / "card.md").read_text("utf-8")) == ["trust.png"]


def test_pictures_of_the_training_slices_where_they_are_asked_for(trained, phantom_model):
    assert trained.record.thumbnails is True
    pictures = {path.stem: path.read_bytes() for path in (phantom_model / "thumbnails").iterdir()}
    assert pictures.keys() == {row.content for row in trained.record.index}
    assert all(data.startswith(b"\x89PNG") for data in pictures.values())
    card = (phantom_model / "card.md").read_text("utf-8")
    for case in trained.record.failures:
        assert f"![](thumbnails/{case.content}.png)" in card
        assert case.content in pictures


def test_every_figure_follows_from_the_probabilities(phantom_model):
    protocols = ["given", "grouped", "no-copies", "no-look-alikes", "out-of-fold", "strict"]
    assert sorted(check_model(phantom_model)) == protocols


def test_the_probabilities_are_sealed_like_the_other_files(phantom_model, tmp_path):
    folder = shutil.copytree(phantom_model, tmp_path / "model")
    (folder / PROBABILITIES).write_bytes(b"PAR1")
    with pytest.raises(HilumError, match=r"predictions\.parquet is not the file that was written with it"):
        load_model(folder)


def test_a_model_of_an_earlier_version_has_none(trained, tmp_path):
    others = {name: data for name, data in trained.others.items() if name != PROBABILITIES}
    folder = saved(replace(trained, others=others), tmp_path / "model")
    assert not (folder / PROBABILITIES).exists()
    np.testing.assert_array_equal(load_model(folder).tensors.index, trained.tensors.index)


def test_out_of_fold_are_the_slices_that_were_fitted_on(trained):
    rows = pd.read_parquet(io.BytesIO(trained.others[PROBABILITIES])).query("protocol == 'out-of-fold'")
    assert list(rows.loc[rows["repeat"] == 0, "path"]) == [row.path for row in trained.record.index]
    assert set(rows["split"]) == {"train", "valid"}
    assert rows.groupby(["repeat", "group"])["fold"].nunique().max() == 1


def test_the_most_confident_mistakes_are_named_first(trained):
    failures = trained.record.failures
    assert failures
    for case in failures:
        assert case.label != case.called
        assert case.path.startswith(("train/", "valid/"))
    shown = [case.probability for case in failures]
    assert shown == sorted(shown, reverse=True)


def test_the_record_says_what_it_was_made_of(phantom_table, trained):
    record = trained.record
    assert record.synthetic is True
    assert record.command == "hilum train phantom"
    assert record.data.digest == phantom_table.digest
    assert (record.data.grouped_by, record.data.likeness) == ("given ids", None)
    assert record.title("strict") == "strict (ids)"
    assert record.backbone.tag == "tf_efficientnet_lite0.in1k"
    assert record.notice.startswith("Research use only.")
    assert "diagnosis" not in str(record)
