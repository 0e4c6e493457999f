"""What docs/split.md shows of training elsewhere, as it stands; Keras and AutoGluon are not installed here."""

import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

import hilum

PAGE = Path(__file__).resolve().parents[2] / "docs" / "split.md"


@pytest.fixture
def blocks(phantom, phantom_table, tmp_path, monkeypatch, use_shared_cache):
    """The page's blocks of Python, in a folder with the slices and their split, and the first of training run."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(phantom, "slices")
    hilum.split(phantom_table).save("split.csv")
    _, first, *recipes = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names = {"Image": Image}
    exec(first, names)
    return names, recipes


def test_torch_reads_the_slices_of_a_split(blocks):
    from torch.utils.data import DataLoader
    from torchvision.transforms import v2

    names, (_, torch, _) = blocks
    names["transform"] = v2.Compose([v2.Resize((32, 32)), v2.PILToTensor()])
    exec(torch, names)
    pictures, labels = next(iter(DataLoader(names["data"], batch_size=4)))
    assert pictures.shape == (4, 3, 32, 32)
    assert len(names["data"]) == len(names["train"])
    assert [names["classes"][label] for label in labels] == list(names["train"]["label"][:4])


def test_autogluon_is_given_paths_that_are_there(blocks):
    names, (_, _, autogluon) = blocks
    exec(autogluon.splitlines()[0], names)
    for part in ("train", "valid", "test"):
        assert list(names[part].columns) == ["file", "label"]
        assert all(Path(path).is_file() for path in names[part]["file"])
