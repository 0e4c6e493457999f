"""Bare forward passes: squares in memory, the network ready, nothing but the network.

    python bare.py SQUARES --models A,B [--weights FOLDER | --random-weights]

Two ways are timed, and the quicker counts: batches of 16 on all processors at once, as ONNX Runtime does it unless told
otherwise, and pictures side by side on one processor each, as hilum does it. Prints the seconds a picture, by network.
"""

import argparse
import json
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from hilum.backbones.checkpoints import load_network
from hilum.backbones.conversion import write_onnx
from hilum.backbones.engine import THREADS, engine_name, start_engine
from hilum.backbones.facts import Backbone
from hilum.backbones.network import FeatureNetwork
from hilum.backbones.weights import RANDOM, Weights, obtain_weights, weights_folder
from hilum.backbones.zoo import backbone

BATCH = 16
parser = argparse.ArgumentParser()
parser.add_argument("squares", type=Path)
parser.add_argument("--models", required=True)
parser.add_argument("--weights", type=Path)
parser.add_argument("--random-weights", action="store_true")
options = parser.parse_args()


def _build(network: Backbone, weights: Weights) -> FeatureNetwork:
    return FeatureNetwork(network, load_network(network, weights, network.size), network.scales_of("both"))


def _in_batches(network: Backbone, weights: Weights, squares: NDArray[np.float32]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "network.onnx")
        write_onnx(_build(network, weights), BATCH, network.size, path, "grey", ("features",))
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        batches = np.split(squares, len(squares) // BATCH)
        session.run(None, {"grey": batches[0]})  # the first allocates
        start = time.perf_counter()
        for batch in batches:
            session.run(None, {"grey": batch})
        return (time.perf_counter() - start) / len(squares)


def _side_by_side(network: Backbone, weights: Weights, squares: NDArray[np.float32]) -> float:
    engine = start_engine(engine_name("onnxruntime"), lambda: _build(network, weights), network.size)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(engine.run, squares[:THREADS, None]))
        start = time.perf_counter()
        list(pool.map(engine.run, squares[:, None]))
        return (time.perf_counter() - start) / len(squares)


seconds = {}
for name in options.models.split(","):
    network = backbone(name)
    weights = RANDOM if options.random_weights else obtain_weights(network, weights_folder(options.weights))
    squares = np.load(options.squares / f"{name}.npy")
    squares = squares[: len(squares) // BATCH * BATCH]
    seconds[name] = min(way(network, weights, squares) for way in (_in_batches, _side_by_side))
print(json.dumps(seconds))
