"""Features alone: reads the table and extracts the features of backbones; prints the seconds of each."""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import hilum
from hilum.backbones.weights import RANDOM, obtain_weights, weights_folder
from hilum.backbones.zoo import backbone
from hilum.features.extract import extract
from hilum.options import FeatureOptions

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("models", help="names with commas between")
parser.add_argument("--weights", type=Path)
parser.add_argument("--random-weights", action="store_true")
parser.add_argument("--first", type=int, help="only so many slices")
options = parser.parse_args()
table = hilum.read_table(options.folder)
if options.first:
    table = replace(table, rows=table.rows[: options.first])
seconds = {}
for name in options.models.split(","):
    start, network = time.perf_counter(), backbone(name)
    weights = RANDOM if options.random_weights else obtain_weights(network, weights_folder(options.weights))
    extract(table, network, weights, FeatureOptions(random_weights=options.random_weights))
    seconds[name] = time.perf_counter() - start
print(json.dumps(seconds))
