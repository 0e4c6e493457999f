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
