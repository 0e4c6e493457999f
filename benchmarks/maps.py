"""Whether class activation maps can be believed: parameter randomisation, controls, ROAD, and where their energy lies.

Usage: python benchmarks/maps.py FOLDER --weights FOLDER [--models a,b] [--slices 60] [--road 24]

Markdown tables, means over slices with their standard errors. One slice each of some look-alike groups of development
(train and valid, distinct), the classes in turn, is explained by a head that was trained on the other groups; the map
is that of the class with the highest probability.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from held_out import Bench, open_bench, options
from numpy.typing import NDArray
from trials import REMOVED, edge_map, likeness, random_map, road, share_inside, shuffled

from hilum.audit.anatomy import body_mask, lungs
from hilum.backbones.checkpoints import load_network
from hilum.backbones.engine import engine_name, start_engine
from hilum.backbones.facts import Backbone
from hilum.backbones.network import FeatureNetwork
from hilum.backbones.weights import RANDOM, Weights
from hilum.explain.placing import placed, seen_box
from hilum.model.default_map import linear_map
from hilum.scoring.protocols import development_rows
from hilum.slices.body import Box
from hilum.slices.pixels import pixels_of
from hilum.slices.resize import crop_and_resize

Greys = NDArray[np.float32]
Values = Mapping[str, NDArray[np.float64]]  # by kind of map, `[repeats, slices]`

_SEEDS = 5  # of shuffled heads and noise
_LINEAR, _HEAD, _BACKBONE = "linear map", "head shuffled", "backbone random"
_EDGES, _NOISE, _EVEN = "edges", "noise", "even"


def main() -> None:
    """Prints the tables."""
    parser = options(__doc__)
    parser.add_argument("--slices", type=int, default=60)
    parser.add_argument("--road", type=int, default=24)
    chosen = parser.parse_args()
    bench = open_bench(chosen.folder, chosen.weights)
    sample, others = _split(bench, chosen.slices)
    pixels = [pixels_of(bench.table, bench.table.rows[i]) for i in sample]
    regions = {"body": [body_mask(one) for one in pixels], "lungs": [lungs(one) for one in pixels]}
    print(f"{len(sample)} slices explained, {len(others)} trained on", flush=True)
    tables: dict[str, dict[str, Values]] = {}
    for name in chosen.models.split(","):
        for title, values in _trial(bench, name, sample, others, pixels, regions, chosen.road).items():
            tables.setdefault(title, {})[name] = values
    for title, found in tables.items():
        _table(title, found)


def _trial(
    bench: Bench,
    name: str,
    sample: NDArray[np.intp],
    others: NDArray[np.intp],
    pixels: Sequence[Greys],
    regions: Mapping[str, Sequence[NDArray[np.bool_]]],
    most: int,
) -> dict[str, Values]:
    """The tables' values of one backbone, by title."""
    row, weights = bench.backbone(name)
    boxes = [seen_box(one, True) for one in pixels]
    squares = np.stack(
        [crop_and_resize(one, box, row.size, row.interpolation) for one, box in zip(pixels, boxes, strict=True)]
    )
    linear = bench.head(bench.features(name), others, bench.slices.strict).arrays().linear
    coefficients, offsets = linear.weights, linear.offsets
    kinds, best = _maps(row, weights, coefficients, offsets, squares)
    right = np.mean(best == bench.slices.labels[sample])
    print(f"{name}: {100 * right:.0f} % of the slices called rightly", flush=True)
    engine = start_engine(engine_name("auto"), lambda: _network(row, weights), row.size)

    def answer(greys: Greys) -> NDArray[np.float64]:
        return _softmax(engine.run(greys[:, None]) @ coefficients.T + offsets)

    linear = kinds[_LINEAR][0]
    found: dict[str, Values] = {
        "Likeness to the linear map, Spearman's rank correlation": {
            kind: np.array([[likeness(*pair) for pair in zip(linear, maps, strict=True)] for maps in repeats])
            for kind, repeats in kinds.items()
            if kind not in (_LINEAR, _EVEN)
        }
    }
    for region, masks in regions.items():
        found[f"Positive energy inside the {region}, per cent"] = {
            kind: 100 * np.array([_inside(maps, boxes, masks) for maps in repeats]) for kind, repeats in kinds.items()
        }
    some = np.linspace(0, len(sample) - 1, min(most, len(sample))).astype(np.intp)
    found[f"ROAD ({', '.join(map(str, REMOVED))} % removed), points of probability"] = {
        kind: 100 * road(answer, squares[some], [kinds[kind][0][i] for i in some], list(best[some]))[None]
        for kind in (_LINEAR, _EDGES, _NOISE)
    }
    return found


def _split(bench: Bench, count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """One slice each of some look-alike groups, the classes in turn, and the development slices of the other groups."""
    slices, rows = bench.slices, development_rows(bench.slices)
    drawn = np.random.default_rng(0).permutation(rows)
    candidates = drawn[np.sort(np.unique(slices.strict[drawn], return_index=True)[1])]
    turns = np.zeros(len(candidates), np.intp)
    for number in range(len(bench.table.classes)):
        own = slices.labels[candidates] == number
        turns[own] = np.arange(own.sum())
    sample = np.sort(candidates[np.argsort(turns, kind="stable")[:count]])
    return sample, rows[~np.isin(slices.strict[rows], slices.strict[sample])]


def _maps(
    row: Backbone, weights: Weights, coefficients: Greys, offsets: Greys, squares: Greys
) -> tuple[dict[str, list[Greys]], NDArray[np.intp]]:
    """Maps of every kind, each `[slices, h, w]` and as often as it was drawn, and the classes they are of."""
    maps, each = _maps_of(row, weights, squares), np.arange(len(squares))
    best = (np.hstack([scale.mean((2, 3)) for scale in maps]) @ coefficients.T + offsets).argmax(1)
    h, w = maps[0].shape[2:]
    kinds = {
        _LINEAR: [_linear(maps, coefficients)[each, best]],
        _HEAD: [_linear(maps, shuffled(coefficients, seed))[each, best] for seed in range(_SEEDS)],
        _BACKBONE: [_linear(_maps_of(row, RANDOM, squares), coefficients)[each, best]],
        _EDGES: [np.stack([edge_map(square, (h, w)) for square in squares])],
        _NOISE: [
            np.stack([random_map((h, w), _SEEDS * i + seed) for i in range(len(squares))]) for seed in range(_SEEDS)
        ],
        _EVEN: [np.ones((len(squares), h, w), np.float32)],
    }
    return kinds, best


def _network(row: Backbone, weights: Weights) -> FeatureNetwork:
    return FeatureNetwork(row, load_network(row, weights, row.size), row.scales_of("both"))


def _maps_of(row: Backbone, weights: Weights, squares: Greys) -> list[Greys]:
    """The maps of each scale, `[slices, width, h, w]`."""
    network = _network(row, weights)
    with torch.inference_mode():
        parts = [network.maps(torch.from_numpy(part[:, None])) for part in np.array_split(squares, 8)]
    return [torch.cat(scale).numpy() for scale in zip(*parts, strict=True)]


def _linear(maps: Sequence[Greys], coefficients: Greys) -> Greys:
    found: Greys = linear_map(tuple(map(torch.from_numpy, maps)), torch.from_numpy(coefficients)).numpy()
    return found


def _softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    powers = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(1, keepdims=True)
    return shares


def _inside(maps: Greys, boxes: Sequence[Box], masks: Sequence[NDArray[np.bool_]]) -> list[float]:
    return [
        share_inside(placed(values, box, mask.shape), mask)
        for values, box, mask in zip(maps, boxes, masks, strict=True)
    ]


def _table(title: str, found: Mapping[str, Values]) -> None:
    kinds = list(next(iter(found.values())))
    print(f"\n### {title}\n\n| backbone | {' | '.join(kinds)} |\n|---|{'---:|' * len(kinds)}")
    for name, values in found.items():
        cells = []
        for kind in kinds:
            known = values[kind][:, np.isfinite(values[kind]).all(0)]  # a map without a positive part has no share
            means = known.mean(0)
            digits, error = (2 if np.abs(means).max() <= 1 else 1), means.std(ddof=1) / np.sqrt(len(means))
            cells.append(f"{means.mean():.{digits}f} ± {error:.{digits}f}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
