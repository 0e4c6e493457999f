import pytest

import hilum
from hilum.training.fitting import train_model


@pytest.fixture(scope="session")
def slices(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain") / "slices"
    hilum.write_phantom(folder, 60, 0)
    return folder


@pytest.fixture(scope="session")
def trained(slices, shared_cache):
    """A model of the phantom, with thumbnails."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(shared_cache))
        table = hilum.read_table(slices, groups=slices / "table.csv")
        trained = train_model(table, "efficientnet_lite0", with_thumbnails=True)
        return trained.save(slices.parent / "model")


@pytest.fixture
def model(trained, shared_cache, monkeypatch):
    """The model folder, its graph in a cache that tests share."""
    monkeypatch.setenv("HILUM_CACHE", str(shared_cache))
    return trained


@pytest.fixture(scope="session")
def exported(trained, shared_cache):
    """The model as one ONNX file."""
    from hilum.model.artefact import load_model
    from hilum.model.export import onnx_bytes
    from hilum.model.weights import weights_of

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(shared_cache))
        loaded = load_model(trained)
        path = trained.parent / "model.onnx"
        path.write_bytes(onnx_bytes(loaded, weights_of(loaded, None)))
        return path
