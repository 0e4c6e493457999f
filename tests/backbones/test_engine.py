"""The engines: the same features from both, and their names."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
import pytest
import torch

from hilum.backbones.checkpoints import load_network
from hilum.backbones.engine import engine_name, start_engine
from hilum.backbones.network import FeatureNetwork
from hilum.backbones.weights import RANDOM, local_weights
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.options import ENGINES
from hilum.storage import Shards


@pytest.mark.parametrize(
    ("name", "size"), [("efficientnet_lite0", 96), ("timm:resnet10t", 96), ("timm:vit_tiny_patch16_224", 96)]
)
def test_both_engines_give_the_same_features(name, size):
    row = backbone(name)
    weights = local_weights(row, None) or RANDOM
    assert weights.origin == ("package" if name == "efficientnet_lite0" else "random")
    batch = np.random.default_rng(0).random((18, 1, size, size), np.float32)
    answers = []
    for choice in ("torch", "onnxruntime"):
        engine = start_engine(engine_name(choice), lambda: FeatureNetwork(row, load_network(row, weights, size)), size)
        answers.append(engine.run(batch))
        np.testing.assert_array_equal(engine.run(batch), answers[-1])
    slow, fast = answers
    assert slow.shape == fast.shape == (18, row.width)
    assert slow.dtype == fast.dtype == np.float32
    assert np.abs(slow - fast).max() < 1e-4 * np.abs(slow).max()
    assert slow.std(0).max() > 1e-3 * np.abs(slow).max()  # different pictures, different features


def test_features_do_not_depend_on_the_rest_of_the_batch():
    row = backbone("efficientnet_lite0")
    weights = local_weights(row, None)
    engine = start_engine(engine_name("onnxruntime"), lambda: FeatureNetwork(row, load_network(row, weights, 64)), 64)
    full = np.random.default_rng(0).random((18, 1, 64, 64), np.float32)
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
    engine.run(np.zeros((18, 1, 64, 64), np.float32))
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


def test_a_kept_graph_needs_no_network_and_a_damaged_one_is_made_anew(tmp_path):
    row, graphs, built = backbone("timm:resnet10t"), Shards(tmp_path / "graphs", ".onnx"), []
    greys = np.random.default_rng(0).random((2, 1, 64, 64), np.float32)

    def features():
        def build():
            built.append(1)
            return FeatureNetwork(row, load_network(row, RANDOM, 64))

        return start_engine(engine_name("onnxruntime"), build, 64, graphs).run(greys)

    first = features()
    np.testing.assert_array_equal(features(), first)
    assert len(built) == 1
    (graph,) = graphs.folder.iterdir()
    graph.write_bytes(graph.read_bytes()[:-1] + b"x")
    np.testing.assert_array_equal(features(), first)
    assert len(built) == 2
    assert next(graphs.folder.iterdir()).name == graph.name


def test_threads_may_share_an_engine():
    row = backbone("timm:resnet10t")
    greys = np.random.default_rng(0).random((20, 1, 64, 64), np.float32)
    for choice in ("torch", "onnxruntime"):
        engine = start_engine(engine_name(choice), lambda: FeatureNetwork(row, load_network(row, RANDOM, 64)), 64)
        with ThreadPoolExecutor(4) as pool:
            parts = list(pool.map(engine.run, np.split(greys, 10)))
        np.testing.assert_allclose(np.concatenate(parts), engine.run(greys), rtol=1e-4, atol=1e-5)
