"""Writes squares as networks take them, and says how many distinct pictures there are.

    python squares.py FOLDER OUT --models A,B --count 128

Writes OUT/NAME.npy, `[count, 1, size, size]`, of distinct pictures spread over the folder, for each network.
"""

import argparse
import json
from pathlib import Path

import numpy as np

import hilum
from hilum.backbones.zoo import backbone
from hilum.slices.pixels import square_of

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("out", type=Path)
parser.add_argument("--models", required=True)
parser.add_argument("--count", type=int, required=True)
options = parser.parse_args()
table = hilum.read_table(options.folder)
distinct = list({row.facts.pixels: row for row in table.rows}.values())
count = min(options.count, len(distinct))
for name in options.models.split(","):
    network = backbone(name)
    rows = [distinct[place] for place in np.linspace(0, len(distinct) - 1, count, dtype=int)]
    squares = [square_of(table, row, network.size, network.interpolation, True) for row in rows]
    np.save(options.out / f"{name}.npy", np.stack(squares)[:, None])
print(json.dumps({"rows": len(table.rows), "distinct": len(distinct)}))
