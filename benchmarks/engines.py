"""How far the engines' features differ, and how many pictures a second each runs: torch on GPU and CPU, ONNX Runtime.

    python benchmarks/engines.py FOLDER
    python benchmarks/engines.py FOLDER --models efficientnet_lite0,timm:vit_tiny_patch16_224 --slices 64

A network whose weights are not on this machine is run with random ones, its batch norms set by the first batch so that
nothing blows up. Every engine gets the same batches of 16, from as many threads as in hilum. Differences are to torch
on the CPU, speeds the median of three rounds once warm, without reading and cropping.
"""

import argparse
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

import hilum
from hilum.backbones.checkpoints import load_network
from hilum.backbones.engine import THREADS, Engine, engine_name, start_engine
from hilum.backbones.facts import Backbone
from hilum.backbones.network import FeatureNetwork
from hilum.backbones.weights import RANDOM, Weights, local_weights, weights_folder
from hilum.backbones.zoo import backbone
from hilum.slices.pixels import square_of
from hilum.slices.table import SliceTable

MODELS = "efficientnet_lite0,densenet169,xception,convnext_tiny,vgg16,efficientnet_v2_l"
BATCH, ROUNDS = 16, 3


def main() -> None:
    """Runs every model on every engine and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="slices, as `hilum compare` takes them")
    parser.add_argument("--models", default=MODELS, help="names with commas between")
    parser.add_argument("--weights", type=Path, help="folder with TAG.safetensors files")
    parser.add_argument("--slices", type=int, default=192, help="how many slices, spread over the folder")
    arguments = parser.parse_args()
    table = hilum.read_table(arguments.folder)
    cpu = f"torch {torch.__version__} cpu"
    names = [cpu, engine_name("onnxruntime")]
    if torch.cuda.is_available():
        names.insert(0, engine_name("torch"))
        print(f"GPU: {torch.cuda.get_device_name()}")
    print(f"{torch.get_num_threads()} threads; {min(arguments.slices, len(table.rows))} slices")
    print("| model, input, weights | engine | pictures/s | largest difference | share of largest | correlation |")
    print("|---|---|--:|--:|--:|--:|")
    for row in map(backbone, arguments.models.split(",")):
        weights = local_weights(row, weights_folder(arguments.weights)) or RANDOM
        batches = _batches(table, row, arguments.slices)
        answers = {name: _answer(name, row, weights, batches) for name in names}
        reference = answers[cpu][0]
        for name, (features, speed) in answers.items():
            difference = np.abs(features - reference).max()
            share = difference / np.abs(reference).max()
            likeness = min(np.corrcoef(one, other)[0, 1] for one, other in zip(features, reference, strict=True))
            print(
                f"| {row.title} {row.size}, {weights.origin} | {name} | {speed:.1f} | {difference:.1e} | {share:.1e} "
                f"| {likeness:.7f} |",
                flush=True,
            )


def _batches(table: SliceTable, row: Backbone, count: int) -> list[NDArray[np.float32]]:
    """Whole batches of prepared slices, the last of them filled up with black ones, as in hilum."""
    rows = [table.rows[place] for place in np.linspace(0, len(table.rows) - 1, min(count, len(table.rows)), dtype=int)]
    with ThreadPoolExecutor() as pool:
        pictures = list(pool.map(lambda one: square_of(table, one, row.size, row.interpolation, True), rows))
    padded = np.zeros((-(-len(pictures) // BATCH) * BATCH, 1, row.size, row.size), np.float32)
    padded[: len(pictures), 0] = pictures
    return np.split(padded, len(padded) // BATCH)


def _answer(
    name: str, row: Backbone, weights: Weights, batches: list[NDArray[np.float32]]
) -> tuple[NDArray[np.float32], float]:
    """Features of all batches, and pictures a second."""
    network = FeatureNetwork(row, load_network(row, weights, row.size), row.scales_of("both"))
    if weights is RANDOM:
        _set_norms(network, torch.from_numpy(batches[0]))
    engine = start_engine(name, lambda: network, row.size)
    features, _ = _round(engine, batches)  # warms it up
    seconds = []
    for _ in range(ROUNDS):
        again, taken = _round(engine, batches)
        if not np.array_equal(again, features):
            print(f"{row.name} on {name}: a second run differs by {np.abs(again - features).max():.1e}")
        seconds.append(taken)
    return features, len(features) / statistics.median(seconds)


def _set_norms(network: FeatureNetwork, batch: torch.Tensor) -> None:
    def take(norm: torch.nn.Module, inputs: tuple[torch.Tensor]) -> None:
        variance, mean = torch.var_mean(inputs[0], (0, 2, 3))
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)

    norms = [module for module in network.modules() if hasattr(module, "running_mean")]
    handles = [norm.register_forward_pre_hook(take) for norm in norms]
    with torch.no_grad():
        network(batch)
    for handle in handles:
        handle.remove()


def _round(engine: Engine, batches: list[NDArray[np.float32]]) -> tuple[NDArray[np.float32], float]:
    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        features = np.concatenate(list(pool.map(engine.run, batches)))
    return features, time.perf_counter() - start


if __name__ == "__main__":
    main()
