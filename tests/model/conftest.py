"""One model trained on phantom slices, made once and read by many tests, and a tiny one that needs no training."""

import shutil

import pytest
from helpers.model_records import NAME, tiny_model

import hilum
from hilum.audit.audit import run_audit
from hilum.model.artefact import load_model
from hilum.model.export import onnx_bytes
from hilum.model.weights import weights_of
from hilum.training.fitting import train_model


@pytest.fixture(scope="session")
def phantom(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "phantom"
    hilum.write_phantom(folder, 60, 0)
    return folder


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory):
    """The cache that the model was trained with; tests that only read may share it."""
    return tmp_path_factory.mktemp("model-cache")


@pytest.fixture(scope="session")
def phantom_table(phantom, model_cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(model_cache))
        return hilum.read_table(phantom, groups=phantom / "table.csv")


@pytest.fixture(scope="session")
def phantom_audit(phantom_table, model_cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(model_cache))
        return run_audit(phantom_table, negative="normal")


@pytest.fixture(scope="session")
def trained(phantom_table, phantom_audit, model_cache):
    """What training gives, not yet saved; not to be changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(model_cache))
        patch.setenv("HILUM_OFFLINE", "1")
        return train_model(phantom_table, NAME, audited=phantom_audit, command="hilum train phantom")


@pytest.fixture(scope="session")
def phantom_model(trained, tmp_path_factory):
    """Its folder, as it was written."""
    return trained.save(tmp_path_factory.mktemp("models") / "model")


@pytest.fixture
def model(phantom_model, tmp_path):
    """A copy of the folder that a test may change."""
    return shutil.copytree(phantom_model, tmp_path / "model")


@pytest.fixture
def shared_model_cache(model_cache, monkeypatch):
    monkeypatch.setenv("HILUM_CACHE", str(model_cache))


@pytest.fixture(scope="session")
def exported(phantom_model, model_cache, tmp_path_factory):
    """The model as one file."""
    path = tmp_path_factory.mktemp("exported") / "model.onnx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(model_cache))
        patch.setenv("HILUM_OFFLINE", "1")
        loaded = load_model(phantom_model)
        path.write_bytes(onnx_bytes(loaded, weights_of(loaded, None)))
    return path


@pytest.fixture
def tiny(tmp_path):
    """A model folder of a few hundred bytes, which loads and never runs."""
    return tiny_model(tmp_path / "tiny")
