"""`hilum train` and `hilum export`: from slices to a model that is handed over."""

import hashlib
import json
import re

import pytest
from helpers.blocks import write_blocks, write_training

from hilum.outputs import OutputFile, OutputFolder


def test_train_writes_a_whole_model_and_says_what_its_scores_are_worth(run, phantom, here):
    words = ("--groups", phantom / "table.csv", "--on", "all", "--bundle", "--with-thumbnails", "--seed", 3)
    code, out, err = run("train", phantom, *words, "--out", "all")
    assert code == 0, err
    for word in (
        "Synthetic",
        "Under strict",
        "macro-F1",
        "a floor of",
        "abstains",
        "all/card.md\n",
        "hilum predict all PATHS",
    ):
        assert word in out
    record = json.loads((here / "all" / "model.json").read_text())
    assert len(record["index"]) == 48
    assert record["backbone"]["seed"] == 3
    assert list((here / "all" / "weights").iterdir())
    pictures = {path.stem for path in (here / "all" / "thumbnails").iterdir()}
    assert pictures == {content for *_, content in record["index"]}
    assert "small pictures of the training slices" in (here / "all" / "card.md").read_text("utf-8")


def test_slices_from_elsewhere_are_measured_and_said(run, tmp_path, here):
    own = write_training(tmp_path / "own")
    other = write_blocks(tmp_path / "other", 1, {"malignant": (4, 90), "normal": (4, 140), "benign": (2, 190)})
    words = ("--external", f"iq={other}", "--map", "iq:malignant=cancer", "--size", 64, "--floor", "cheap")
    code, out, err = run("train", own, *words)
    assert code == 0, err
    assert "The model promises nothing: it takes at least 45 groups" in out
    assert "On iq: macro-F1 " in out
    record = json.loads((here / "model" / "model.json").read_text("utf-8"))
    found = record["trust"]["elsewhere"]["iq"]
    assert found["slices"]["left_out"] == {"of a class that is neither known nor mapped": 2}
    assert found["figures"]["calibration"]["error"] >= 0
    assert set(record["thresholds"]["set"]) == set(record["classes"])
    assert "Measured on iq, 8 slices" in (here / "model" / "card.md").read_text("utf-8")


def test_export_writes_the_file_and_its_digest(run, phantom_model, here):
    code, out, _ = run("export", phantom_model, "--to", "onnx", "--out", "model.onnx")
    assert code == 0
    assert out.splitlines()[-1] == f"{hashlib.sha256((here / 'model.onnx').read_bytes()).hexdigest()}  model.onnx"
    code, out, err = run("export", phantom_model, "--out", "model.onnx")
    assert (code, out) == (2, "")
    assert "--overwrite" in err


def test_what_a_user_can_mend_is_a_sentence(refused, phantom, phantom_model):
    for words, said in (
        (("train", phantom, "--backbone", "cnn", "--out", "new"), "CNN"),
        (("train", phantom, "--backbone", "vgg17", "--out", "new"), "vgg17"),
        (("train", "nowhere", "--on", "dev"), "--on must be train, development, all"),
        (("train", "nowhere", "--seed", -1), "--seed must be"),
        (("train", "nowhere", "--external", phantom), "--external takes NAME=FOLDER"),
        (("train", "nowhere", "--map", "iq:a=b"), "--map names external iq"),
        (("train", "nowhere", "--floor", "cheep"), "Did you mean 'cheap'?"),
        (("train", "nowhere", "--effort", "through"), "Did you mean 'thorough'?"),
        (("compare", "nowhere", "--views", "up,left,up"), "--views names a view twice: up, left, up."),
        (("compare", "nowhere", "--floor", "none"), "There is no floor 'none'. Known are full, cheap."),
        (("train", phantom, "--out", phantom_model), "--overwrite"),
        (("train", phantom, "--out", phantom), "phantom"),
        (("compare", phantom, "--save-best", phantom_model), "model already"),
        (("export", phantom_model, "--to", "coreml", "--out", "x"), "Use --to onnx"),
        (("export", phantom, "--out", "x.onnx"), "no model"),
    ):
        assert said in refused(*words), words


@pytest.mark.parametrize("way", ["model.onnx/below.png", f"made/{'n' * 256}/out.png"])
def test_a_place_that_cannot_be_written_is_found_before_any_work(refused, phantom, phantom_model, exported, here, way):
    (here / "model.onnx").touch()
    for words in (
        ("compare", phantom, "--out"), ("compare", phantom, "--out", "new", "--save-best"),
        ("audit", phantom, "--out"), ("train", phantom, "--out"), ("evaluate", exported, phantom, "--out"),
        ("export", phantom_model, "--out"), ("explain", exported, phantom / "table.csv", "--out"),
        ("predict", exported, phantom, "--out"), ("phantom",),
    ):  # fmt: skip
        said = refused(*words, way)
        form = r"Error: \S+ cannot be written \(.+\)\. Give another (file|folder)( \(--\S+\))?\."
        assert re.fullmatch(form, said), words


def test_a_second_writer_is_refused_at_once(refused, phantom, phantom_model, here):
    (here / "model").mkdir()
    for name in ("card.md", "model.json", "model.safetensors"):
        (here / "model" / name).write_bytes((phantom_model / name).read_bytes())
    with OutputFolder(here / "taken", None), OutputFile(here / "model" / "card.md", overwrite=True):
        for words in (
            ("compare", phantom, "--out", "taken"),
            ("compare", phantom, "--out", "new", "--save-best", "taken"),
            ("audit", phantom, "--out", "taken"),
            ("train", phantom, "--out", "taken"),
            ("phantom", "taken"),
        ):
            assert re.match(r"Error: Another hilum is writing to (\S+/)?taken\.", refused(*words))
        said = refused("evaluate", "model", phantom, "--out", "new", "--to-card")
        assert said.startswith("Error: Another hilum is writing to model/card.md.")
