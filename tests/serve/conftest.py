import pytest
from helpers.brightness import write_model
from helpers.uploads import client_of


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    """A model of three classes that judges by mean brightness."""
    return write_model(tmp_path_factory.mktemp("served") / "model.onnx")


@pytest.fixture(scope="session")
def client(tiny_model):
    """A client of a server that many tests share."""
    with client_of(tiny_model) as client:
        yield client
