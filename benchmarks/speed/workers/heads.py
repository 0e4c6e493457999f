"""A head on random features: `python heads.py ROWS`. Four classes, ten slices a group, 1,280 features."""

import json
import sys
import time

import numpy as np

from hilum.heads.logistic import LogisticHead

rows, width = int(sys.argv[1]), 1280
random = np.random.default_rng(0)
labels = random.integers(0, 4, rows // 10).repeat(10)
features = (random.normal(size=(rows, width)) + 0.1 * random.normal(size=(4, width))[labels]).astype(np.float32)
start = time.perf_counter()
LogisticHead().fit(features, labels, np.arange(rows) // 10)
print(json.dumps({"seconds": time.perf_counter() - start}))
