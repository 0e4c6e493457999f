"""The base install uses a model: everything that only making one needs is made to be missing here."""

import json
import os
import subprocess
import sys

import pytest
from helpers.installs import BLOCKER

# The blocker lets nothing else in; what is asked at the end is whether something was there before it.
COMMAND = (
    BLOCKER
    + """
from hilum.cli import main
try:
    main()
finally:
    heavy = {"torch", "timm", "sklearn", "scipy", "pandas", "matplotlib", "onnx"} & set(sys.modules)
    assert not heavy, heavy
"""
)


@pytest.fixture
def base(tmp_path, shared_cache):
    """Runs a command of a base install that shares the cache of the one that trained."""

    def run(*words, **environment):
        return subprocess.run(
            [sys.executable, "-c", COMMAND, *map(str, words)], cwd=tmp_path, capture_output=True, text=True,
            env={**os.environ, "HILUM_OFFLINE": "1", "COLUMNS": "200", **environment}, timeout=300, check=False,
        )  # fmt: skip

    return run


@pytest.fixture(scope="module")
def slices(phantom):
    return sorted((phantom / "test").rglob("*.png"))[:3]


def _rows(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_exported_file_answers(base, exported, slices):
    rows = _rows(base("predict", exported, *slices, "--json"))
    assert [row["path"] for row in rows] == [str(path) for path in slices]
    for row in rows:
        assert row["decision"] in ("class", "abstain", "outlier")
        assert sum(row["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_an_exported_file_explains(base, exported, slices, tmp_path):
    done = base("explain", exported, slices[0], "--json", "--out", "explained.png")
    assert done.returncode == 0, done.stderr
    explanation = json.loads(done.stdout)
    assert len(explanation["neighbours"]) == 5
    assert (tmp_path / "explained.png").read_bytes().startswith(b"\x89PNG")


def test_a_model_folder_answers_once_its_graph_is_in_the_cache(base, phantom_model, exported, slices, shared_cache):
    from hilum.model.open import open_model

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(shared_cache))
        open_model(phantom_model)
    rows = _rows(base("predict", phantom_model, *slices, "--json", HILUM_CACHE=str(shared_cache)))
    assert rows == _rows(base("predict", exported, *slices, "--json"))


def test_a_model_folder_without_one_says_what_to_install(base, phantom_model, slices, tmp_path):
    done = base("predict", phantom_model, slices[0], "--json", HILUM_CACHE=str(tmp_path / "empty"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert "pip install -e '.[train]'" in done.stderr


def test_an_exported_file_is_scored_on_other_slices(base, exported, phantom, tmp_path):
    done = base("evaluate", exported, phantom, "--groups", phantom / "table.csv", "--out", "scored")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "scored" / "metrics.json").is_file()
