"""A copy of the trained model that a test may change, and a tiny one that needs no training."""

import shutil

import pytest
from helpers.model_records import tiny_model


@pytest.fixture
def model(phantom_model, tmp_path):
    return shutil.copytree(phantom_model, tmp_path / "model")


@pytest.fixture
def tiny(tmp_path):
    """A model folder of a few hundred bytes, which loads and never runs."""
    return tiny_model(tmp_path / "tiny")


@pytest.fixture
def own_cache(phantom_model, shared_cache, tmp_path, monkeypatch):
    """A cache that a test may damage, with the trained model's graph and its backbone's weights in it."""
    from hilum.model.open import open_reader

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(shared_cache))
        open_reader(phantom_model)
    for name in ("models", "weights"):
        shutil.copytree(shared_cache / name, tmp_path / "cache" / name)
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"
