"""Values that are computed once per key and kept on disk."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
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
        pack: Function from keys and their values to the bytes of a shard.
        unpack: Function from the bytes of a shard to its pairs of key and value.
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
        threads: int | None = None,
    ) -> list[V]:
        """The value of each item; values that are not on disk are computed, once per key.

        Args:
            keys: Key of each item; items with the same key have the same value.
            items: Items that values are computed from.
            compute: Function from items, and threads that may read slices, to their values in order.
            title: Name of the work, for its progress.
            track: Tracker of the progress.
            chunk: Number of values in a shard, which is the most that a kill can lose.
            known: Result of `load`, if it has been called already.
            threads: Number of threads; None is one per processor.

        Raises:
            HilumError: The cache folder cannot be written, or `compute` raises it.
        """
        known = self.load() if known is None else known
        missing = {key: item for key, item in zip(keys, items, strict=True) if key not in known}
        with track(title, len(missing)) as advance, reading_threads(threads) as pool:
            values = iter(compute(list(missing.values()), pool) if missing else ())
            for first in range(0, len(missing), chunk):
                part, found = list(missing)[first : first + chunk], list[V]()
                for value in islice(values, len(part)):
                    found.append(value)
                    advance()
                self.append(part, found)
                known.update(zip(part, found, strict=True))
        return [known[key] for key in keys]


def pack_arrays(keys: Sequence[bytes], **columns: NDArray[np.generic]) -> bytes:
    """Packs arrays `[keys, ...]` and their 32-byte keys as safetensors."""
    from safetensors.numpy import save  # explaining exported models does not need it

    return save({"keys": np.frombuffer(b"".join(keys), np.uint8).reshape(-1, 32), **columns})
