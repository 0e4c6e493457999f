"""From a table of slices to features of a frozen backbone; each distinct picture is run once."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from hilum.backbones.engine import THREADS, Engine, engine_name, start_engine
from hilum.backbones.facts import Backbone
from hilum.backbones.weights import Weights, obtain_weights, weights_folder
from hilum.backbones.zoo import backbone as backbone_of
from hilum.errors import HilumError
from hilum.features.cache import Entry, FeatureCache, Recipe
from hilum.features.views import view_of
from hilum.notebook import automatic
from hilum.options import DEFAULT_SCALES, FeatureOptions
from hilum.progress import Tracker, silent
from hilum.slices.body import Box
from hilum.slices.pixels import PAINT, square_of
from hilum.slices.rows import SliceRow
from hilum.slices.table import SliceTable, check_table
from hilum.storage import Shards, cache_folder

if TYPE_CHECKING:
    from hilum.backbones.network import FeatureNetwork

T = TypeVar("T")
_GRAPH = 1  # version of how networks are converted to graphs
_SHARD = 64  # pictures per shard of the cache, which is the most that a kill can lose


@dataclass(frozen=True)
class Features:
    """Features of every row of a table.

    Attributes:
        values: Features of the scales that were asked for, float32 `[rows, width]`.
        last: Features of the last scale, float32 `[rows, width of the last scale]`.
        recipe: Everything that they depend on besides the pictures.
        decoding: Seconds that reading, cropping and resizing took when the features were computed.
        network: Seconds that the network took when the features were computed.
        cached: Whether all features came from the cache.
        views: Features of the rows in each further view, for heads to learn from.
    """

    values: NDArray[np.float32]
    last: NDArray[np.float32]
    recipe: Recipe
    decoding: float
    network: float
    cached: bool
    views: tuple[NDArray[np.float32], ...] = ()


def extract(
    table: SliceTable,
    backbone: Backbone,
    weights: Weights,
    options: FeatureOptions,
    track: Tracker = silent,
    painted: Sequence[Box] | None = None,
    view: str | None = None,
) -> Features:
    """Runs a frozen backbone over the slices of a table, or takes its features from the cache.

    Args:
        table: Table of `read_table`.
        backbone: The backbone.
        weights: Weights of the backbone.
        options: Options of feature extraction.
        track: Tracker of the progress.
        painted: Part of each row's picture that is painted over.
        view: Name of the view of each slice, from `hilum.options.VIEWS`; None is the slice as it is.

    Raises:
        HilumError: The weights do not fit, a file changed since the table was read, or the cache cannot be written.
    """
    # All scales are kept: choosing others of them then needs no forward pass.
    tag = backbone.tag if backbone.scales == 1 else f"{backbone.tag} scales {backbone.scales}"
    title, boxes = f"features: {backbone.title}", [None] * len(table.rows) if painted is None else painted
    if painted is not None:
        title, tag = f"{title}, lungs blanked", f"{tag} painted {PAINT}"
    if view is not None:
        title, tag = f"{title}, {view}", f"{tag} {view}"
    recipe = recipe_of(backbone, weights, tag, engine_name(options.engine), options.size, options.seed)

    def square(picture: tuple[SliceRow, Box | None]) -> NDArray[np.float32]:
        whole = square_of(table, picture[0], recipe.size, recipe.interpolation, options.crop, picture[1])
        return whole if view is None else view_of(whole, view)

    pictures = list(zip(table.rows, boxes, strict=True))
    keys = [_key(slice_row, options.crop, box) for slice_row, box in pictures]
    found, cached = run_backbone(backbone, weights, recipe, keys, pictures, square, title, track)
    used = dict(zip(keys, found, strict=True)).values()
    values = np.stack([entry.features for entry in found])
    earlier, last = slice(-backbone.width), slice(-backbone.width, None)
    return Features(
        values=values[:, {"last": last, "earlier": earlier, "both": slice(None)}[backbone.scales_of(options.scales)]],
        last=values[:, last],
        recipe=recipe,
        decoding=sum(entry.decoding for entry in used),
        network=sum(entry.network for entry in used),
        cached=cached,
    )


def recipe_of(
    backbone: Backbone, weights: Weights, tag: str, engine: str, size: int | None = None, seed: int = 0
) -> Recipe:
    """The recipe of a backbone's features.

    Args:
        backbone: The backbone.
        weights: Weights of the backbone.
        tag: Name of this kind of features, which says what is computed from which pictures.
        engine: Name and version of the engine, from `engine_name`.
        size: Side of the input in pixels; None is the backbone's own.
        seed: Random seed of random weights.
    """
    return Recipe(
        tag=tag,
        weights=weights.digest,
        size=size or backbone.size,
        interpolation=backbone.interpolation,
        mean=backbone.mean,
        std=backbone.std,
        engine=engine,
        seed=None if weights.path else seed,
    )


_last: dict[tuple[Backbone, Recipe], tuple[Engine, float]] = {}  # features and their floor share a network


def _started(backbone: Backbone, weights: Weights, recipe: Recipe) -> tuple[Engine, float]:
    """The network of a recipe, ready to run, and the seconds that starting it took."""
    network = backbone, replace(recipe, tag=backbone.tag)  # the same network serves all kinds of features

    def build() -> "FeatureNetwork":
        from hilum.backbones.checkpoints import load_network  # loading torch and timm takes seconds
        from hilum.backbones.network import FeatureNetwork

        body = load_network(backbone, weights, recipe.size, recipe.seed or 0)
        return FeatureNetwork(backbone, body, backbone.scales_of("both"))

    if network not in _last:
        _last.clear()  # before starting another: two large networks may not fit into memory
        start = time.perf_counter()
        engine = start_engine(recipe.engine, build, recipe.size, _graphs(*network))
        _last[network] = engine, time.perf_counter() - start
    return _last[network]


def _graphs(backbone: Backbone, recipe: Recipe) -> Shards:
    """The place in the cache for the graph of a network."""
    parts = (recipe.digest, backbone.scales, version("torch"), version("timm"), _GRAPH)
    key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]
    return Shards(cache_folder() / "weights" / f"{backbone.tag}-{key}", ".onnx")


def run_backbone(
    backbone: Backbone,
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
        backbone: The backbone.
        weights: Weights of the backbone.
        recipe: Everything that the features depend on besides the picture.
        keys: Key of each picture, 32 bytes long.
        items: Items that the pictures are made from.
        square: Function from an item to the picture that the network takes, grey levels `[size, size]`.
        title: Name of the work, for its progress.
        track: Tracker of the progress.

    Returns:
        The features of all scales, and whether all of them came from the cache.

    Raises:
        HilumError: The weights do not fit, the cache cannot be written, or `square` raises it.
    """
    store = FeatureCache(recipe)
    known = store.load()
    lacking = set(keys) - known.keys()
    if not lacking:
        with track(title, 0):
            return [known[key] for key in keys], True

    with track(f"{title}, preparing the network", 1) as advance:
        engine, starting = _started(backbone, weights, recipe)
        advance()

    def run(part: Sequence[T]) -> list[Entry]:
        start = time.perf_counter()
        greys = np.stack([square(item) for item in part])[:, None]
        middle = time.perf_counter()
        vectors = engine.run(greys)
        shared = len(part) * THREADS  # the threads share the time that passes
        decoding, running = (middle - start) / shared, (time.perf_counter() - middle) / shared
        if not np.isfinite(vectors).all():
            raise HilumError(
                f"{recipe.tag} gave features that are not finite. Its weights are damaged or belong to another "
                "network; fetch them again."
            )
        return [Entry(vector, decoding, running + starting / len(lacking)) for vector in vectors]

    def compute(missing: Sequence[T], pool: ThreadPoolExecutor) -> Iterator[Entry]:
        parts = [missing[first : first + engine.batch] for first in range(0, len(missing), engine.batch)]
        # While one thread waits for a slice to be decoded, another runs the network.
        return chain.from_iterable(pool.map(run, parts))

    return store.values(keys, items, compute, title, track, _SHARD, known, THREADS), False


def extract_features(
    table: SliceTable,
    name: str,
    *,
    weights: str | Path | None = None,
    scales: str = DEFAULT_SCALES,
    track: Tracker = automatic,
) -> NDArray[np.float32]:
    """The features of every row of a table, `[rows, width]`, at the backbone's own input size.

    Args:
        table: Table of `read_table`.
        name: Name of the backbone, or `timm:NAME` for any other model of timm.
        weights: Folder with files named TAG.safetensors; None is that of `HILUM_WEIGHTS`, if it is set.
        scales: Stages to take features from: `last`, `earlier` (the last but one) or `both`, the earlier before the
            last. A network with one scale always gives its last.
        track: Tracker of the progress.

    Raises:
        HilumError: There is no such backbone, there are no weights for it, or no such `scales`.

    Example:
        >>> table = hilum.read_table("phantom")
        >>> hilum.extract_features(table, "efficientnet_lite0").shape
        (48, 112)
    """
    check_table(table, "extract_features")
    backbone, options = backbone_of(name), FeatureOptions(scales=scales)
    found = obtain_weights(backbone, weights_folder(weights), track)
    return extract(table, backbone, found, options, track).values


def _key(slice_row: SliceRow, crop: bool, painted: Box | None) -> bytes:
    box = slice_row.facts.body if crop else None
    parts = [slice_row.facts.pixels, box and tuple(box), *([tuple(painted)] if painted else [])]
    return hashlib.sha256(" ".join(map(str, parts)).encode()).digest()
