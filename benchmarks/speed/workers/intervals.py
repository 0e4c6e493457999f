"""All figures of a model with intervals: `python intervals.py ROWS`. Four classes, ten slices a group."""

import json
import sys
import time

import numpy as np

from hilum.scoring.intervals import Scored, figures_and_draws
from hilum.scoring.resamples import draw_resamples

rows = int(sys.argv[1])
random = np.random.default_rng(0)
labels, groups = random.integers(0, 4, rows // 10).repeat(10), np.arange(rows) // 10
scores = np.exp(random.normal(size=(1, rows, 4)) + 2.5 * np.eye(4)[labels])
scored = Scored(labels, scores / scores.sum(2, keepdims=True), groups, None)
start = time.perf_counter()
figures_and_draws(scored, ("a", "b", "c", "d"), "c", draw_resamples(labels, groups))
print(json.dumps({"seconds": time.perf_counter() - start}))
