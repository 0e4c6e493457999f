"""The engines: the same features from both, and their names."""

import numpy as np
import onnxruntime
import pytest
import torch

from hilum.backbones.checkpoints import load_network
from hilum.backbones.engine import BATCH, engine_name, gpu_errors_said, start_engine
from hilum.backbones.network import FeatureNetwork
from hilum.backbones.weights import RANDOM, local_weights
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.options import ENGINES


@pytest.mark.parametrize(
    ("name", "size"), [("efficientnet_lite0", 96), ("timm:resnet10t", 96), ("timm:vit_tiny_patch16_224", 96)]
)
def test_both_engines_give_the_same_features(name, size):
    row = backbone(name)
    weights = local_weights(row, None) or RANDOM
    assert weights.origin == ("package" if name == "efficientnet_lite0" else "random")
    batch = np.random.default_rng(0).random((BATCH, 1, size, size), np.float32)
    answers = []
    for choice in ("torch", "onnxruntime"):
        engine = start_engine(engine_name(choice), lambda: FeatureNetwork(row, load_network(row, weights, size)), size)
        answers.append(engine.run(batch))
        np.testing.assert_array_equal(engine.run(batch), answers[-1])
    slow, fast = answers
    assert slow.shape == fast.shape == (BATCH, row.width)
    assert slow.dtype == fast.dtype == np.float32
    assert np.abs(slow - fast).max() < 1e-4 * np.abs(slow).max()
    assert slow.std(0).max() > 1e-3 * np.abs(slow).max()  # different pictures, different features


def test_features_do_not_depend_on_the_rest_of_the_batch():
    row = backbone("efficientnet_lite0")
    weights = local_weights(row, None)
    engine = start_engine(engine_name("onnxruntime"), lambda: FeatureNetwork(row, load_network(row, weights, 64)), 64)
    full = np.random.default_rng(0).random((BATCH, 1, 64, 64), np.float32)
    alone = np.zeros_like(full)
    alone[0] = full[3]
    np.testing.assert_allclose(engine.run(alone)[0], engine.run(full)[3], rtol=1e-4, atol=1e-5)


def test_the_network_is_built_once():
    built = []

    def build():
        built.append(1)
        row = backbone("timm:resnet10t")
        return FeatureNetwork(row, load_network(row, RANDOM, 64))

    engine = start_engine(engine_name("onnxruntime"), build, 64)
    engine.run(np.zeros((BATCH, 1, 64, 64), np.float32))
    assert built == [1]


def test_names_say_engine_version_and_device():
    device = "cuda" if torch.cuda.is_available() else "cpu"
    assert engine_name("onnxruntime") == f"onnxruntime {onnxruntime.__version__} cpu"
    assert engine_name("torch") == f"torch {torch.__version__} {device}"
    assert engine_name("auto") == engine_name("torch" if device == "cuda" else "onnxruntime")


@pytest.mark.parametrize("choice", ["", "onnx", "Torch", "openvino"])
def test_an_unknown_engine_lists_the_known(choice):
    with pytest.raises(HilumError, match=repr(choice)) as raised:
        engine_name(choice)
    assert all(known in str(raised.value) for known in ENGINES)


def test_torch_rounds_to_nothing_coarser_and_leaves_a_programs_own_setting():
    row = backbone("timm:resnet10t")
    seen = []

    class Watched(FeatureNetwork):
        def forward(self, grey):
            seen.append((torch.backends.cudnn.conv.fp32_precision, torch.backends.cuda.matmul.fp32_precision))
            return super().forward(grey)

    engine = start_engine(engine_name("torch"), lambda: Watched(row, load_network(row, RANDOM, 64)), 64)
    before = torch.backends.cudnn.conv.fp32_precision, torch.backends.cuda.matmul.fp32_precision
    torch.backends.cuda.matmul.fp32_precision = "tf32"
    try:
        engine.run(np.zeros((BATCH, 1, 64, 64), np.float32))
        after = torch.backends.cudnn.conv.fp32_precision, torch.backends.cuda.matmul.fp32_precision
    finally:
        torch.backends.cuda.matmul.fp32_precision = before[1]
    assert seen == [("ieee", "ieee")]
    assert after == (before[0], "tf32")


def test_a_gpu_that_fails_is_said_with_the_way_round_it():
    with (
        pytest.raises(HilumError, match=r"GPU cannot run this network \(out of memory\).*CUDA_VISIBLE_DEVICES"),
        gpu_errors_said(torch.device("cuda")),
    ):
        raise torch.OutOfMemoryError(
            "out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79.18 GiB."
        )
    with pytest.raises(RuntimeError, match="a fault of hilum"), gpu_errors_said(torch.device("cpu")):
        raise RuntimeError("a fault of hilum")
