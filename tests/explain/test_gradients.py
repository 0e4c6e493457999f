"""Grad-cam's library over the networks, held against the linear map and against the methods' own definitions."""

import dataclasses
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from helpers.any_heads import any_heads, linear
from helpers.model_records import save_model

from hilum.backbones.checkpoints import load_network
from hilum.backbones.network import FeatureNetwork
from hilum.backbones.weights import RANDOM, local_weights
from hilum.backbones.zoo import ZOO, backbone
from hilum.explain.gradients import ScoreNetwork, gradient_mapper, network_mapper
from hilum.heads.questions import Linear, one_question
from hilum.model import artefact
from hilum.model.artefact import Tensors
from hilum.model.network import AnswerNetwork
from hilum.model.open import open_reader

QUICK = "efficientnet_lite0"


def _scaled(values):
    """As the library scales a map: nothing negative, the lowest 0, the highest 1."""
    values = np.maximum(values, 0)
    return (values - values.min()) / (np.ptp(values) or 1)


def _square(size, seed=0):
    coarse = torch.from_numpy(np.random.default_rng(seed).random((1, 1, 9, 9)).astype(np.float32))
    return torch.nn.functional.interpolate(coarse, size=(size, size), mode="bilinear")[0, 0].numpy()


def _untrained(row, seed=0):
    """A random network of a row with a random head."""
    random = np.random.default_rng(seed)
    weights = random.normal(size=(3, row.width)).astype(np.float32)
    head = one_question((Linear(weights, np.zeros(3, np.float32)),))
    tensors = Tensors(head, 1.0, np.ones((1, row.width), np.float32))
    return FeatureNetwork(row, load_network(row, RANDOM, row.size)), tensors


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=row.name, marks=[] if row.name == QUICK else pytest.mark.slow) for row in ZOO]
)
def test_grad_cam_is_the_linear_map_without_its_negative_part(row):
    # Selvaraju et al. 2017, section 3.1: true of average pooling and a linear head.
    row = dataclasses.replace(row, size=min(row.size, 224))
    network, tensors = _untrained(row)
    square = _square(row.size)
    with torch.no_grad():
        whole = AnswerNetwork(network, tensors)(torch.from_numpy(square[None, None]))[3][0].numpy()
    mapper = network_mapper(ScoreNetwork(network, tensors), "gradcam")
    assert np.ptp(np.maximum(whole, 0), (1, 2)).max() > 0
    for number in range(3):
        np.testing.assert_allclose(mapper(square, number), _scaled(whole[number]), atol=1e-4)


def test_other_methods_follow_their_definitions():
    row = dataclasses.replace(backbone(QUICK), size=64)
    network, tensors = _untrained(row)
    square = _square(64)
    scores = ScoreNetwork(network, tensors)
    with torch.no_grad():
        last = network.maps(torch.from_numpy(square[None, None]))[-1][0].numpy()
    # The gradient of a linear head is its weights, the same at every place.
    weights = tensors.head.linear.weights[1]
    layer = _scaled(np.einsum("c,chw->hw", np.maximum(weights, 0), last))
    np.testing.assert_allclose(network_mapper(scores, "layercam")(square, 1), layer, atol=1e-4)
    products = weights[:, None, None] * last
    for method in ("hirescam", "xgradcam"):  # which a linear head makes the same
        np.testing.assert_allclose(network_mapper(scores, method)(square, 1), _scaled(products.sum(0)), atol=1e-3)
    apart = _scaled(np.maximum(products, 0).sum(0))
    np.testing.assert_allclose(network_mapper(scores, "gradcamelementwise")(square, 1), apart, atol=1e-4)
    twice = network_mapper(scores, "gradcam++")(square, 1)
    assert (twice.shape, twice.min(), twice.max()) == (last.shape[1:], 0, pytest.approx(1, abs=1e-5))


def test_score_cam_weighs_channels_by_what_they_leave_and_shows_progress(capfd):
    row = dataclasses.replace(backbone(QUICK), size=64)
    network, tensors = _untrained(row)
    scores, square, steps = ScoreNetwork(network, tensors), _square(64), []

    @contextmanager
    def track(title, total):
        steps.append((title, total))
        yield lambda: steps.append(1)

    found = network_mapper(scores, "scorecam", track)(square, 2)
    assert steps == [("scorecam", 81)] + [1] * 81
    assert capfd.readouterr().err == ""
    with torch.no_grad():
        last = network.maps(torch.from_numpy(square[None, None]))[-1]
        wide = torch.nn.functional.interpolate(last, (64, 64), mode="bilinear", align_corners=True)[0]
        low, high = wide.amin((1, 2), keepdim=True), wide.amax((1, 2), keepdim=True)
        masked = torch.from_numpy(square) * (wide - low) / (high - low + 1e-8)
        left = torch.cat([scores(part[:, None])[:, 2] for part in masked.split(64)])
        wanted = (torch.softmax(left, 0)[:, None, None] * last[0]).sum(0).numpy()
    np.testing.assert_allclose(found, _scaled(wanted), atol=1e-3)


def test_the_network_is_left_as_it_was():
    row = dataclasses.replace(backbone(QUICK), size=64)
    scores = ScoreNetwork(*_untrained(row))
    for method in ("gradcam", "gradcamelementwise", "hirescam", "layercam", "xgradcam"):
        network_mapper(scores, method)(_square(64), 0)
    assert not any(module._forward_hooks for module in scores.modules())
    assert not any(parameter.requires_grad for parameter in scores.parameters())


def test_the_folder_s_network_gives_what_the_last_scale_adds_to_the_model_s_map(model, tmp_path):
    known, random = artefact.load_model(model), np.random.default_rng(0)
    record = known.facts.as_json()
    record["head"] = {"kind": "logistic", "scales": "both", "width": 112 + 1280}
    head = one_question((linear(random, 4, 112 + 1280),))
    folder = save_model(tmp_path / "model", record, dataclasses.replace(known.tensors, head=head))
    reader, loaded = open_reader(folder), artefact.load_model(folder)
    row, square = backbone(QUICK), _square(reader.facts.preparation.size, 3)
    network = FeatureNetwork(row, load_network(row, local_weights(row, None), row.size), scales="both")
    with torch.no_grad():
        fine, last = (each[0].numpy() for each in network.maps(torch.from_numpy(square[None, None])))
    weights = loaded.tensors.head.linear.weights
    own, earlier = weights[:, -row.width :], weights[:, : -row.width]
    added = np.einsum("cf,fhw->chw", own, last)
    mapper = gradient_mapper(folder, None, "gradcam")
    for number in range(4):
        np.testing.assert_allclose(mapper(square, number), _scaled(added[number]), atol=1e-3)
    # The whole map is on the finer grid and has both scales' means.
    whole = reader.read(square[None]).maps[0]
    assert whole.shape[1:] == fine.shape[1:]
    expected = added.mean((1, 2)) + earlier @ fine.mean((1, 2))
    np.testing.assert_allclose(whole.mean((1, 2)), expected, rtol=0, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("name", ["linear", "kernel", "hierarchical"])
def test_maps_of_a_head_on_the_earlier_scale_alone(name):
    """Hires-CAM of the library is the positive part of the map that comes with the answer."""
    row = dataclasses.replace(backbone(QUICK), size=64)
    network = FeatureNetwork(row, load_network(row, local_weights(row, None), row.size), scales="earlier")
    squares = [_square(64, seed) for seed in range(6)]
    with torch.no_grad():
        pictures = torch.from_numpy(np.stack(squares)[:, None])
        features = network(pictures).numpy()
        tensors = Tensors(any_heads(features[1:])[name], 1.0, np.ones((1, row.width), np.float32))
        own = AnswerNetwork(network, tensors)(pictures[:1])[3][0].numpy()
    for number in range(3):
        found = network_mapper(ScoreNetwork(network, tensors), "hirescam")(squares[0], number)
        np.testing.assert_allclose(found, _scaled(own[number]), atol=1e-3)
    for method in ("gradcam", "layercam"):
        assert network_mapper(ScoreNetwork(network, tensors), method)(squares[0], 0).shape == own.shape[1:]
