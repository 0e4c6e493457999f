"""The base install has numpy, Pillow, Typer, rich and what these need; here everything else is made to be missing."""

import json
import subprocess
import sys

from helpers.installs import BLOCKER, base_with

from hilum.errors import MissingExtra

# Each command in the one process: its exit code, and what it printed.
COMMANDS = """
import contextlib, io, json, sys
from hilum.cli import common, main

def run(*words):
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["hilum", *words]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as stop:
            return [stop.code or 0, out.getvalue(), err.getvalue()]
    return [0, out.getvalue(), err.getvalue()]
"""


def base_install(tmp_path, code, *arguments, blocker=BLOCKER):
    return subprocess.run(
        [sys.executable, "-c", blocker + code, *map(str, arguments)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip


READ = """
from importlib import import_module
for name in (
    "hilum", "hilum.cli", "hilum.errors", "hilum.phantom.dataset", "hilum.progress", "hilum.storage",
    "hilum.report.terminal", "hilum.model.open", "hilum.predict.run", "hilum.explain.picture",
    *(f"hilum.slices.{name}" for name in "body file_info kaggle labels layout read resize split table".split()),
):
    import_module(name)

from pathlib import Path
import numpy as np
from PIL import Image
import hilum
from hilum.slices.body import body_box
from hilum.slices.read import read_slice
from hilum.slices.resize import crop_and_resize

drawn = np.zeros((60, 90), np.uint8)
drawn[10:50, 20:80] = 200
Image.fromarray(drawn).convert("RGBA").save("slice.png")
pixels = read_slice(Path("slice.png")).pixels
box = body_box(pixels)
resized = crop_and_resize(pixels, box, 32, "bicubic")
print(tuple(box), resized.shape, np.abs(resized - 200 / 255).max() < 1e-5)

hilum.write_phantom(Path("phantom"), 36, 0)
print(len(hilum.read_table("phantom").rows))
try:
    import sklearn.metrics
except ModuleNotFoundError as error:
    print(error)
"""


def test_slices_are_read_cropped_and_resized_and_nothing_else_is_there(tmp_path):
    done = base_install(tmp_path, READ)
    assert done.stderr == ""
    assert done.stdout == "(20, 10, 80, 50) (32, 32) True\n36\nNo module named 'sklearn'\n"


def test_commands_work_or_say_what_to_install(tmp_path):
    lines = [
        ["--help"], ["-h"], ["phantom", "slices", "--slices", "36"], ["cache", "--clear"],
        ["compare", "slices"], ["compare", "slices", "--models", "cnn", "--json"],
    ]  # fmt: skip
    done = base_install(tmp_path, f"{COMMANDS}\nprint(json.dumps([run(*words) for words in {lines}]))")
    assert done.returncode == 0, done.stderr
    help_, short, phantom, cache, *compared = json.loads(done.stdout)
    assert help_ == short
    assert help_[0] == 0
    assert {"compare", "phantom", "fetch", "backbones", "cache", "weights"} <= set(help_[1].split())
    assert phantom[0] == 0, phantom[2]
    assert phantom[1].startswith("36 synthetic slices of ")
    listed = (tmp_path / "slices" / "table.csv").read_text().splitlines()
    assert len(list((tmp_path / "slices").glob("*/*/*.png"))) == len(listed) - 1 > 36
    assert cache[0::2] == [0, ""]
    assert "Cache, empty" in cache[1]
    for code, out, err in compared:
        assert (code, out) == (2, "")
        *_, line = err.splitlines()
        package = line.removeprefix("Error: This needs the package ").partition(",")[0]
        assert line == f"Error: {MissingExtra(package)}"
        assert "pip install -e '.[train]'" in line
    assert [path.name for path in tmp_path.iterdir()] == ["slices"]  # no run folder is left behind


def test_jobs_on_a_cluster_say_what_to_install(tmp_path):
    words = ["predict", "model.onnx", "slices", "--runner", "ray", "--out", "job"]
    done = base_install(tmp_path, f"{COMMANDS}\nprint(json.dumps(run(*{words})))")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [2, "", f"Error: {MissingExtra('ray', 'ray')}\n"]
    assert not list(tmp_path.iterdir())


HELD = """
import hilum
from hilum.errors import MissingExtra

model = hilum.open_model(sys.argv[1])
predictions = model.predict([sys.argv[2], "gone.png"])
explanation = model.explain(sys.argv[2], training_folder=sys.argv[3])
for one in (model, predictions, explanation):
    print(repr(one))
    assert one._repr_html_().startswith("<div")
row = predictions[0]
print(row.path, row.frame, row.decision, row.label, sum(row.probabilities.values()) > 0.999, row.outlier_score > 0)
print(predictions[1].reason)
evaluation = model.evaluate(hilum.read_labelled(sys.argv[3]))
print(evaluation.record.figures.n)
for lacking in (
    predictions.to_frame, lambda: hilum.compare, lambda: hilum.train, lambda: hilum.KernelHead,
    lambda: model.explain(sys.argv[2], method="gradcam"),
):
    try:
        lacking()
        print("is there")
    except hilum.HilumError as error:
        print(type(error).__name__, error)
print([name for name in ("pandas", "jinja2", "matplotlib", "torch", "sklearn") if name in sys.modules])
"""


def test_python_users_open_an_exported_model_and_see_what_it_answers(tmp_path, exported, phantom):
    path = min((phantom / "test" / "normal").iterdir())
    done = base_install(tmp_path, HELD, exported, path, phantom)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    model, predictions, explanation, row, gone, scored, *lacking, loaded = done.stdout.splitlines()
    assert model.startswith("Model(EfficientNet-Lite0 on phantom: 4 classes, ")
    assert predictions.startswith("Predictions(2 slices: ")
    assert explanation.startswith(f"Explanation({path}: ")
    assert row.startswith(f"{path} None ")
    assert row.endswith(" True True")
    assert gone == "there is no such file"
    assert int(scored) > 10
    assert lacking[0] == f"MissingExtra {MissingExtra('pandas', enough=['pandas'])}"
    assert [line.partition(" needs the package ")[0] for line in lacking[1:4]] == ["MissingExtra This"] * 3
    assert "Give the model folder" in lacking[4]
    assert loaded == "[]"


SHOWN = """
import hilum

model = hilum.open_model(sys.argv[1])
evaluation = model.evaluate(hilum.read_labelled(sys.argv[2]))
for show in sys.argv[3:]:
    try:
        getattr(evaluation, show)()
        print("shown")
    except hilum.HilumError as error:
        print(str(error).partition(": pip install ")[2])
"""


def test_what_is_said_to_be_enough_is_enough_for_an_evaluation(tmp_path, exported, phantom):
    """Each answer that names packages is followed, and then what was asked for works."""
    asked, shows = [SHOWN, exported, phantom / "test"], ["to_frame", "plot", "report"]
    said = base_install(tmp_path, *asked, *shows).stdout.splitlines()
    assert said == ["pandas", "matplotlib pandas scikit-learn", "matplotlib pandas scikit-learn jinja2"]
    for show, packages in zip(shows, said, strict=True):
        done = base_install(tmp_path, *asked, show, blocker=base_with(*packages.split()))
        assert done.stdout.splitlines() == ["shown"], done.stderr
