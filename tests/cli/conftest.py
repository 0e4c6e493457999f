"""The command line in this process, and one run of `hilum compare` as a process that many tests look at."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from hilum import cli

COMPARED = ("--models", "cnn,efficientnet_lite0,vgg16", "--cnn-epochs", "1", "--seed", "4", "--protocol", "given")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder, which is the current one."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(monkeypatch, capsys, here, use_shared_cache):
    """Runs the command line in this process, without a network: `run("cache") -> code, out, err`."""
    monkeypatch.setenv("HILUM_OFFLINE", "1")

    def call(*words, columns=200):
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr(sys, "argv", ["hilum", *map(str, words)])
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def refused(run, here):
    """Runs a command that is refused before it writes anything: `refused(...) -> its message`."""

    def call(*words):
        before = sorted(here.parent.rglob("*"))
        code, out, err = run(*words)
        assert (code, out) == (2, ""), err
        assert "Traceback" not in err
        assert sorted(here.parent.rglob("*")) == before
        *_, message = err.splitlines()
        assert message.startswith("Error: ")
        return message

    return call


@pytest.fixture
def slices(phantom, tmp_path):
    """A copy of the phantom that a test may spoil."""
    return shutil.copytree(phantom, tmp_path / "slices")


@dataclass(frozen=True)
class Ran:
    """A comparison that ran as a process, with --save-best and --json; not to be changed."""

    folder: Path
    out: str
    err: str

    @property
    def record(self):
        return json.loads((self.folder / "run" / "metrics.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def ran(made_once, phantom, shared_cache):
    def compare(folder):
        folder.mkdir()
        done = subprocess.run(
            [
                *(sys.executable, "-m", "hilum", "compare", str(phantom), "--groups", str(phantom / "table.csv")),
                *(*COMPARED, "--out", "run", "--save-best", "best", "--json"),
            ],
            cwd=folder, capture_output=True, text=True, check=False,
            env={**os.environ, "HILUM_CACHE": str(shared_cache), "HILUM_OFFLINE": "1"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        (folder / "out.txt").write_text(done.stdout, "utf-8")
        (folder / "err.txt").write_text(done.stderr, "utf-8")

    folder = made_once("compared-by-a-process", compare)
    return Ran(folder, *((folder / name).read_text("utf-8") for name in ("out.txt", "err.txt")))
