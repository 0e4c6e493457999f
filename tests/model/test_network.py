import numpy as np
import pytest
import torch
from helpers.any_heads import any_heads
from scipy.special import softmax
from sklearn.neighbors import NearestNeighbors

from hilum.backbones.network import FeatureNetwork, create
from hilum.backbones.zoo import backbone
from hilum.heads.questions import Linear, one_question
from hilum.model.artefact import Tensors
from hilum.model.network import OUTPUTS, AnswerNetwork
from hilum.trust.outliers import outlier_scores, unit_length


@pytest.fixture(scope="module")
def features():
    known = backbone("timm:resnet10t")
    return FeatureNetwork(known, create(known, 64), scales="both")


@pytest.mark.parametrize("trained_on", [3, 12])  # fewer training slices than are named, and more
def test_every_output_is_what_numpy_makes_of_the_features(features, trained_on):
    random = np.random.default_rng(0)
    pictures = torch.from_numpy(random.random((trained_on + 4, 1, 64, 64), np.float32))
    every = features(pictures).numpy()
    last = every[:, -512:]
    weights, offsets = random.normal(size=(3, every.shape[1])).astype(np.float32), np.float32([0.5, -0.5, 0])
    head = one_question((Linear(weights, offsets),))
    network = AnswerNetwork(features, Tensors(head, 1.5, unit_length(last[:trained_on])))

    found = dict(zip(OUTPUTS, (output.numpy() for output in network(pictures[trained_on:])), strict=True))

    new = every[trained_on:]
    np.testing.assert_allclose(found["features"], new, rtol=1e-4, atol=1e-5)
    logits = new @ weights.T + offsets
    np.testing.assert_allclose(found["probabilities"], softmax(logits / 1.5, 1), atol=1e-4)
    np.testing.assert_allclose(found["map"].mean((2, 3)) + offsets, logits, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(found["outlier_score"], outlier_scores(last[:trained_on], last[trained_on:]), rtol=1e-4)
    nearest = NearestNeighbors(n_neighbors=min(5, trained_on)).fit(unit_length(last[:trained_on]))
    distances, places = nearest.kneighbors(unit_length(last[trained_on:]))
    np.testing.assert_allclose(found["distances"], distances, rtol=1e-4)
    np.testing.assert_array_equal(found["neighbours"], places)


@pytest.mark.parametrize("scales", ["last", "earlier", "both"])
@pytest.mark.parametrize("name", ["linear", "kernel", "both", "hierarchical"])
def test_any_head_on_any_scales_has_probabilities_and_a_map_of_its_slopes(scales, name):
    """Each place's share of a class's log odds is the slope times the activations there (HiResCAM)."""
    known = backbone("timm:resnet10t")
    body = FeatureNetwork(known, create(known, 64), scales)
    pictures = torch.from_numpy(np.random.default_rng(3).random((8, 1, 64, 64), np.float32))
    features = body(pictures).numpy()
    head = any_heads(features)[name]
    last = FeatureNetwork(known, body.body)(pictures).numpy()
    network = AnswerNetwork(body, Tensors(head, 2.0, unit_length(last)))
    found = dict(zip(OUTPUTS, network(pictures), strict=True))
    np.testing.assert_allclose(found["features"], features, atol=1e-5)
    np.testing.assert_allclose(found["probabilities"], softmax(head.logits(features) / 2, 1), atol=1e-4)
    np.testing.assert_array_equal(found["neighbours"][:, 0], range(8))  # in the last scale, whatever the head sees
    maps = body.chosen(body.maps(pictures))
    slopes = network.head.slopes(torch.from_numpy(features)).expand(8, 3, -1)
    sums = torch.einsum("ncw,nw->nc", slopes, torch.from_numpy(features))
    largest = float((slopes.abs() * torch.from_numpy(features)[:, None]).sum(2).max())
    np.testing.assert_allclose(found["map"].mean((2, 3)), sums, atol=1e-5 * largest)
    if len(maps) == 1:
        places = torch.einsum("ncw,nwhv->nchv", slopes, maps[0])
        np.testing.assert_allclose(found["map"], places, atol=1e-4 * float(places.abs().max()))
