"""Weights files of every form: what is read of them, converted, copied and refused."""

import os
import re

import pytest
import timm
import torch
import torchvision
from helpers.weights_files import in_torch_cache, written
from safetensors.torch import load_file, save_file

from hilum.backbones.checkpoints import as_safetensors, check_weights, load_network, pull_weights
from hilum.backbones.network import create, feature_tensors
from hilum.backbones.weights import NoWeights, Weights, local_weights, obtain_weights
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.storage import cache_folder

LITE0 = backbone("efficientnet_lite0")
VGG16 = backbone("vgg16")
XCEPTION = backbone("xception")
SMALL = backbone("timm:resnet10t")


def test_torchvisions_densenet_is_converted_once(hub):
    row = backbone("densenet121")
    original = torchvision.models.densenet121().state_dict()
    old = {  # the published file has older names, and no counters
        re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", name): value
        for name, value in original.items()
        if not name.endswith("num_batches_tracked")
    }
    assert not old.keys() <= original.keys()
    path = in_torch_cache(row.checkpoint)
    torch.save(old, path)
    weights = local_weights(row, None)
    converted = as_safetensors(row, weights)
    assert converted.parent == cache_folder() / "weights"
    tensors = load_file(converted)
    wanted = feature_tensors(create(row, 224))
    assert wanted.keys() <= tensors.keys()
    assert all(torch.equal(tensors[name], original[name]) for name in wanted)
    written = converted.stat().st_mtime_ns
    assert as_safetensors(row, weights) == converted
    assert converted.stat().st_mtime_ns == written
    loaded = feature_tensors(load_network(row, weights, 224))
    assert all(torch.equal(loaded[name], original[name]) for name in wanted)


def test_a_changed_checkpoint_is_converted_anew(hub):
    row = backbone("timm:resnet10t")
    for seed in (0, 1):
        torch.manual_seed(seed)
        state = timm.create_model("resnet10t").state_dict()
        torch.save(state, in_torch_cache("resnet10t_176_c3-f3215ab1.pth"))
        loaded = load_network(row, local_weights(row, None), 64)
        assert torch.equal(loaded.conv1[0].weight, state["conv1.0.weight"])


def test_xceptions_pth_loads(hub):
    torch.manual_seed(0)
    state = timm.create_model("legacy_xception").state_dict()
    torch.save(state, in_torch_cache("xception-43020ad28.pth"))
    loaded = feature_tensors(load_network(XCEPTION, local_weights(XCEPTION, None), 299))
    assert all(torch.equal(tensor, state[name]) for name, tensor in loaded.items())


class _Code:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.mkdir, (str(self.target),)


@pytest.mark.parametrize("place", ["torch cache", "package"])
def test_a_pickle_with_code_is_refused_and_not_run(hub, tmp_path, place):
    row = SMALL if place == "torch cache" else LITE0
    traces = tmp_path / "was-run"
    path = tmp_path / "checkpoint-12345678.pth"
    torch.save({"conv1.0.weight": torch.zeros(1), "code": _Code(traces)}, path)
    with pytest.raises(HilumError, match=re.escape(str(path))) as raised:
        as_safetensors(row, Weights(place, path))
    assert "\n" not in str(raised.value)
    assert "weights_only=False" not in str(raised.value)  # torch's advice
    assert "to `False`" not in str(raised.value)
    assert not traces.exists()
    assert not (cache_folder() / "weights").exists()
    torch.load(path, weights_only=False)
    assert traces.exists()  # the code would have left its trace


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: b"not a checkpoint",
        lambda data: data[: len(data) // 2],
    ],
    ids=["empty", "text", "half"],
)
def test_a_damaged_checkpoint_is_named(hub, spoil):
    path = in_torch_cache("resnet10t_176_c3-f3215ab1.pth")
    torch.save(timm.create_model("resnet10t").state_dict(), path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(HilumError, match=re.escape(str(path))) as raised:
        load_network(SMALL, local_weights(SMALL, None), 64)
    assert SMALL.tag in str(raised.value)


def test_a_checkpoint_of_another_network_is_refused(hub):
    path = in_torch_cache("resnet10t_176_c3-f3215ab1.pth")
    torch.save(timm.create_model("resnet14t").state_dict(), path)
    with pytest.raises(HilumError, match=re.escape(str(path))) as raised:
        load_network(SMALL, local_weights(SMALL, None), 64)
    assert "\n" not in str(raised.value)  # torch lists every tensor, a line each


@pytest.fixture
def own(tmp_path):
    """A folder with random weights of the small network, and its file there."""
    network = timm.create_model("resnet10t")
    path = tmp_path / "own" / f"{SMALL.tag}.safetensors"
    path.parent.mkdir()
    save_file(network.state_dict(), path)
    return path


@pytest.mark.parametrize(
    "spoil",
    [lambda data: b"", lambda data: data[:1000], lambda data: data[: len(data) // 2], lambda data: b"x" * 5000],
    ids=["empty", "header", "half", "noise"],
)
def test_damaged_safetensors_are_named(own, spoil):
    own.write_bytes(spoil(own.read_bytes()))
    with pytest.raises(HilumError, match=re.escape(str(own))):
        load_network(SMALL, local_weights(SMALL, own.parent), 64)
    with pytest.raises(HilumError, match=re.escape(str(own))):
        check_weights(SMALL, own)


def test_incomplete_safetensors_name_file_and_tensor(own):
    tensors = load_file(own)
    del tensors["layer1.0.conv1.weight"]
    save_file(tensors, own)
    with pytest.raises(HilumError, match=r"layer1\.0\.conv1\.weight") as raised:
        load_network(SMALL, local_weights(SMALL, own.parent), 64)
    assert str(own) in str(raised.value)


# ----------------------------------------------------------------------------------------------------- pulling


def test_pulling_fills_a_folder_that_then_serves(hub, tmp_path, monkeypatch, cut_off):
    target = tmp_path / "new" / "folder"
    path, origin = pull_weights(LITE0, target, None)
    assert (path, origin) == (target / "tf_efficientnet_lite0.in1k.safetensors", "package")
    assert [file.name for file in target.iterdir()] == [path.name]
    before = path.stat().st_mtime_ns
    assert pull_weights(LITE0, target, None) == (path, "folder")
    assert path.stat().st_mtime_ns == before
    from_package = feature_tensors(load_network(LITE0, local_weights(LITE0, None), 224))
    from_folder = feature_tensors(load_network(LITE0, local_weights(LITE0, target), 224))
    assert all(torch.equal(from_package[name], from_folder[name]) for name in from_package)
    assert cut_off == []


def test_pulling_copies_from_another_folder(hub, own, tmp_path):
    path, origin = pull_weights(SMALL, tmp_path / "target", own.parent)
    assert origin == "folder"
    assert path.read_bytes() == own.read_bytes()


def test_pulling_checks_what_is_there_and_leaves_it(hub, tmp_path):
    path = written(tmp_path / f"{SMALL.tag}.safetensors", b"damaged")
    with pytest.raises(HilumError, match=re.escape(str(path))):
        pull_weights(SMALL, tmp_path, None)
    assert path.read_bytes() == b"damaged"


def test_pulling_what_cannot_be_had_makes_no_folder(hub, tmp_path, cut_off):
    with pytest.raises(NoWeights):
        pull_weights(VGG16, tmp_path / "target", None)
    assert not (tmp_path / "target").exists()


# ------------------------------------------------------------------------------------------------ real weights


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("xception", "c638c058521a5ed8c4175137f41dda77cb1ba87a2608f82165344a1e74d060cb"),
        ("densenet169", "7b7a4a3d3363a1ba28e38a5cb5c09a6dfcbb6aff7323e74d8c3857ba2f9169f8"),
    ],
)
def test_real_weights_load(weights_folder, name, digest):
    row = backbone(name)
    weights = obtain_weights(row, weights_folder)
    assert (weights.origin, weights.digest) == ("folder", digest)
    tensors = load_file(weights.path)
    loaded = feature_tensors(load_network(row, weights, row.size))
    assert all(torch.equal(tensor, tensors[name].float()) for name, tensor in loaded.items())
