"""Pooled features, beside timm's own `forward_features`; loading weights."""

import numpy as np
import pytest
import timm
import torch

from hilum.backbones.network import FeatureNetwork, create, feature_tensors, load_features
from hilum.backbones.zoo import ZOO, backbone
from hilum.errors import HilumError

SIDE = 96
each_row = pytest.mark.parametrize("row", ZOO, ids=lambda row: row.name)


@pytest.fixture
def grey():
    return torch.rand(2, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0))


def _network(row, size=SIDE):
    return FeatureNetwork(row, create(row, size))


def _close(values, expected):
    np.testing.assert_allclose(values.numpy(), expected.numpy(), rtol=1e-4, atol=1e-6)


@each_row
def test_features_are_means_of_maps(row, grey):
    """Of `forward_features` and, with two scales, of the stage before the last."""
    network = _network(row)
    both = FeatureNetwork(row, network.body, "both")
    before = FeatureNetwork(row, network.body, "earlier")
    pictures = torch.stack([(grey[:, 0] - row.mean[band]) / row.std[band] for band in range(3)], dim=1)
    with torch.inference_mode():
        last = network.body.forward_features(pictures)
        earlier = network.body.forward_intermediates(pictures, indices=2, intermediates_only=True)[0]
        features = network(grey)
        fine, coarse = both.maps(grey)
        two = both(grey)
        one = before(grey)
    assert last.ndim == 4
    assert features.shape == (2, row.width)
    assert not torch.allclose(features[0], features[1])
    _close(features, last.mean((2, 3)))
    _close(coarse, last)
    _close(fine, earlier)
    _close(two, torch.cat([earlier.mean((2, 3)), features], 1))
    _close(one, earlier.mean((2, 3)))
    assert fine.shape[2] > coarse.shape[2]


@pytest.mark.parametrize(("name", "scales"), [("timm:vit_tiny_patch16_224", 1), ("timm:resnet10t", 2)])
def test_which_networks_have_two_scales_is_known_before_they_are_made(name, scales):
    assert backbone(name).scales == scales


def test_the_network_is_frozen_and_its_batch_norm_at_rest(grey):
    network = _network(backbone("resnet50"))
    assert not any(module.training for module in network.modules())
    assert not any(parameter.requires_grad for parameter in network.parameters())
    together = network(grey)
    _close(together[:1], network(grey[:1]))  # a slice's features do not depend on its neighbours


@pytest.mark.parametrize(
    ("name", "size"), [("swin_tiny_patch4_window7_224", 224), ("vit_tiny_patch16_224", 224), ("mambaout_femto", 96)]
)
def test_networks_of_other_layouts_average_over_space(name, size):
    row = backbone(f"timm:{name}")
    network = _network(row, size)
    grey = torch.rand(1, 1, size, size, generator=torch.Generator().manual_seed(1))
    pictures = torch.cat([(grey - row.mean[band]) / row.std[band] for band in range(3)], dim=1)
    with torch.inference_mode():
        maps = network.body.forward_features(pictures)
        features = network(grey)
    if maps.ndim == 3:  # a ViT's class token comes first and stands for no place
        assert maps.shape[1] == 1 + (size // 16) ** 2
        expected = maps[:, 1:].mean(1)
    else:  # [n, height, width, channels]
        assert maps.shape[3] == row.width
        expected = maps.mean((1, 2))
    assert features.shape == (1, row.width)
    _close(features, expected)


def test_networks_of_one_size_are_built_for_another():
    row = backbone("timm:vit_tiny_patch16_224")
    features = _network(row, 96)(torch.zeros(1, 1, 96, 96))
    assert features.shape == (1, 192)


def test_random_weights_follow_the_seed_and_leave_the_generator_alone():
    row = backbone("efficientnet_lite0")
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, same, other = (create(row, 64, seed).conv_stem.weight for seed in (1, 1, 2))
    assert torch.equal(torch.rand(1), expected)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


@each_row
def test_feature_tensors_are_those_that_features_depend_on(row):
    """Every parameter among them gets a gradient from the features, and every other one gets none."""
    with torch.device("meta"):
        network = timm.create_model(row.tag.partition(".")[0], pretrained=False, num_classes=10)
        names = feature_tensors(network)
        network.eval()
        maps = network.forward_features(torch.rand(1, 3, SIDE, SIDE))
        torch.autograd.backward(maps.mean((2, 3)).square().sum())
    for name, parameter in network.named_parameters():
        assert (parameter.grad is not None) == (name in names), name
    assert not any("num_batches_tracked" in name for name in names)
    assert any("running_var" in name for name in names) or row.name in ("vgg16", "convnext_tiny")


@pytest.fixture
def tensors():
    network = timm.create_model("resnet10t", pretrained=False)
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


@pytest.fixture
def network():
    return create(backbone("timm:resnet10t"), 96, seed=3)


def test_loading_fills_every_feature_tensor(network, tensors):
    assert "fc.weight" in tensors
    load_features(network, tensors, "a.safetensors")
    for name, tensor in feature_tensors(network).items():
        assert torch.equal(tensor, tensors[name]), name


def test_loading_accepts_half_precision_and_needs_no_classifier(network, tensors):
    halves = {name: tensor.half() for name, tensor in tensors.items() if not name.startswith("fc")}
    load_features(network, halves, "a.safetensors")
    for name, tensor in feature_tensors(network).items():
        assert tensor.dtype == torch.float32
        assert torch.equal(tensor, halves[name].float()), name


@pytest.mark.parametrize("missing", ["conv1.0.weight", "layer4.0.bn2.running_var"])
def test_loading_names_what_is_missing(network, tensors, missing):
    del tensors[missing]
    with pytest.raises(HilumError, match=rf"a\.safetensors lacks 1 of \d+ feature tensors.* {missing}"):
        load_features(network, tensors, "a.safetensors")


def test_loading_names_what_has_another_shape_and_loads_nothing(network, tensors):
    before = {name: tensor.clone() for name, tensor in feature_tensors(network).items()}
    tensors["layer2.0.conv1.weight"] = tensors["layer2.0.conv1.weight"][:5]
    with pytest.raises(HilumError, match=r"layer2\.0\.conv1\.weight of shape \(5, 64, 3, 3\)"):
        load_features(network, tensors, "a.safetensors")
    assert all(torch.equal(tensor, before[name]) for name, tensor in feature_tensors(network).items())
