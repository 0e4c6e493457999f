import numpy as np
import pytest
from helpers.brightness import write_model
from helpers.evaluation_facts import FACTS, RIGHT
from PIL import Image

from hilum.evaluation.evaluate import evaluate_model
from hilum.model.reader import Reader
from hilum.slices.table import read_labelled


@pytest.fixture
def model(tmp_path):
    return write_model(tmp_path / "model.onnx", **FACTS)


@pytest.fixture
def reader(model):
    return Reader(model, 1)


@pytest.fixture
def folder(tmp_path):
    """Flat pictures whose brightness is their class, each with a mark of its own so that none is another's copy."""

    def write(**levels):
        random = np.random.default_rng(0)
        for label, values in levels.items():
            for number, level in enumerate(values):
                path = tmp_path / "slices" / label.replace("_", " ") / f"{number}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                noise = random.integers(-3, 4, (60, 60)) + random.integers(-20, 21, (4, 4)).repeat(15, 0).repeat(15, 1)
                Image.fromarray((level + noise).clip(0, 255).astype(np.uint8)).save(path)
        return tmp_path / "slices"

    return write


@pytest.fixture
def evaluation(reader, folder):
    """One of eleven slices is called wrong, one is a copy."""
    place = folder(**{**RIGHT, "dark": [*RIGHT["dark"], 215]})
    (place / "grey" / "copy.png").write_bytes((place / "grey" / "1.png").read_bytes())
    return evaluate_model(reader, read_labelled(place))
