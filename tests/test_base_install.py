"""The base install has numpy, Pillow, Typer, rich and what these need; here everything else is made to be missing."""

import subprocess
import sys

import pytest
from helpers.installs import BLOCKER

from hilum.errors import MissingExtra


def base_install(tmp_path, code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", BLOCKER + code, *map(str, arguments)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip


def command(tmp_path, *arguments):
    return base_install(tmp_path, "from hilum.cli import main\nmain()", *arguments)


def test_the_blocker_blocks(tmp_path):
    done = base_install(tmp_path, "import sklearn.metrics")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ModuleNotFoundError: No module named 'sklearn")


READ = """
from importlib import import_module
for name in (
    "hilum", "hilum.cli", "hilum.errors", "hilum.phantom.dataset", "hilum.progress", "hilum.storage",
    "hilum.report.terminal",
    *(f"hilum.slices.{name}" for name in "body facts kaggle labels layout read resize split table".split()),
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
"""


def test_slices_are_read_cropped_and_resized(tmp_path):
    done = base_install(tmp_path, READ)
    assert done.stderr == ""
    assert done.stdout == "(20, 10, 80, 50) (32, 32) True\n36\n"


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_names_every_command(tmp_path, option):
    done = command(tmp_path, option)
    assert done.returncode == 0
    assert {"compare", "phantom", "fetch", "backbones", "cache", "weights"} <= set(done.stdout.split())


def test_phantom_and_cache_work(tmp_path):
    done = command(tmp_path, "phantom", "slices", "--slices", "36")
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert done.stdout.startswith("36 synthetic slices of ")
    listed = (tmp_path / "slices" / "table.csv").read_text().splitlines()
    assert len(list((tmp_path / "slices").glob("*/*/*.png"))) == len(listed) - 1 > 36
    done = command(tmp_path, "cache", "--clear")
    assert (done.returncode, done.stderr) == (0, "")
    assert "is empty" in done.stdout


@pytest.mark.parametrize("arguments", [["compare", "slices"], ["compare", "slices", "--models", "cnn", "--json"]])
def test_compare_says_what_to_install(tmp_path, arguments):
    (tmp_path / "slices").mkdir()
    done = command(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    assert "which the base install leaves out. Install it with: pip install -e '.[train]' in hilum's repository" in line
    package = line.removeprefix("Error: This needs the package ").partition(",")[0]
    assert line == f"Error: {MissingExtra(package)}"
    assert list((tmp_path / "slices").iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["slices"]  # no run folder is left behind
