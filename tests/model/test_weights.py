"""The backbone's weights: only those that a model was trained with, in whatever file they come."""

import shutil

import numpy as np
import pytest
from helpers.model_records import NAME
from safetensors.numpy import load_file, save_file

from hilum.backbones.checkpoints import as_safetensors
from hilum.backbones.weights import Weights, local_weights
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.model.artefact import load_model
from hilum.model.open import open_reader
from hilum.model.weights import tensors_digest, weights_of
from hilum.storage import sha256_of_file

ROW = backbone(NAME)
GREYS = np.random.default_rng(0).random((2, ROW.size, ROW.size), np.float32)


@pytest.fixture(scope="module")
def packaged(shared_cache):
    """The weights that come in a package, as safetensors."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_CACHE", str(shared_cache))
        return as_safetensors(ROW, local_weights(ROW, None))


@pytest.fixture
def same(packaged, tmp_path):
    """The same tensors in another file: other metadata, other order, a classifier that no feature needs."""
    folder = tmp_path / "same"
    folder.mkdir()
    tensors = {**load_file(packaged), "classifier.bias": np.zeros(3, np.float32)}
    save_file(tensors, folder / f"{ROW.tag}.safetensors", {"format": "np"})
    assert sha256_of_file(folder / f"{ROW.tag}.safetensors") != sha256_of_file(packaged)
    return folder


@pytest.fixture
def others(packaged, tmp_path):
    folder = tmp_path / "others"
    folder.mkdir()
    tensors = load_file(packaged)
    tensors["conv_stem.weight"] = tensors["conv_stem.weight"] * np.float32(1.0001)
    save_file(tensors, folder / f"{ROW.tag}.safetensors")
    return folder


def test_the_same_tensors_in_another_file_are_accepted(phantom_model, same, own_cache):
    wanted = open_reader(phantom_model).read(GREYS)
    np.testing.assert_array_equal(open_reader(phantom_model, same).read(GREYS).distances, wanted.distances)
    shutil.rmtree(own_cache / "models")  # from here on the graph is made of the other file
    np.testing.assert_array_equal(open_reader(phantom_model, same).read(GREYS).distances, wanted.distances)


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("by", ["option", "variable"])
def test_other_weights_are_refused_by_name(phantom_model, others, request, monkeypatch, cached, by):
    if cached:
        request.getfixturevalue("own_cache")
    if by == "variable":
        monkeypatch.setenv("HILUM_WEIGHTS", str(others))
    with pytest.raises(HilumError, match=rf"{ROW.tag}\.safetensors holds other weights of {ROW.tag} than"):
        open_reader(phantom_model, others if by == "option" else None)


@pytest.mark.parametrize("cached", [False, True])
def test_a_weights_folder_that_is_not_there_is_told(phantom_model, request, tmp_path, cached):
    if cached:
        request.getfixturevalue("own_cache")
    with pytest.raises(HilumError, match="does not exist"):
        open_reader(phantom_model, tmp_path / "nowhere")


def test_a_weights_folder_without_this_backbone_is_passed_over(phantom_model, own_cache, tmp_path):
    (tmp_path / "empty").mkdir()
    open_reader(phantom_model, tmp_path / "empty")  # the graph is in the cache
    assert weights_of(load_model(phantom_model), tmp_path / "empty").origin == "package"


def test_the_digest_of_the_tensors_is_kept(packaged, same):
    weights = Weights("folder", same / f"{ROW.tag}.safetensors")
    first = tensors_digest(ROW, weights)
    assert first == tensors_digest(ROW, Weights("folder", packaged)) != weights.digest
    weights.path.unlink()
    assert tensors_digest(ROW, weights) == first
