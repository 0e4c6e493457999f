"""The bare forward pass of an exported model over slices, in 16s: `python passes.py MODEL.onnx COUNT`."""

import json
import sys
import time

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
(taken,) = session.get_inputs()
batch = np.random.default_rng(0).random((16, *taken.shape[1:]), np.float32)
session.run(None, {taken.name: batch})
start = time.perf_counter()
for _ in range(-(-int(sys.argv[2]) // 16)):
    session.run(None, {taken.name: batch})
print(json.dumps({"seconds": time.perf_counter() - start}))
