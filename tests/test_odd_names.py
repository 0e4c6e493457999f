"""Names that are not UTF-8, steer a terminal or look like a formula, through every command and its outputs."""

import csv
import io
import json
import os
import shutil
import sys

import numpy as np
import pandas as pd
import pytest
from helpers.brightness import write_model
from PIL import Image

from hilum import cli
from hilum.text import from_cell

RAW = os.fsdecode(b"\xe9\xff")
FORMULA = '=HYPERLINK("e.vil")\x1b[31m'
SPELT = r'=HYPERLINK("e.vil")\x1b[31m'
CLASSES = [FORMULA, "\ud800", RAW]


@pytest.fixture
def run(monkeypatch, capfdbinary, tmp_path, use_shared_cache):
    """Runs the command line in this process, in a folder whose name is no text: `run("cache") -> code, out, err`."""
    (tmp_path / RAW).mkdir()
    monkeypatch.chdir(tmp_path / RAW)
    monkeypatch.setenv("HILUM_OFFLINE", "1")

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["hilum", *map(str, words)])
        capfdbinary.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        out, err = (written.decode("utf-8") for written in capfdbinary.readouterr())
        assert "\x1b" not in out + err
        assert "Traceback" not in err
        return code, out, err

    return call


@pytest.fixture
def odd(phantom, tmp_path):
    """The phantom in a folder that is no text, with a class, slices and a broken file of such names."""
    folder = shutil.copytree(phantom, tmp_path / f"{RAW}data")
    for split in ("train", "valid", "test"):
        (folder / split / "normal").rename(folder / split / f"{FORMULA}{RAW}")
        first = min((folder / split / "adenocarcinoma").iterdir())
        first.rename(first.with_name(f"{RAW}\x1b.png"))
    (folder / "train" / "adenocarcinoma" / f"{RAW}broken.png").write_bytes(b"none")
    return folder


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in (*value, *value.values()) if isinstance(value, dict) else value:
            yield from _texts(part)


def _cells(path):
    """The cells of a CSV file, which are no formulas and hold no control characters."""
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8"), newline="")))
    for cell in (cell for row in rows for cell in row):
        assert cell == "" or cell[0].isdigit() or cell[0] not in "=+-@\t\r"
        assert "\x1b" not in cell
    return rows


def test_a_comparison_is_written_and_read_again(run, odd, tmp_path):
    out = tmp_path / f"{RAW}run"
    code, text, err = run(
        "compare", odd, "--models", "cnn", "--cnn-epochs", 1, "--protocol", "given", "--out", out, "--json"
    )
    assert code == 0, err
    record = json.loads(text)
    label = rf"{SPELT}\xe9\xff"
    assert label in record["data"]["classes"]
    assert record["data"]["folder"] == r"\xe9\xffdata"
    assert [one["path"] for one in record["data"]["skipped"]] == [r"train/adenocarcinoma/\xe9\xffbroken.png"]
    for one in _texts(record):
        one.encode()
    head, *rows = _cells(out / "predictions.csv")
    assert f"p_{label}" in head
    assert f"'{label}" in {row[3] for row in rows}
    plain = pd.read_parquet(out / "predictions.parquet")  # which no terminal and no spreadsheet shows
    assert f"p_{label}" in plain
    assert set(plain["label"]) == {from_cell(row[3]) for row in rows}
    assert set(plain["path"]) == {from_cell(row[1]) for row in rows if row[2] != "train"}
    _cells(out / "history.csv")
    (out / "report.html").read_bytes().decode("utf-8")
    from hilum.serve.runs import find_runs, prediction_rows

    (found,) = find_runs(tmp_path / f"{RAW}run").values()
    assert found.name == r"\xe9\xffrun"
    answered = list(prediction_rows(found, label=label))
    assert answered
    assert all(label in row["probabilities"] for row in answered)


def test_an_audit_is_written(run, odd, tmp_path):
    code, text, _ = run("audit", odd, "--out", tmp_path / f"{RAW}audit", "--json")
    assert code == 0
    for one in _texts(json.loads(text)):
        one.encode()


@pytest.fixture
def model(tmp_path):
    index = [[f"{RAW}/{FORMULA}/{RAW}.png", CLASSES[0], "1" * 64]]
    return write_model(tmp_path / f"{RAW}.onnx", classes=CLASSES, index=index)


@pytest.fixture
def slices(tmp_path):
    """A dark, a grey and a bright slice in folders of the model's classes."""
    for level, name in ((51, FORMULA), (127, "grey"), (204, RAW)):
        for number in range(2):
            path = tmp_path / f"{RAW}slices" / name / f"{RAW}{number}\x1b.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((30, 40 + number), level, np.uint8)).save(path)
    return tmp_path / f"{RAW}slices"


@pytest.mark.parametrize("format", ["csv", "json"])
def test_predictions_are_written_and_gone_on_with(run, model, slices, tmp_path, format):
    out = tmp_path / f"{RAW}rows.{format}"
    code, _, err = run("predict", model, slices, "--out", out)
    assert code == 0, err
    written = out.read_bytes()
    written.decode("utf-8")
    if format == "csv":
        assert {row[3] for row in _cells(out)[1:]} == {f"'{SPELT}", r"\ud800", r"\xe9\xff"}
    else:
        assert {json.loads(line)["class"] for line in written.splitlines()} == {SPELT, r"\ud800", r"\xe9\xff"}
    code, _, err = run("predict", model, slices, "--out", out)
    assert (code, out.read_bytes()) == (0, written)
    assert "6 of them are from an earlier run" in err


def test_predictions_on_the_terminal(run, model, slices):
    for option in ([], ["--csv"], ["--json"]):
        code, out, _ = run("predict", model, slices, *option)
        assert code == 0
        assert r"\ud800" in out


def test_an_explanation(run, model, slices, tmp_path):
    path = next(slices.glob("grey/*"))
    code, out, _ = run("explain", model, path, "--out", tmp_path / f"{RAW}.png", "--json", "--training-folder", slices)
    assert code == 0
    assert json.loads(out)["class"] == r"\ud800"
    assert json.loads(out)["neighbours"][0]["path"].startswith(r"\xe9\xff/=HYPER")


def test_an_evaluation(run, model, slices, tmp_path):
    out = tmp_path / f"{RAW}scored"
    code, text, err = run("evaluate", model, slices, "--out", out, "--json")
    assert code == 0, err
    assert json.loads(text)["model"]["classes"] == [SPELT, r"\ud800", r"\xe9\xff"]
    _cells(out / "predictions.csv")
    (out / "report.html").read_bytes().decode("utf-8")


def test_the_page_answers(model, slices):
    from starlette.testclient import TestClient

    from hilum.model.open import open_reader
    from hilum.serve.app import create_app
    from hilum.serve.settings import Settings, access_for

    settings = Settings(access=access_for("127.0.0.1", None), model=model, slices_folder=slices)
    path = next(slices.glob("grey/*"))
    with TestClient(create_app(open_reader(model), settings), "http://127.0.0.1") as client:
        client.headers["X-Requested-With"] = "hilum"
        about = client.get("/api/model")
        answers = [
            client.post(f"/api/{what}", files=[("files", ("a.png", path.read_bytes()))])
            for what in ("predict", "explain")
        ]
    assert about.json()["classes"] == [SPELT, r"\ud800", r"\xe9\xff"]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].json()["neighbours"][0]["path"].startswith(r"\xe9\xff")
