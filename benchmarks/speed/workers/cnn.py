"""Pictures a second in training hilum's small CNN: `python cnn.py COUNT`. The first epoch does not count."""

import json
import sys
import time

import numpy as np

from hilum.heads.cnn import SIZE, train_cnn

count = int(sys.argv[1])
random = np.random.default_rng(0)
pictures, labels = random.random((count, SIZE, SIZE), np.float32), np.arange(count) % 4
ends: list[float] = []
train_cnn(
    (pictures, labels),
    (pictures[:16], labels[:16]),
    classes=4,
    epochs=3,
    patience=3,
    seed=0,
    advance=lambda: ends.append(time.perf_counter()),
)
print(json.dumps({"speed": 2 * count / (ends[-1] - ends[0])}))
