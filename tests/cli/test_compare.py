"""`hilum compare`: what it prints where, what it writes, and a sentence instead of a traceback."""

import json
import re
import shutil

import pytest
from helpers.blocks import write_blocks, write_training
from PIL import Image

from hilum.heads.options import DEFAULT_HEAD
from hilum.options import DEFAULT_SCALES

LITE0 = "efficientnet_lite0"


def _quick(*words):
    """Options that keep a comparison short."""
    return ("compare", *words, "--models", "cnn", "--cnn-epochs", 1, "--protocol", "given")


def test_json_on_standard_output_and_everything_else_on_standard_error(ran, phantom):
    record = json.loads(ran.out)
    assert ran.out == (ran.folder / "run" / "metrics.json").read_text("utf-8")
    assert [model["status"] for model in record["models"]] == ["ok", "ok", "unavailable"]
    assert record["command"].startswith(f"hilum compare {phantom} --groups ")
    assert record["command"].endswith("--seed 4 --protocol given --out run --save-best best --json")
    assert (record["settings"]["seed"], record["synthetic"]) == (4, True)
    assert (ran.folder / "run" / "report.html").is_file()
    assert re.search(r"^(Serious|Notice): .*shortcuts.*\.$", ran.err, re.MULTILINE)
    assert "Traceback" not in ran.err


def test_the_best_frozen_backbone_is_saved_as_a_model(ran):
    assert re.search("Model of EfficientNet-Lite0, .*: best\n", ran.err)
    model = json.loads((ran.folder / "best" / "model.json").read_text())
    assert (model["backbone"]["name"], model["command"]) == (LITE0, ran.record["command"])


def test_the_default_run_says_what_it_left_out_and_what_comes_next(run, phantom, here):
    code, out, _ = run("compare", phantom, "--groups", phantom / "table.csv")
    assert code == 0
    words = " ".join(out.split())
    assert f"add it with --models cnn,{LITE0}" in words
    assert words.count("No weights on this machine") == 1  # one sentence for seven backbones
    assert "HILUM_OFFLINE" in words
    assert "floor" in out
    assert out.count("Synthetic") == 1
    report, *rest = out.splitlines()[-3:]
    assert [line.split(":")[0] for line in rest] == ["Real slices", "On them, or on your own"]
    (made,) = (here / "runs").iterdir()  # a folder of its own
    assert re.fullmatch(r"phantom-\d{8}-\d{6}", made.name)
    assert report.endswith(f": runs/{made.name}/report.html")
    code, out, err = run(*_quick(phantom), "--out", made)
    assert (code, out) == (2, "")
    assert re.fullmatch(r"Error: runs/.*--overwrite.*\n", err.replace(f"{here}/", ""))


def test_options_and_skipped_files_reach_the_record_and_an_earlier_run_is_replaced(run, ran, slices, here):
    shutil.copytree(ran.folder / "run", here / "run")
    (slices / "train" / "normal" / "broken.png").write_bytes(b"no picture")
    (slices / "test" / "normal" / "empty.png").touch()
    head, *rows = (slices / "table.csv").read_text().splitlines()
    rows = [row.split(",")[:3] for row in rows if "large_cell" not in row]
    names = head.split(",")[:3]
    for path in ("train/normal/broken.png", "test/normal/empty.png"):
        rows.append([{"path": path, "label": "normal", "split": path.partition("/")[0]}[name] for name in names])
    (here / "some.csv").write_text("\n".join(",".join(row) for row in (names, *rows)))
    code, out, err = run(
        "compare", slices, "--table", "some.csv", "--models", LITE0, "--epochs", 2, "--patience", 1, "--seed", 5,
        "--engine", "torch", "--size", 64, "--no-crop", "--negative", "adenocarcinoma", "--random-weights",
        "--protocol", "given,no-copies", "--floor", "cheap", "--look-alike", 0.9, "--out", "run", "--overwrite",
        "--effort", "thorough", "--views", "up", "--json",
    )  # fmt: skip
    assert code == 0, err
    record = json.loads(out)
    settings = record["settings"]
    assert settings.pop("engine").startswith("torch ")
    assert settings == {
        "models": [LITE0], "head": DEFAULT_HEAD, "class_weight": "none", "ensembles": [], "scales": DEFAULT_SCALES,
        "effort": "thorough", "views": ["up"], "epochs": 2, "patience": 1,
        "cnn_epochs": 40, "seed": 5, "size": 64, "crop": False, "negative": "adenocarcinoma",
        "protocols": ["given", "no-copies", "no-look-alikes"], "cnn_folds": False, "random_weights": True,
        "floor": "cheap",
        "look_alike": 0.9, "margin": None,
        "external": [],
    }  # fmt: skip
    assert record["random_weights"] is True
    assert record["models"][0]["floors"] == {}
    assert record["data"]["classes"] == ["adenocarcinoma", "normal", "squamous_cell_carcinoma"]
    assert {one["path"] for one in record["data"]["skipped"]} == {"train/normal/broken.png", "test/normal/empty.png"}
    assert "Left out: train/normal/broken.png: " in err
    assert "Left out: test/normal/empty.png: the file is empty." in err
    assert (here / "run" / "metrics.json").read_text("utf-8") == out


@pytest.mark.parametrize("command", ["compare", "audit", "train"])
def test_what_a_folder_is_read_as_is_said_before_any_work(run, slices, command):
    (slices / "train").rename(slices / "Training_Set")
    (slices / "test" / "normal" / "scan.tif").write_bytes(b"II*\0")
    code, out, err = run(command, slices, "--strict")  # which ends it as soon as the files were opened
    assert (code, out) == (2, "")
    read, step, left_out, error = err.splitlines()
    assert re.match(r"Read as 3 splits, train \(Training_Set, \d+ files\), valid .*, of 4 classes: adeno", read)
    assert left_out.startswith("Left out: test/normal/scan.tif: ")
    assert re.match(r"\d:\d\d:\d\d 1 of \d+ reading slices: ", step)
    assert "--strict" in error


# --------------------------------------------------------------------------------------------------- bad inputs


def _without(*parts):
    def spoil(slices):
        for path in slices.glob("/".join(parts)):
            if path.is_dir():
                shutil.rmtree(path)

    return spoil


def _empty_split(slices):
    for path in (slices / "valid").rglob("*.png"):
        path.write_bytes(b"")


def _untrained_class(slices):
    (slices / "test" / "unheard_of").mkdir()
    Image.new("L", (64, 64), 99).save(slices / "test" / "unheard_of" / "1.png")


def _broken(slices):
    (slices / "train" / "normal" / "broken.png").write_bytes(b"no picture")


@pytest.mark.parametrize(
    ("spoil", "options", "expected"),
    [
        (shutil.rmtree, (), "does not exist"),
        (_without("*", "[als]*"), (), "one class only, normal"),
        (_untrained_class, (), "unheard_of is in test but not in train"),
        (_without("train", "normal"), (), "normal is in .* but not in train"),
        (_without("valid"), (), "valid .*--table"),
        (_empty_split, (), "valid "),
        (_without("t*"), ("--out", "new"), "train "),
        (_without("*"), (), "class folder"),
        (_broken, ("--strict",), "train/normal/broken.png"),
    ],
)
def test_slices_that_cannot_be_compared(refused, slices, spoil, options, expected):
    spoil(slices)
    assert re.search(expected, refused(*_quick(slices), *options))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--models", "vgg61"), "'vgg61'.*'vgg16'"),
        (("--models", "timm:resnet10t.wrong"), "'resnet10t.wrong'"),
        (("--engine", "abacus"), "'abacus'"),
        (("--head", "softmx"), "'softmx'.*'softmax'"),
        (("--epochs", 0), "--epochs must be 1 or more"),
        (("--cnn-epochs", 0), "--cnn-epochs must be 1 or more"),
        (("--patience", 0), "--patience must be 1 or more"),
        (("--size", 8), "--size must be from 32 to 4096"),
        (("--seed", -1), "--seed must be from 0"),
        (("--protocol", "leave-one-out"), "given, no-copies, no-look-alikes, grouped, strict"),
        (("--ensemble", "vgg16,cnn"), "--ensemble .*cnn"),
        (("--weights", "nowhere"), "nowhere does not exist"),
        (("--save-best", "best"), "--save-best needs a frozen backbone"),
        (("--out", "run", "--save-best", "run"), "neither inside the other"),
        (("--out", "run/", "--save-best", "run/model"), "neither inside the other"),
        (("--out", "run", "--save-best", "."), "neither inside the other"),
    ],
)
def test_options_are_refused_before_slices_are_looked_for(refused, options, expected):
    assert re.search(expected, refused(*_quick("nowhere"), *options))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--negative", "healthy"), "no class 'healthy'"),
        (("--table", "nowhere.csv"), "nowhere.csv cannot be read"),
        (("--table", "some.csv"), "label and path"),
        (("--out", "taken"), "taken is a file"),
        (("--out", "full"), "full .*not a hilum run"),
        (("--out", "full", "--overwrite"), "full .*not a hilum run"),
    ],
)
def test_options_that_do_not_fit_the_slices_or_the_place(refused, phantom, here, options, expected):
    (here / "some.csv").write_text("file,class\n")
    (here / "taken").write_text("mine")
    (here / "full").mkdir()
    (here / "full" / "thesis.txt").write_text("mine")
    assert re.search(expected, refused(*_quick(phantom), *options))


def test_no_model_to_be_had(run, phantom):
    code, out, err = run("compare", phantom, "--groups", phantom / "table.csv", "--models", "vgg16")
    assert (code, out) == (2, "")
    assert re.search(r"Error: .*vgg16: .*HILUM_OFFLINE.*hilum weights pull", err)


def test_neither_folder_nor_table(refused):
    assert "--table" in refused("compare")


# ----------------------------------------------------------------------------------------------- slices from elsewhere


@pytest.fixture
def elsewhere(tmp_path):
    """A training folder, and slices of other classes."""
    counts = {"malignant": (4, 90), "normal": (4, 140), "benign": (2, 190)}
    return write_training(tmp_path / "own"), write_blocks(tmp_path / "other", 1, counts)


def test_slices_from_elsewhere_are_a_column_and_a_protocol(run, elsewhere, here):
    own, other = elsewhere
    options = ("--external", f"iq={other}", "--map", "iq:malignant=cancer")
    code, out, err = run(*_quick(own), *options, "--out", "run")
    assert code == 0, err
    assert re.search("external:?.?iq", out.lower())
    assert "external iq: 2 slices were left out (of a class that is neither known nor mapped)." in err
    record = json.loads((here / "run" / "metrics.json").read_text("utf-8"))
    assert record["settings"]["external"] == [{"name": "iq", "folder": "other", "mapped": {"malignant": "cancer"}}]
    figures = record["models"][0]["protocols"]["external:iq"]
    assert (figures["n"], len(figures["confusion"])) == (8, 2)
    assert set(record["audit"]["floors"]["external:iq"]) == {"file facts", "32x32 pixels", "border alone"}
    assert "iq: other (malignant as cancer)" in (here / "run" / "report.html").read_text("utf-8")
    assert (here / "run" / "predictions.csv").read_text("utf-8").count(",external:iq,") == 8


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--external", "{other}"), "--external takes NAME=FOLDER"),
        (("--external", "iq=nowhere"), "nowhere does not exist"),
        (("--external", "given={other}"), "that of a protocol"),
        (("--external", "iq={other}", "--map", "iq:malign=cancer"), "Did you mean 'malignant'"),
        (("--map", "iq:malignant=cancer"), "--map names external iq"),
    ],
)
def test_slices_from_elsewhere_are_refused_before_any_are_read(refused, elsewhere, options, expected):
    words = [word.format(other=elsewhere[1]) for word in options]
    assert re.search(expected, refused(*_quick("nowhere"), *words))


def test_classes_from_elsewhere_that_do_not_fit_are_refused_before_the_audit(run, elsewhere):
    own, other = elsewhere
    code, out, err = run(*_quick(own), "--external", f"iq={other}")
    assert (code, out) == (2, "")
    assert "Error: External iq has slices of one class only, normal" in err
    assert "comparing slices" not in err
