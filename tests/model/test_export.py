"""The exported graph against torch, for every backbone of the zoo."""

import dataclasses
import json

import numpy as np
import onnxruntime
import pytest
import torch
from helpers.model_records import record_for
from sklearn.linear_model import LogisticRegression

from hilum.backbones.checkpoints import load_network
from hilum.backbones.network import FeatureNetwork
from hilum.backbones.weights import RANDOM, local_weights
from hilum.backbones.zoo import ZOO
from hilum.heads.questions import Linear, one_question
from hilum.model.artefact import Tensors
from hilum.model.export import to_onnx
from hilum.model.facts import parse_facts
from hilum.model.network import OUTPUTS, AnswerNetwork
from hilum.model.reader import Reader
from hilum.trust.outliers import unit_length

CLASSES = ("a", "b", "c")
QUICK = "efficientnet_lite0"
SIZES = {QUICK: 224, "inception_v3": 224, "efficientnet_v2_l": 160}  # pixels; on less, rounding grows in these


def _pictures(n, size, seed):
    """Blurred noise in three kinds: dark, bright, striped."""
    random = np.random.default_rng(seed)
    kinds = np.arange(n) % 3
    coarse = random.random((n, 1, 14, 14)).astype(np.float32)
    pictures = torch.nn.functional.interpolate(torch.from_numpy(coarse), size=(size, size), mode="bilinear").numpy()
    pictures = pictures * np.where(kinds == 0, 0.4, 0.9).astype(np.float32)[:, None, None, None]
    pictures[kinds == 2, :, ::8] = 1
    return pictures, kinds


def _randomise_norms(body, pictures, network):
    """Statistics of batch norms as these pictures make them, shaken, so that folding them is put to the test.

    Each norm sees what the shaken ones before it give, else the deepest networks would blow up.
    """
    generator = torch.Generator().manual_seed(1)

    def settle(module, inputs):
        variance, mean = torch.var_mean(inputs[0], (0, 2, 3))
        module.running_mean.copy_(mean + 0.1 * torch.randn(mean.shape, generator=generator) * variance.sqrt())
        torch.nn.init.uniform_(module.weight, 0.2, 0.8, generator)  # trained residual branches are weak too
        module.running_var.copy_(variance * (0.5 + torch.rand(variance.shape, generator=generator)))

    norms = [module for module in body.modules() if isinstance(module, torch.nn.modules.batchnorm._BatchNorm)]
    handles = [module.register_forward_pre_hook(settle) for module in norms]
    with torch.no_grad():
        network(pictures)
    for handle in handles:
        handle.remove()


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=row.name, marks=[] if row.name == QUICK else pytest.mark.slow) for row in ZOO]
)
def test_the_exported_graph_answers_as_torch_does(row, request, tmp_path):
    weights = local_weights(row, None)
    if weights is None and row.name in ("xception", "densenet169"):
        weights = local_weights(row, request.getfixturevalue("weights_folder"))
    weights = weights or RANDOM
    row = dataclasses.replace(row, size=SIZES.get(row.name, 96))  # the graph has the same nodes at every size
    size = row.size
    body = load_network(row, weights, size)
    backbone = FeatureNetwork(row, body, row.scales_of("both"))
    pictures, kinds = _pictures(12, size, 0)
    if weights is RANDOM:
        _randomise_norms(body, torch.from_numpy(pictures), backbone)
    with torch.no_grad():
        features = backbone(torch.from_numpy(pictures)).numpy()
    scale = features.std(0) + 1e-6
    head = LogisticRegression(C=10, max_iter=1000).fit(features / scale, kinds)
    index = unit_length(features[:, -row.width :])
    scorer = Linear((head.coef_ / scale).astype(np.float32), head.intercept_.astype(np.float32))
    tensors = Tensors(one_question((scorer,)), 1.3, index)
    network = AnswerNetwork(backbone, tensors)
    indexed = [(f"{i}.png", CLASSES[kind], "0" * 64) for i, kind in enumerate(kinds)]
    facts = parse_facts(json.dumps(record_for(row, CLASSES, indexed)), "test")
    path = tmp_path / "model.onnx"
    path.write_bytes(to_onnx(network, facts))
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    with torch.no_grad():
        shapes = [list(output.shape[1:]) for output in network(torch.from_numpy(pictures))]
    assert [output.shape for output in session.get_outputs()] == [["slices", *shape] for shape in shapes]
    spread = []
    for count in (1, 7):
        greys = pictures[:count]  # on others, the norms of a deep random network do not hold, and rounding explodes
        with torch.no_grad():
            wanted = [output.numpy() for output in network(torch.from_numpy(greys))]
        found = session.run(list(OUTPUTS), {f"grey_{size}": greys})
        for name, one, other in zip(OUTPUTS, wanted, found, strict=True):
            assert one.shape == other.shape
            np.testing.assert_allclose(other, one, rtol=0, atol=1e-4 * np.abs(one).max(), err_msg=name)
        spread.append(wanted[1])
        reading = Reader(path).read(greys[:, 0])
        np.testing.assert_array_equal(reading.probabilities, found[1])
        np.testing.assert_array_equal(reading.neighbours, found[4])
        assert reading.distances.shape == (count, 5)
        logits = reading.maps.mean((2, 3)) + head.intercept_
        np.testing.assert_allclose(torch.softmax(torch.from_numpy(logits / 1.3), 1), reading.probabilities, atol=1e-3)
    assert np.ptp(np.concatenate(spread)) >= 0.5
