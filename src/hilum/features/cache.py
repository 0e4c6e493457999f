"""Cached features: computed once for each distinct picture, recipe and engine."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from hilum.slices.store import Store, pack_arrays
from hilum.storage import Shards, cache_folder


@dataclass(frozen=True)
class Recipe:
    """Everything that features depend on besides the picture; its digest names their folder in the cache."""

    tag: str
    weights: str
    size: int
    interpolation: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    engine: str
    seed: int | None  # of random weights; None for real ones
    version: int = 2  # of how hilum crops, resizes, runs and pools

    @property
    def digest(self) -> str:
        """A short name that differs where any part differs."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Entry:
    """Features of one picture `[width]`, float32, and the seconds that decoding and the network took."""

    features: NDArray[np.float32]
    decoding: float
    network: float


class FeatureCache(Store[bytes, Entry]):
    """The cached features of one recipe, by keys of 32 bytes."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(Shards(cache_folder() / "features" / recipe.digest, ".safetensors"), _pack, _unpack)


def _pack(keys: Sequence[bytes], entries: Sequence[Entry]) -> bytes:
    seconds = np.array([[entry.decoding, entry.network] for entry in entries], np.float32)
    return pack_arrays(keys, features=np.stack([entry.features for entry in entries]), seconds=seconds)


def _unpack(data: bytes) -> Iterator[tuple[bytes, Entry]]:
    tensors = load(data)
    rows = zip(tensors["keys"], tensors["features"], tensors["seconds"], strict=True)
    return ((key.tobytes(), Entry(features, *map(float, seconds))) for key, features, seconds in rows)
