"""Features on disk: computed once for each distinct picture, recipe and engine."""

import hashlib
import json
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from hilum.storage import Shards, cache_folder


@dataclass(frozen=True)
class Recipe:
    """Everything but the picture that features depend on; its digest names the folder in the cache."""

    tag: str
    weights: str
    size: int
    interpolation: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    engine: str
    seed: int | None  # of random weights
    version: int = 2  # of how hilum crops, resizes, runs and pools

    @property
    def digest(self) -> str:
        """A short name that differs where any part differs."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Entry:
    """One picture's features `[width]`, float32, and what they cost in seconds when they were computed."""

    features: NDArray[np.float32]
    decoding: float
    network: float


class FeatureCache:
    """The cached features of one recipe."""

    def __init__(self, recipe: Recipe) -> None:
        self._shards = Shards(cache_folder() / "features" / recipe.digest, ".safetensors")

    def load(self) -> dict[bytes, Entry]:
        """Every undamaged entry by its picture's key."""
        entries = {}
        for shard in self._shards.load():
            tensors = load(shard)
            rows = zip(tensors["keys"], tensors["features"], tensors["seconds"], strict=True)
            for key, features, (decoding, network) in rows:
                entries[key.tobytes()] = Entry(features, float(decoding), float(network))
        return entries

    def append(self, keys: list[bytes], entries: list[Entry]) -> None:
        """Adds entries under their pictures' keys, each of 32 bytes."""
        self._shards.append(
            save(
                {
                    "keys": np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), 32),
                    "features": np.stack([entry.features for entry in entries]),
                    "seconds": np.array([[entry.decoding, entry.network] for entry in entries], np.float32),
                }
            )
        )
