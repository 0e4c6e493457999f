"""From slices to a model that was handed over, by the command line alone."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

import hilum
from hilum import cli
from hilum.outputs import OutputFile, OutputFolder

LITE0 = "efficientnet_lite0"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with phantom slices, a comparison's best model, and that model exported."""
    folder = tmp_path_factory.mktemp("cli-model")
    hilum.write_phantom(folder / "phantom", 48, 0)
    done = _run(
        folder, "compare", "phantom", "--groups", "phantom/table.csv", "--models", LITE0, "--out", "run",
        "--protocol", "given", "--save-best", "model",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Model of EfficientNet-Lite0" in done.stderr
    done = _run(folder, "export", "model", "--to", "onnx", "--out", "model.onnx")
    assert done.returncode == 0, done.stderr
    assert (
        done.stdout.splitlines()[-1]
        == f"{hashlib.sha256((folder / 'model.onnx').read_bytes()).hexdigest()}  model.onnx"
    )
    return folder


def _run(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "hilum", *map(str, words)], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "HILUM_CACHE": str(folder / "cache"), "HILUM_OFFLINE": "1", "COLUMNS": "200"}, timeout=300,
    )  # fmt: skip


def _rows(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_folder_and_its_export_give_the_same_answers(place):
    slices = sorted((place / "phantom" / "test").rglob("*.png"))[:6]
    one, other = (_rows(_run(place, "predict", model, *slices, "--json")) for model in ("model", "model.onnx"))
    assert one == other
    assert [row["path"] for row in one] == [str(path) for path in slices]
    assert {row["decision"] for row in one} <= {"class", "abstain", "outlier"}


def test_the_model_is_scored_on_slices_that_it_never_saw(place):
    done = _run(
        place, "evaluate", "model.onnx", "phantom", "--groups", "phantom/table.csv", "--out", "scored", "--json"
    )
    record = json.loads(done.stdout)
    training = json.loads((place / "model" / "model.json").read_text())
    assert record["data"]["left_out"] == {"the model was trained on the same picture": len(training["index"])}
    assert record["figures"]["n"] == 48 - len(training["index"])
    assert done.stderr.startswith("Read as 3 splits, train (")
    assert (place / "scored" / "report.md").is_file()
    done = _run(place, "evaluate", "model", "phantom", "--out", "noted", "--to-card")
    assert done.returncode == 0, done.stderr
    assert "phantom: " in (place / "model" / "card.md").read_text().partition("## External evaluations")[2]
    again = _run(place, "evaluate", "model.onnx", "phantom", "--out", "scored")
    assert (again.returncode, again.stdout) == (2, "")
    assert "--overwrite" in again.stderr


def test_train_says_what_the_scores_are_worth(place):
    done = _run(
        place, "train", "phantom", "--groups", "phantom/table.csv", "--backbone", LITE0, "--on", "all", "--out", "all"
    )
    assert done.returncode == 0, done.stderr
    for word in ("Synthetic", "Macro-F1 given", "Macro-F1 strict", "highest floor", "abstains", "all/card.md"):
        assert word in done.stdout
    assert len(json.loads((place / "all" / "model.json").read_text())["index"]) == 48


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("train", "phantom", "--backbone", "cnn", "--out", "new"), "small CNN can only be compared"),
        (("train", "phantom", "--backbone", "vgg17", "--out", "new"), "no model 'vgg17'"),
        (("train", "phantom", "--on", "test", "--out", "new"), "--on must be"),
        (("train", "phantom", "--out", "model"), "holds a model already"),
        (("train", "phantom", "--out", "phantom"), "phantom"),
        (("compare", "phantom", "--save-best", "model"), "holds a model already"),
        (("export", "model", "--to", "coreml", "--out", "x"), "--to takes onnx"),
        (("export", "model", "--out", "model.onnx"), "exists already"),
        (("export", "phantom", "--out", "x.onnx"), "holds no model"),
        (("evaluate", "model.onnx", "nowhere"), "does not exist"),
        (("evaluate", "phantom/table.csv", "phantom"), "not an intact hilum export"),
        (("evaluate", "model.onnx", "phantom", "--map", "normal"), "--map takes"),
        (("evaluate", "model.onnx", "phantom", "--negative", "healthy"), "no class of the model"),
        (("predict", "nothing.onnx", "phantom"), "does not exist"),
    ],
)
def test_what_a_user_can_mend_is_a_sentence(place, words, said):
    before = sorted(path.name for path in place.iterdir())
    done = _run(place, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in place.iterdir()) == before


def test_a_model_of_random_weights_says_so(place):
    shutil.rmtree(place / "random", ignore_errors=True)
    done = _run(
        place, "train", "phantom", "--groups", "phantom/table.csv", "--backbone", "timm:resnet10t.c3_in1k",
        "--size", 64, "--random-weights", "--out", "random",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Random weights" in done.stdout
    assert "random weights" in (place / "random" / "card.md").read_text()
    assert len(_rows(_run(place, "predict", "random", "phantom/valid", "--json")))


@pytest.fixture
def refused(place, monkeypatch, capsys):
    """Runs a command that is refused before any work, in this process: `refused(...) -> its message`."""
    monkeypatch.chdir(place)
    before = sorted(path.name for path in place.iterdir())

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["hilum", *words])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsys.readouterr()
        assert (stop.value.code, out) == (2, "")
        return err

    yield call
    assert sorted(path.name for path in place.iterdir()) == before


@pytest.mark.parametrize(
    "words",
    [
        ("compare", "phantom", "--out"), ("compare", "phantom", "--out", "new", "--save-best"),
        ("audit", "phantom", "--out"), ("train", "phantom", "--out"), ("evaluate", "model.onnx", "phantom", "--out"),
        ("export", "model", "--out"), ("explain", "model.onnx", "phantom/table.csv", "--out"),
        ("predict", "model.onnx", "phantom", "--out"), ("phantom",),
    ],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("way", ["model.onnx/below.png", f"made/{'n' * 256}/out.png"])
def test_a_place_that_cannot_be_written_is_found_before_any_work(refused, words, way):
    said = refused(*words, way)
    assert re.fullmatch(r"Error: \S+ cannot be written \(.+\)\. Give another \S+\.\n", said)


def test_a_second_writer_is_refused_at_once(refused):
    with OutputFolder("taken", None), OutputFile("model/card.md", overwrite=True):
        for words in (
            ("compare", "phantom", "--out", "taken"),
            ("compare", "phantom", "--out", "new", "--save-best", "taken"),
            ("audit", "phantom", "--out", "taken"),
            ("train", "phantom", "--out", "taken"),
            ("phantom", "taken"),
        ):
            assert re.match(r"Error: Another hilum is writing to (\S+/)?taken\. Wait for it to end", refused(*words))
        said = refused("evaluate", "model", "phantom", "--out", "new", "--to-card")
        assert said.startswith("Error: Another hilum is writing to model/card.md. Wait for it to end")


@pytest.mark.parametrize("best", ["run", "run/model", "."])
def test_a_model_inside_its_run_folder_is_refused(refused, best):
    assert "neither in the other" in refused("compare", "phantom", "--out", "run/", "--overwrite", "--save-best", best)
