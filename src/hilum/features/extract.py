"""From a table of slices to features of a frozen backbone, each distinct picture once."""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hilum.backbones.checkpoints import load_network
from hilum.backbones.engine import BATCH, Engine, engine_name, start_engine
from hilum.backbones.network import FeatureNetwork
from hilum.backbones.weights import Weights, obtain_weights, weights_folder
from hilum.backbones.zoo import Backbone, backbone
from hilum.errors import HilumError
from hilum.features.cache import Entry, FeatureCache, Recipe
from hilum.options import FeatureOptions
from hilum.progress import Advance, Tracker, silent
from hilum.slices.pool import reading_threads
from hilum.slices.prepared import prepare
from hilum.slices.table import SliceRow, SliceTable

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
        table: As `read_table` gives it.
        row: The backbone.
        weights: Of the backbone.
        options: How features are made.
        track: Shows progress.

    Raises:
        HilumError: The weights do not fit, a file changed since the table was read, or the cache cannot be written.
    """
    side, seed, engine = options.size or row.size, options.seed, engine_name(options.engine)
    recipe = Recipe(
        # Both scales are kept where there are two, so that choosing another number of them costs no forward pass.
        tag=row.tag if row.scales == 1 else f"{row.tag} scales {row.scales}",
        weights=weights.digest,
        size=side,
        interpolation=row.interpolation,
        mean=row.mean,
        std=row.std,
        engine=engine,
        seed=None if weights.path else seed,
    )
    cache = FeatureCache(recipe)
    known = cache.load()
    keys = [_key(slice_row, options.crop) for slice_row in table.rows]
    missing = [
        (key, slice_row) for key, slice_row in dict(zip(keys, table.rows, strict=True)).items() if key not in known
    ]
    if missing:
        start = time.perf_counter()
        runner = start_engine(
            engine, lambda: FeatureNetwork(row, load_network(row, weights, side, seed), row.scales), side
        )
        starting = time.perf_counter() - start
        with track(row.name, len(missing)) as advance, reading_threads() as pool:
            for first in range(0, len(missing), _CHUNK):
                chunk = missing[first : first + _CHUNK]
                entries = _compute(
                    table, chunk, recipe, options.crop, runner, pool, starting if first == 0 else 0.0, advance
                )
                cache.append([key for key, _ in chunk], entries)
                known.update(zip((key for key, _ in chunk), entries, strict=True))
    used = [known[key] for key in dict.fromkeys(keys)]
    values = np.stack([known[key].features for key in keys])
    return Features(
        values=values if options.scales >= row.scales else values[:, -row.width :],
        recipe=recipe,
        decoding=sum(entry.decoding for entry in used),
        network=sum(entry.network for entry in used),
        cached=not missing,
    )


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


def _compute(
    table: SliceTable,
    chunk: list[tuple[bytes, SliceRow]],
    recipe: Recipe,
    crop: bool,
    runner: Engine,
    pool: ThreadPoolExecutor,
    starting: float,
    advance: Advance,
) -> list[Entry]:
    start = time.perf_counter()
    pictures = list(pool.map(lambda item: prepare(table, item[1], recipe.size, recipe.interpolation, crop), chunk))
    decoding = (time.perf_counter() - start) / len(chunk)
    start = time.perf_counter()
    features: list[NDArray[np.float32]] = []
    for first in range(0, len(pictures), BATCH):
        batch = np.zeros((BATCH, 1, recipe.size, recipe.size), np.float32)
        part = pictures[first : first + BATCH]
        batch[: len(part), 0] = part
        features.extend(runner.run(batch)[: len(part)])
        for _ in part:
            advance()
    network = (starting + time.perf_counter() - start) / len(chunk)
    if not np.isfinite(features).all():
        raise HilumError(f"{recipe.tag} gave features that are not finite; its weights are damaged or not its own.")
    return [Entry(vector, decoding, network) for vector in features]
