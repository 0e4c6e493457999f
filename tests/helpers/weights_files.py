"""Files in the places where weights are looked for."""

import os
from pathlib import Path


def in_torch_cache(name, data=b"of torch"):
    return written(Path(os.environ["TORCH_HOME"]) / "hub" / "checkpoints" / name, data)


def written(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
