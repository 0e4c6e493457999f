import pytest
from helpers.brightness import write_model
from helpers.run_folders import write_runs
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


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """A folder of runs, and of what looks like runs."""
    return write_runs(tmp_path_factory.mktemp("runs"))
