import numpy as np
import pytest
from helpers.brightness import write_model
from PIL import Image

from hilum.model.reader import Reader


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("model") / "model.onnx")


@pytest.fixture(scope="session")
def reader(model):
    return Reader(model, 1)


@pytest.fixture(scope="session")
def picture():
    """Writes a flat picture: `picture(path, level)`, level of 255."""

    def write(path, level, **options):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((30, 40), level, np.uint8)).save(path, **{"format": "PNG", **options})
        return path

    return write
