"""The run folder: complete, true to its figures, and never written over what somebody made."""

import dataclasses
import errno
import json
import shutil

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score, log_loss

from hilum.comparison.run_folder import RUN
from hilum.errors import HilumError
from hilum.outputs import OutputFolder


@pytest.fixture(scope="module")
def made(compared, tmp_path_factory):
    """A run that stays as it was written."""
    return compared.save(tmp_path_factory.mktemp("runs") / "deep" / "er" / "run", command="hilum compare phantom")


@pytest.fixture
def run(made, tmp_path):
    """A copy that a test may change."""
    return shutil.copytree(made, tmp_path / "run")


def _files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _metrics(folder):
    return json.loads((folder / "metrics.json").read_text("utf-8"))


def test_all_files_are_there_and_listed(made):
    names = ("confusion-cnn", "confusion-efficientnet_lite0", "curves", "models", "protocols", "roc", "similarity")
    figures = [f"figures/{name}.{kind}" for name in names for kind in ("pdf", "png", "svg")]
    results = [f"results.{kind}" for kind in ("csv", "md", "tex")]
    rows = {"predictions.csv", "predictions.parquet", "history.csv"}
    expected = {"report.html", "metrics.json", "config.json", *rows, *results, *figures}
    files = _files(made)
    assert files.keys() == expected
    assert _metrics(made)["files"] == sorted(expected)
    assert all(files.values())
    assert files["figures/curves.png"].startswith(b"\x89PNG")
    assert b"<svg" in files["figures/curves.svg"]
    assert [path.name for path in made.parent.iterdir()] == ["run"]  # nothing is left beside it


def test_the_predictions_bear_out_the_metrics(made):
    metrics, frame = _metrics(made), pd.read_csv(made / "predictions.csv")
    classes = metrics["data"]["classes"]
    assert list(frame["model"].unique()) == ["cnn", "efficientnet_lite0"]
    for model in metrics["models"]:
        for split, figures in model.get("splits", {}).items():
            rows = frame[(frame["model"] == model["name"]) & (frame["split"] == split)]
            chances = rows[[f"p_{name}" for name in classes]].to_numpy()
            chances = chances / chances.sum(1, keepdims=True)  # six digits
            predicted = [classes[number] for number in chances.argmax(1)]
            assert predicted == list(rows["predicted"])
            assert figures["accuracy"] == pytest.approx(accuracy_score(rows["label"], predicted))
            macro = f1_score(rows["label"], predicted, average="macro", zero_division=0)
            assert figures["f1_macro"] == pytest.approx(macro)
            assert figures["loss"] == pytest.approx(log_loss(rows["label"], chances, labels=classes), rel=1e-3)


def test_the_predictions_of_strict_bear_out_its_metrics(made):
    """Means over repeats agree with those of the figures to within what a few slices may change."""
    metrics, frame = _metrics(made), pd.read_csv(made / "predictions.csv")
    classes, facts = metrics["data"]["classes"], {one["name"]: one for one in metrics["protocols"]}
    cnn, lite0, _ = metrics["models"]
    assert frame[frame["model"] == cnn["name"]].filter(regex="^strict").isna().all(axis=None), "it was not run there"
    rows = frame[(frame["model"] == lite0["name"]) & frame["strict_predicted"].notna()]
    assert len(rows) == facts["strict"]["scored"] == lite0["protocols"]["strict"]["n"]
    chances = rows[[f"strict_p_{name}" for name in classes]].to_numpy()
    assert chances.sum(1) == pytest.approx(1, abs=1e-4)
    assert [classes[number] for number in chances.argmax(1)] == list(rows["strict_predicted"])
    labels = rows["label"].map(classes.index)
    counts = np.array(lite0["protocols"]["strict"]["confusion"]).sum(1)
    assert counts == pytest.approx(np.bincount(labels, minlength=len(classes)))
    accuracy = accuracy_score(rows["label"], rows["strict_predicted"])
    assert accuracy == pytest.approx(lite0["protocols"]["strict"]["accuracy"]["value"], abs=0.15)


def test_the_history_has_a_row_a_model_and_epoch(made):
    frame = pd.read_csv(made / "history.csv")
    ran = [model for model in _metrics(made)["models"] if model["status"] == "ok"]
    steps = {
        model["name"]: model["epochs"] for model in ran if model["epochs"]
    }  # the others had no choice to make here
    assert frame["model"].value_counts().to_dict() == steps
    assert frame[["train_loss", "valid_loss"]].notna().all(axis=None)


def test_the_report_is_one_file_with_the_figures_in_it(made):
    report = (made / "report.html").read_text("utf-8")
    assert "Research use only" in report
    for model in _metrics(made)["models"]:
        assert model["title"] in report
    assert 'src="http' not in report
    assert "figures/" not in report.replace("figures/*", "")


def test_an_empty_folder_is_used_even_where_the_slices_are_gone(compared, tmp_path):
    """The features may have come from a cache, and the folder may have been on a stick."""
    table = dataclasses.replace(compared.table, root=tmp_path / "gone")
    (tmp_path / "run").mkdir()
    folder = dataclasses.replace(compared, table=table).save(tmp_path / "run")
    assert (folder / "report.html").is_file()
    assert _metrics(folder)["command"] is None


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("kind", ["file", "foreign", "foreign json", "other schema"])
def test_what_is_no_run_is_never_written_over(compared, tmp_path, kind, overwrite):
    target = tmp_path / "run"
    if kind == "file":
        target.write_text("mine")
    else:
        target.mkdir()
        (target / "thesis.txt").write_text("mine")
        content = {"foreign json": "[1]", "other schema": '{"schema": "else/1", "files": ["thesis.txt"]}'}.get(kind)
        if content:
            (target / "metrics.json").write_text(content)
    before = _files(tmp_path)
    with pytest.raises(HilumError, match="--out"):
        compared.save(target, overwrite=overwrite)
    with pytest.raises(HilumError, match="--out"), OutputFolder(target, RUN, overwrite=overwrite):
        pytest.fail("it was refused only after the work")
    assert _files(tmp_path) == before


def test_an_earlier_run_is_kept_without_overwrite(compared, run):
    before = _files(run)
    with pytest.raises(HilumError, match=r"holds a run already.*--overwrite"):
        compared.save(run)
    assert _files(run) == before


def test_overwriting_removes_what_is_stale_but_nothing_outside(compared, run, tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("mine")
    metrics = _metrics(run)
    stale = "figures/confusion-densenet169.png"
    (run / stale).write_bytes(b"of an earlier run")
    listed = [*metrics["files"], stale, "../outside.txt", str(outside)]
    (run / "metrics.json").write_text(json.dumps({**metrics, "files": listed}))
    compared.save(run, overwrite=True, command="again")
    assert sorted(_files(run)) == _metrics(run)["files"] == metrics["files"]
    assert _metrics(run)["command"] == "again"
    assert outside.read_text() == "mine"


@pytest.mark.parametrize("name", ["notes.md", "figures/drawn-by-hand.png"])
def test_a_run_folder_with_files_of_the_user_is_left_alone(compared, run, name):
    (run / name).write_text("mine")
    before = _files(run)
    with pytest.raises(HilumError, match=rf"files that are not the run's: {name}\. Move them"):
        compared.save(run, overwrite=True)
    assert _files(run) == before


@pytest.mark.parametrize("exists", [False, True])
def test_a_full_disk_leaves_nothing_half_made(compared, run, tmp_path, monkeypatch, exists):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", full)
    target = run if exists else tmp_path / "new"
    before = _files(tmp_path)
    with pytest.raises(HilumError, match=r"No space left on device.*--out"):
        compared.save(target, overwrite=True)
    assert _files(tmp_path) == before
    assert target.exists() == exists
    assert {path.name for path in tmp_path.iterdir()} == {"run"}


def test_a_place_that_cannot_be_made(compared, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(HilumError, match="cannot be written"):
        compared.save(tmp_path / "file" / "run")
