"""One small comparison on phantom slices, made once and read by many tests."""

import shutil

import pytest

import hilum

MODELS = ["cnn", "efficientnet_lite0", "vgg16"]  # without a network, the last is not to be had


@pytest.fixture(scope="session")
def phantom(tmp_path_factory):
    folder = tmp_path_factory.mktemp("comparison") / "phantom"
    hilum.write_phantom(folder, 48, 0)
    return folder


@pytest.fixture(scope="session")
def comparison_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("comparison-cache")


@pytest.fixture(scope="session")
def phantom_table(phantom, comparison_cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(comparison_cache))
        return hilum.read_table(phantom, groups=phantom / "table.csv")  # so alike are phantoms that folds need ids


@pytest.fixture(scope="session")
def compared(phantom_table, comparison_cache):
    """The comparison; not to be changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(comparison_cache))
        patch.setenv("HILUM_OFFLINE", "1")
        return hilum.compare(phantom_table, MODELS, cnn_epochs=2)


@pytest.fixture
def used_cache(comparison_cache, tmp_path, monkeypatch):
    """The cache as that comparison left it, a copy of one's own."""
    shutil.copytree(comparison_cache, tmp_path / "used-cache")
    monkeypatch.setenv("HILUM_CACHE", str(tmp_path / "used-cache"))
