"""From a table of slices to features of a frozen backbone, each distinct picture once."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from hilum.backbones.checkpoints import load_network
from hilum.backbones.engine import BATCH, Engine, engine_name, start_engine
from hilum.backbones.facts import Backbone
from hilum.backbones.network import FeatureNetwork
from hilum.backbones.weights import Weights, obtain_weights, weights_folder
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.features.cache import Entry, FeatureCache, Recipe
from hilum.options import FeatureOptions
from hilum.progress import Tracker, silent
from hilum.slices.pixels import square_of
from hilum.slices.table import SliceRow, SliceTable

T = TypeVar("T")
_CHUNK = 4 * BATCH  # pictures a shard of the cache: what a kill can cost


@dataclass(frozen=True)
class Features:
    """Features of every row of a table.

    Attributes:
        values: float32 `[rows, width]`.
        recipe: What they depend on.
        decoding: Seconds of reading, cropping and resizing, when the features were computed.
        network: Seconds of the frozen network, likewise.
        cached: Whether all of them came from the cache.
    """

    values: NDArray[np.float32]
    recipe: Recipe
    decoding: float
    network: float
    cached: bool


def extract(
    table: SliceTable,
    row: Backbone,
    weights: Weights,
    options: FeatureOptions,
    track: Tracker = silent,
) -> Features:
    """Runs a frozen backbone over the slices of a table, or takes its features from the cache.

    Args:
        table: Table of `read_table`.
        row: The backbone.
        weights: Weights of the backbone.
        options: How features are made.
        track: Shows progress.

    Raises:
        HilumError: The weights do not fit, a file changed since the table was read, or the cache cannot be written.
    """
    # Both scales are kept where there are two, so that choosing another number of them costs no forward pass.
    tag = row.tag if row.scales == 1 else f"{row.tag} scales {row.scales}"
    recipe = recipe_of(row, weights, tag, engine_name(options.engine), options.size, options.seed)

    def square(slice_row: SliceRow) -> NDArray[np.float32]:
        return square_of(table, slice_row, recipe.size, recipe.interpolation, options.crop)

    keys = [_key(slice_row, options.crop) for slice_row in table.rows]
    found, cached = run_backbone(row, weights, recipe, keys, table.rows, square, row.name, track)
    used = dict(zip(keys, found, strict=True)).values()
    values = np.stack([entry.features for entry in found])
    return Features(
        values=values if options.scales >= row.scales else values[:, -row.width :],
        recipe=recipe,
        decoding=sum(entry.decoding for entry in used),
        network=sum(entry.network for entry in used),
        cached=cached,
    )


def recipe_of(row: Backbone, weights: Weights, tag: str, engine: str, size: int | None = None, seed: int = 0) -> Recipe:
    """The recipe of a backbone's features.

    Args:
        row: The backbone.
        weights: Its weights.
        tag: Name of what is made of which pictures.
        engine: Name and version of the engine, from `engine_name`.
        size: Side of the input in pixels, where it is not to be the backbone's own.
        seed: Random seed of random weights.
    """
    return Recipe(
        tag=tag,
        weights=weights.digest,
        size=size or row.size,
        interpolation=row.interpolation,
        mean=row.mean,
        std=row.std,
        engine=engine,
        seed=None if weights.path else seed,
    )


_last: dict[tuple[Backbone, Recipe], tuple[Engine, float]] = {}  # floor and features share a network


def _started(row: Backbone, weights: Weights, recipe: Recipe) -> tuple[Engine, float]:
    """The network of a recipe, ready to run, and the seconds that this took."""
    network = row, replace(recipe, tag=row.tag)  # whatever is made of which pictures
    if network not in _last:
        _last.clear()  # first, since two large ones may not fit
        start = time.perf_counter()
        engine = start_engine(
            recipe.engine,
            lambda: FeatureNetwork(row, load_network(row, weights, recipe.size, recipe.seed or 0), row.scales),
            recipe.size,
        )
        _last[network] = engine, time.perf_counter() - start
    return _last[network]


def run_backbone(
    row: Backbone,
    weights: Weights,
    recipe: Recipe,
    keys: Sequence[bytes],
    items: Sequence[T],
    square: Callable[[T], NDArray[np.float32]],
    title: str,
    track: Tracker = silent,
) -> tuple[list[Entry], bool]:
    """Runs a frozen backbone over pictures, or takes their features from the cache.

    Args:
        row: The backbone.
        weights: Its weights.
        recipe: What the features depend on besides the picture.
        keys: Key of each picture, of 32 bytes.
        items: What the pictures are made from.
        square: Makes a picture as the network takes it, grey levels `[size, size]`.
        title: Name of the work, for its progress.
        track: Shows progress.

    Returns:
        The features of all scales, and whether all of them came from the cache.

    Raises:
        HilumError: The weights do not fit, the cache cannot be written, or what `square` raises.
    """
    store = FeatureCache(recipe)
    known = store.load()
    lacking = set(keys) - known.keys()
    if not lacking:
        return [known[key] for key in keys], True

    runner, starting = _started(row, weights, recipe)

    def compute(part: Sequence[T], pool: ThreadPoolExecutor) -> Iterator[Entry]:
        start = time.perf_counter()
        squares = list(pool.map(square, part))
        decoding = (time.perf_counter() - start) / len(part)
        for first in range(0, len(squares), BATCH):
            some = squares[first : first + BATCH]
            batch = np.zeros((BATCH, 1, recipe.size, recipe.size), np.float32)
            batch[: len(some), 0] = some
            start = time.perf_counter()
            vectors = runner.run(batch)[: len(some)]
            running = starting / len(lacking) + (time.perf_counter() - start) / len(some)
            if not np.isfinite(vectors).all():
                raise HilumError(
                    f"{recipe.tag} gave features that are not finite; its weights are damaged or not its own."
                )
            yield from (Entry(vector, decoding, running) for vector in vectors)

    return store.values(keys, items, compute, title, track, _CHUNK, known), False


def extract_features(
    table: SliceTable, name: str, *, weights: str | Path | None = None, scales: int = 2, track: Tracker = silent
) -> NDArray[np.float32]:
    """The features of every row of a table, `[rows, width]`, by a backbone's name and its own settings.

    With two scales, where the network has them, those of the last stage but one stand before those of the last.

    Raises:
        HilumError: There is no such backbone, or no weights for it, or `scales` is neither 1 nor 2.
    """
    row, options = backbone(name), FeatureOptions(scales=scales)
    found = obtain_weights(row, weights_folder(weights), track)
    return extract(table, row, found, options, track).values


def _key(slice_row: SliceRow, crop: bool) -> bytes:
    box = slice_row.facts.body if crop else None
    return hashlib.sha256(f"{slice_row.facts.pixels} {box and tuple(box)}".encode()).digest()
