"""Values that are computed once: found again on disk by key, and where they are missing computed and kept there."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from hilum.progress import Tracker
from hilum.slices.pool import reading_threads
from hilum.storage import Shards

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")


@dataclass(frozen=True)
class Store(Generic[K, V]):
    """Values by key, in shards on disk.

    Attributes:
        shards: The shards.
        pack: Makes a shard's bytes of keys and their values.
        unpack: The pairs of key and value in a shard's bytes.
    """

    shards: Shards
    pack: Callable[[Sequence[K], Sequence[V]], bytes]
    unpack: Callable[[bytes], Iterable[tuple[K, V]]]

    def load(self) -> dict[K, V]:
        """Every undamaged value by its key."""
        return {key: value for shard in self.shards.load() for key, value in self.unpack(shard)}

    def append(self, keys: Sequence[K], values: Sequence[V]) -> None:
        """Adds values under their keys.

        Raises:
            HilumError: The cache folder cannot be written.
        """
        self.shards.append(self.pack(keys, values))

    def values(
        self,
        keys: Sequence[K],
        items: Sequence[T],
        compute: Callable[[Sequence[T], ThreadPoolExecutor], Iterable[V]],
        title: str,
        track: Tracker,
        chunk: int = 1024,
        known: dict[K, V] | None = None,
    ) -> list[V]:
        """The value of each item, computed once a key where it is not known.

        Args:
            keys: Key of each item; items of one key have one value.
            items: What values are computed from.
            compute: Gives the values of some items, in their order, with the help of threads that may read slices.
            title: Name of the work, for its progress.
            track: Shows progress.
            chunk: Number of values in a shard: what a kill can cost.
            known: What `load` gave, where that was asked before.

        Raises:
            HilumError: The cache folder cannot be written, or what `compute` raises.
        """
        known = self.load() if known is None else known
        missing = {key: item for key, item in zip(keys, items, strict=True) if key not in known}
        if missing:
            with track(title, len(missing)) as advance, reading_threads() as pool:
                for first in range(0, len(missing), chunk):
                    part, found = list(missing)[first : first + chunk], list[V]()
                    for value in compute([missing[key] for key in part], pool):
                        found.append(value)
                        advance()
                    self.append(part, found)
                    known.update(zip(part, found, strict=True))
        return [known[key] for key in keys]


def pack_arrays(keys: Sequence[bytes], **columns: NDArray[np.generic]) -> bytes:
    """Arrays `[keys, ...]` and their keys of 32 bytes each, as safetensors."""
    from safetensors.numpy import save  # exported models are explained without it

    return save({"keys": np.frombuffer(b"".join(keys), np.uint8).reshape(-1, 32), **columns})
