"""The notebooks of examples/: valid, kept with their outputs, free of this machine, and run on the phantom."""

import re

import nbformat
import pytest
from helpers.blocks import write_blocks
from notebooks import EXAMPLES, executed
from safetensors.torch import save_file

from hilum.backbones.network import create
from hilum.backbones.zoo import backbone

NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))
_LARGEST = 2_000_000  # characters of one output
_HERE = re.compile(r"(?<![\w.:/])/(?:home|root|tmp|Users|work|mnt|opt|var|usr)/|[A-Z]:\\\\")
TINY = "timm:resnet10t"


def _texts(notebook):
    """The source of each cell, and each output, as text."""
    for cell in notebook.cells:
        yield cell.source
        for output in cell.get("outputs", ()):
            for kind, content in output.get("data", {"text": output.get("text", "")}).items():
                if not kind.startswith("image/png"):
                    yield "".join(content)


def _check(notebook):
    """Checks that every cell ran, in order and without an error, and left something of a sane size."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [*range(1, len(code) + 1)], "run benchmarks/notebooks.py"
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]
    assert max(len(str(output)) for output in outputs) < _LARGEST
    assert any("image/png" in output.get("data", {}) for output in outputs), "figures are inline"
    assert "data:image/png" not in str(outputs), "pictures of slices are not ours to pass on"
    for text in _texts(notebook):
        assert not _HERE.search(text), text[:300]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_valid_and_kept_with_its_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert notebook.metadata.keys() == {"kernelspec", "language_info"}
    _check(notebook)


@pytest.fixture
def folders(tmp_path, phantom):
    """The phantom, slices that are unlike it, since phantoms are all alike, and weights of a tiny network."""
    elsewhere = write_blocks(tmp_path / "elsewhere", 1, {"benign": (2, 190), "malignant": (6, 90), "normal": (6, 140)})
    row = backbone(TINY)
    (tmp_path / "weights").mkdir()
    save_file(create(row, row.size, seed=0).state_dict(), tmp_path / "weights" / f"{row.tag}.safetensors")
    return {"slices": phantom, "elsewhere": elsewhere, "weights": tmp_path / "weights"}


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_the_phantom(path, folders, monkeypatch, use_shared_cache):
    monkeypatch.setenv("HILUM_OFFLINE", "1")
    models = f'["efficientnet_lite0", "{TINY}"]'
    _check(executed(path, folders, {"MODELS": models, "GROUPS": '"slices/table.csv"'}))
