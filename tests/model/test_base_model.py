"""The base install uses a model: everything that only making one needs is made to be missing here."""

import json
import os
import subprocess
import sys

import pytest
from helpers.commands import COMMANDS
from helpers.installs import BLOCKER

# The blocker lets nothing else in; what is asked at the end is whether something was there before it.
COMMAND = (
    BLOCKER
    + COMMANDS
    + """
heavy = {"torch", "timm", "sklearn", "scipy", "pandas", "pyarrow", "matplotlib", "onnx"} & set(sys.modules)
assert not heavy, heavy
"""
)


@pytest.fixture
def base(tmp_path):
    """Runs commands, one a line, in one process of a base install."""

    def run(*commands, **environment):
        return subprocess.run(
            [sys.executable, "-c", COMMAND], cwd=tmp_path, capture_output=True, text=True, input="\n".join(commands),
            env={**os.environ, "HILUM_OFFLINE": "1", "COLUMNS": "200", **environment}, timeout=300, check=False,
        )  # fmt: skip

    return run


@pytest.fixture(scope="module")
def slices(phantom):
    return sorted((phantom / "test").rglob("*.png"))[:3]


def test_an_exported_file_answers_explains_and_is_scored_as_its_folder_is(
    base, exported, phantom_model, phantom, slices, tmp_path, own_cache
):
    files = " ".join(map(str, slices))
    done = base(
        f"predict {exported} {files} --json",
        f"predict {phantom_model} {files} --json",  # its graph is in the cache
        f"explain {exported} {slices[0]} --json --out explained.png",
        f"evaluate {exported} {phantom / 'test'} --out scored",
        HILUM_CACHE=str(own_cache),
    )
    assert done.returncode == 0, done.stderr
    of_file, of_folder, explained, scored = (part.split("\n", 1)[1] for part in done.stdout.split("## ")[1:])
    rows = [json.loads(line) for line in of_file.splitlines()]
    assert of_folder == of_file
    assert [row["path"] for row in rows] == [str(path) for path in slices]
    for row in rows:
        assert row["decision"] in ("class", "abstain", "outlier")
        assert sum(row["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert len(json.loads(explained)["neighbours"]) == 5
    assert (tmp_path / "explained.png").read_bytes().startswith(b"\x89PNG")
    assert "Evaluation: scored, without its report. This needs the package" in scored
    assert sorted(path.name for path in (tmp_path / "scored").iterdir()) == [
        "config.json", "metrics.json", "predictions.csv"
    ]  # fmt: skip


def test_a_model_folder_without_a_graph_says_what_to_install(phantom_model, slices, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", f"{BLOCKER}\nfrom hilum.cli import main\nmain()", "predict", phantom_model, slices[0]],
        env={**os.environ, "HILUM_OFFLINE": "1", "COLUMNS": "200", "HILUM_CACHE": str(tmp_path / "empty")},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert "pip install -e '.[train]'" in done.stderr
