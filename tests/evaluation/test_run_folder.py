"""The run folder of an evaluation: complete, and safe whatever names are in it."""

import csv
import io
import json
import os
import sys

import pytest
from helpers.evaluation_facts import RIGHT

from hilum.errors import HilumError
from hilum.evaluation import contents
from hilum.evaluation.evaluate import evaluate_model
from hilum.evaluation.run_folder import EVALUATION, write_evaluation, write_evaluation_to
from hilum.outputs import OutputFolder
from hilum.report.evaluation import FIGURES
from hilum.slices.table import read_labelled


def _evaluated(reader, folder, **options):
    return evaluate_model(reader, read_labelled(folder), **options)


def test_the_run_folder_holds_what_was_found(reader, folder, tmp_path):
    evaluation = _evaluated(reader, folder(**RIGHT), command="hilum evaluate")
    out = write_evaluation(evaluation, tmp_path / "run")
    record = json.loads((out / "metrics.json").read_text())
    names = [f"figures/{name}.{kind}" for name in FIGURES for kind in ("pdf", "png", "svg")]
    assert record.pop("files") == sorted(["config.json", "metrics.json", "predictions.csv", "report.html", *names])
    assert record == json.loads(json.dumps(evaluation.record.as_json(), allow_nan=False))
    assert json.loads((out / "config.json").read_text()) == evaluation.config.as_json()
    table = list(csv.DictReader(io.StringIO((out / "predictions.csv").read_text())))
    assert [row["path"] for row in table] == [row.path for row in evaluation.rows]
    assert {row["label"] for row in table} == set(RIGHT)
    svgs = {name: (out / "figures" / f"{name}.svg").read_bytes() for name in FIGURES}
    assert (out / "report.html").read_text("utf-8") == contents.page(evaluation, svgs)
    with pytest.raises(HilumError, match="--overwrite"):
        write_evaluation(evaluation, out)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("mine")
    with pytest.raises(HilumError, match="something else"):
        write_evaluation(evaluation, foreign, overwrite=True)
    assert [path.name for path in foreign.iterdir()] == ["thesis.txt"]


def test_an_evaluation_of_an_earlier_hilum_is_replaced(reader, folder, tmp_path, without_charts):
    """It listed no files and had a report in Markdown."""
    out = tmp_path / "run"
    out.mkdir()
    evaluation = _evaluated(reader, folder(**RIGHT))
    (out / "metrics.json").write_text(json.dumps(evaluation.record.as_json()))
    for name in ("predictions.csv", "report.md"):
        (out / name).touch()
    write_evaluation(evaluation, out, overwrite=True)
    assert not (out / "report.md").exists()


def test_without_the_packages_that_a_report_needs_the_rest_is_written(reader, folder, tmp_path, without_charts):
    evaluation = _evaluated(reader, folder(**RIGHT))
    with OutputFolder(tmp_path / "run", EVALUATION) as out:
        assert "needs the package matplotlib" in write_evaluation_to(out, evaluation)
    files = json.loads((tmp_path / "run" / "metrics.json").read_text())["files"]
    assert files == ["config.json", "metrics.json", "predictions.csv"]


@pytest.fixture
def without_charts(monkeypatch):
    """A machine without matplotlib."""
    for name in [name for name in sys.modules if name.startswith(("matplotlib", "hilum.report."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)


def test_a_name_that_is_no_text_or_looks_like_a_formula_is_written(reader, folder, tmp_path):
    place = folder(**RIGHT)
    (place / "dark" / "0.png").rename(place / "dark" / os.fsdecode(b"\xff.png"))
    evaluation = _evaluated(reader, place)
    write_evaluation(evaluation, tmp_path / "out")
    assert "\\xff.png" in (tmp_path / "out" / "predictions.csv").read_text("utf-8")
