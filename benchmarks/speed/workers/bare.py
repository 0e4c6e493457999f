"""Bare forward passes: squares in memory, the engine ready, nothing but the network.

    python bare.py SQUARES --models A,B [--weights FOLDER | --random-weights]

Prints the seconds that a picture takes, by network. The batches are those of the engine.
"""

import argparse
import json
import time
from functools import partial
from pathlib import Path

import numpy as np

from hilum.backbones.checkpoints import load_network
from hilum.backbones.engine import engine_name, start_engine
from hilum.backbones.facts import Backbone
from hilum.backbones.network import FeatureNetwork
from hilum.backbones.weights import RANDOM, Weights, obtain_weights, weights_folder
from hilum.backbones.zoo import backbone

parser = argparse.ArgumentParser()
parser.add_argument("squares", type=Path)
parser.add_argument("--models", required=True)
parser.add_argument("--weights", type=Path)
parser.add_argument("--random-weights", action="store_true")
options = parser.parse_args()


def _build(network: Backbone, weights: Weights) -> FeatureNetwork:
    return FeatureNetwork(network, load_network(network, weights, network.size), network.scales)


seconds = {}
for name in options.models.split(","):
    network = backbone(name)
    weights = RANDOM if options.random_weights else obtain_weights(network, weights_folder(options.weights))
    engine = start_engine(engine_name("auto"), partial(_build, network, weights), network.size)
    squares, size = np.load(options.squares / f"{name}.npy"), getattr(engine, "batch", 16)
    batches = [squares[first : first + size] for first in range(0, len(squares) - size + 1, size)]
    engine.run(batches[0])  # the first allocates
    start = time.perf_counter()
    for batch in batches:
        engine.run(batch)
    seconds[name] = (time.perf_counter() - start) / (len(batches) * size)
print(json.dumps(seconds))
