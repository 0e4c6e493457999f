"""A head in torch: the probabilities of its arrays, and the derivatives that torch finds by itself."""

import io
import warnings

import numpy as np
import onnxruntime
import pytest
import torch
from helpers.any_heads import any_heads

from hilum.model.head import HeadNetwork

NAMES = ("linear", "kernel", "both", "hierarchical")
KNOWN, NEW = np.split(np.abs(np.random.default_rng(1).normal(size=(30, 16))).astype(np.float32), [20])


def _head(name, classes=3):
    arrays = any_heads(KNOWN, classes)[name]
    return arrays, HeadNetwork(arrays)


@pytest.mark.parametrize("name", NAMES)
def test_probabilities_are_those_of_the_arrays(name):
    arrays, network = _head(name)
    found = torch.softmax(network(torch.from_numpy(NEW)), 1).numpy()
    wanted = np.exp(arrays.logits(NEW))
    np.testing.assert_allclose(found, wanted / wanted.sum(1, keepdims=True), atol=1e-5)


@pytest.mark.parametrize("classes", [3, 4])
@pytest.mark.parametrize("name", NAMES)
def test_slopes_are_the_derivatives_that_torch_finds(name, classes):
    _, network = _head(name, classes)
    features = torch.from_numpy(NEW).requires_grad_(True)
    scores = network.scores(features)
    wanted = torch.stack(
        [torch.autograd.grad(scores[:, k].sum(), features, retain_graph=True)[0] for k in range(classes)], 1
    )
    found = network.slopes(features).expand_as(wanted)
    np.testing.assert_allclose(found.detach(), wanted, rtol=1e-3, atol=1e-4 * wanted.abs().max())


@pytest.mark.parametrize("name", NAMES[1:])
def test_without_a_linear_map_scores_are_log_odds(name):
    arrays, network = _head(name)
    shares = np.exp(arrays.logits(NEW))
    np.testing.assert_allclose(
        network.scores(torch.from_numpy(NEW)), np.log(shares / (1 - shares)), rtol=1e-3, atol=1e-3
    )


def test_a_kernel_does_not_see_a_slice_s_length():
    """So its slopes are at a right angle to the features, and its maps have a mean of 0."""
    _, network = _head("kernel")
    features = torch.from_numpy(NEW)
    np.testing.assert_allclose(network(features * 7), network(features), atol=1e-4)
    slopes = network.slopes(features)
    along = torch.einsum("ncw,nw->nc", slopes, features)
    np.testing.assert_allclose(along, 0, atol=1e-4 * (slopes.norm(dim=2) * features.norm(dim=1, keepdim=True)).max())


@pytest.mark.parametrize("name", NAMES)
def test_a_slice_of_zeros_has_finite_answers(name):
    _, network = _head(name)
    nothing = torch.zeros(1, KNOWN.shape[1])
    assert network(nothing).isfinite().all()
    assert network.slopes(nothing).isfinite().all()


class _Both(torch.nn.Module):
    def __init__(self, head):
        super().__init__()
        self.head = head

    def forward(self, features):
        return self.head(features), self.head.slopes(features)


@pytest.mark.parametrize("name", NAMES[1:])
@pytest.mark.parametrize("width", [1280, 2944])
def test_a_graph_of_a_head_of_real_size_gives_the_probabilities_of_its_arrays(name, width):
    """900 training slices, single precision in the large products; the rows stand in the file once."""
    random = np.random.default_rng(width)
    features = np.abs(random.normal(size=(920, width)) * random.random((920, 1))).astype(np.float32)
    arrays = any_heads(features[:900], 4)[name]
    network, new = _Both(HeadNetwork(arrays)).eval(), features[900:]
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, (torch.from_numpy(new[:2]),), file, input_names=["x"], dynamic_axes={"x": [0]}, dynamo=False
        )
    sizes = [value.nbytes for value in arrays.as_tensors().values()]
    assert len(file.getvalue()) < 1.2 * sum(sizes) + 100_000
    session = onnxruntime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
    logits, slopes = session.run(None, {"x": new})
    wanted = np.exp(arrays.logits(new))
    assert np.ptp(wanted) > 0.5
    np.testing.assert_allclose(np.exp(logits.astype(np.float64)), wanted, atol=2e-5)
    with torch.no_grad():
        known = network(torch.from_numpy(new))[1].numpy()
    np.testing.assert_allclose(slopes, known, atol=1e-4 * np.abs(known).max())
