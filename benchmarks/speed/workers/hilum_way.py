"""hilum's reading, features and head under `given`, without audit and report.

    python hilum_way.py FOLDER NAME [--pictures 32]

With `--pictures`, only so many distinct pictures are run, spread over the folder; the head gets random features for the
others. The first 16 are run apart, so that what starting takes is not counted for each of them. Prints the seconds to
add for all pictures.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

import hilum
from hilum.backbones.weights import RANDOM
from hilum.backbones.zoo import backbone
from hilum.features.extract import extract
from hilum.heads.logistic import LogisticHead
from hilum.options import FeatureOptions

FIRST = 16
parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("name")
parser.add_argument("--pictures", type=int)
options = parser.parse_args()
table, network, asked = hilum.read_table(options.folder), backbone(options.name), FeatureOptions(random_weights=True)
distinct = list({row.facts.pixels: row for row in table.rows}.values())
rate = 0.0
if options.pictures:
    rows = [distinct[place] for place in np.linspace(0, len(distinct) - 1, options.pictures, dtype=int)]
    some = extract(replace(table, rows=tuple(rows[:FIRST])), network, RANDOM, asked).values
    start = time.perf_counter()
    extract(replace(table, rows=tuple(rows[FIRST:])), network, RANDOM, asked)
    rate = (time.perf_counter() - start) / (options.pictures - FIRST)
    features = np.random.default_rng(0).normal(size=(len(table.rows), some.shape[1])).astype(np.float32)
else:
    features = extract(table, network, RANDOM, asked).values
start = time.perf_counter()
train, test = table.in_split("train"), table.in_split("test")
head = LogisticHead().fit(features[train], table.labels[train])
head.predict_proba(features[test])
added = rate * (len(distinct) - (options.pictures or len(distinct)))
print(json.dumps({"added": added, "head": time.perf_counter() - start}))
