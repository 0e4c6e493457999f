"""What the picture that a backbone sees is worth, on development-strict: look-alike folds over train and valid.

Usage: python benchmarks/ablations.py FOLDER --weights FOLDER [--models a,b] [--out ablations.csv]

Every choice changes one thing of the default picture: its crop, its shape, its grey levels or how it is resized. A row
has the macro-F1 of the default head (mean of the repeats) with its 95 % interval over look-alike groups, and the paired
difference to the default row of the same backbone. Test slices take no part. `benchmarks/heads.py` has what comes after
the picture: sizes, views, scales, heads and ensembles.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from hilum.audit.anatomy import lungs
from hilum.audit.groups import find_groups
from hilum.backbones.engine import engine_name
from hilum.backbones.facts import Backbone
from hilum.backbones.weights import obtain_weights
from hilum.backbones.zoo import backbone
from hilum.features.extract import recipe_of, run_backbone
from hilum.heads.options import HeadOptions
from hilum.heads.run import Labelled, run_heads
from hilum.progress import silent
from hilum.scoring.intervals import figures_and_draws
from hilum.scoring.protocols import Plan, Slices, development_rows, folds
from hilum.scoring.scoring import resamples_of, scored_as
from hilum.slices.body import Box
from hilum.slices.pixels import pixels_of
from hilum.slices.resize import crop_and_resize
from hilum.slices.rows import SliceRow
from hilum.slices.table import SliceTable, read_table

Grey = NDArray[np.float32]
Picture = Callable[[Grey, Box | None, int, str], Grey]


def main() -> None:
    """Writes a row a choice as soon as it is scored."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--models", default="efficientnet_lite0,densenet169,xception")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    table = read_table(options.folder)
    slices = find_groups(table).slices_of(table)
    rows = development_rows(slices)
    plan = folds("strict", slices, rows, slices.strict)
    if plan is None:
        sys.exit("These slices allow no look-alike folds over train and valid.")
    bench = Bench(table, slices, plan, options.weights, options.out)
    for row in map(backbone, options.models.split(",")):
        base = bench.add(row.name, "default", "default", bench.features(row, "default", cropped), None)
        for group, choice, picture in PICTURES:
            bench.add(row.name, group, choice, bench.features(row, f"{group} {choice}", picture), base)
        for kind in ("bilinear", "bicubic", "lanczos"):
            if kind != row.interpolation:
                values = bench.features(row, f"interpolation {kind}", cropped, interpolation=kind)
                bench.add(row.name, "interpolation", f"{kind} for {row.interpolation}", values, base)


class Bench:
    """Extracts, scores and writes rows."""

    def __init__(self, table: SliceTable, slices: Slices, plan: Plan, weights: Path | None, out: Path | None) -> None:
        self.table, self.slices, self.plan, self.weights, self.out = table, slices, plan, weights, out
        self.resamples = resamples_of(plan, slices, 0)
        self.lines: list[dict[str, object]] = []

    def features(
        self,
        row: Backbone,
        name: str,
        picture: Picture,
        interpolation: str | None = None,
    ) -> Grey:
        """Features of the last scale but one `[rows of the table, width]` of the development slices, the others 0."""
        side, kind = row.size, interpolation or row.interpolation
        weights = obtain_weights(row, self.weights, silent)
        engine = engine_name("auto")
        tag = f"{row.tag} scales {row.scales} ablation {name}"
        recipe = replace(recipe_of(row, weights, tag, engine, side), interpolation=kind)
        chosen = [self.table.rows[number] for number in self.plan.scored]

        def prepared(one: SliceRow) -> Grey:
            return picture(pixels_of(self.table, one), one.facts.body, side, kind)

        keys = [bytes.fromhex(one.facts.pixels) for one in chosen]
        entries, _ = run_backbone(row, weights, recipe, keys, chosen, prepared, tag)
        found = np.stack([entry.features for entry in entries])[:, : -row.width]
        values = np.zeros((len(self.table.rows), found.shape[1]), np.float32)
        values[self.plan.scored] = found
        return values

    def add(
        self, name: str, group: str, choice: str, values: Grey, base: NDArray[np.float64] | None
    ) -> NDArray[np.float64]:
        """Scores one choice with the default head, writes its row, and returns its macro-F1, plain and resampled."""
        classes = self.table.classes
        data = Labelled.of(values, self.slices.labels, classes, "normal")
        scored = scored_as(run_heads(data, self.plan, HeadOptions()), self.slices)
        f1 = figures_and_draws(scored, classes, None, self.resamples)[1]["f1_macro"]
        line: dict[str, object] = {"backbone": name, "what": group, "choice": choice, **_estimate("macro_f1", f1)}
        if base is not None:
            line |= _estimate("difference", f1 - base)
        self.lines.append(line)
        print({key: round(value, 4) if isinstance(value, float) else value for key, value in line.items()}, flush=True)
        if self.out:
            pd.DataFrame(self.lines).to_csv(self.out, index=False, float_format="%.4f")
        return f1


def _estimate(name: str, f1: NDArray[np.float64]) -> dict[str, float]:
    low, high = np.quantile(f1[1:], [0.025, 0.975])
    return {name: float(f1[0]), f"{name}_low": float(low), f"{name}_high": float(high)}


def cropped(pixels: Grey, box: Box | None, size: int, kind: str) -> Grey:
    """The default: the box of the body, stretched to a square."""
    return crop_and_resize(pixels, box, size, kind)


def _scaled(factor: float) -> Picture:
    def picture(pixels: Grey, box: Box | None, size: int, kind: str) -> Grey:
        return crop_and_resize(pixels, _around(pixels, box, factor), size, kind)

    return picture


def _around(pixels: Grey, box: Box | None, factor: float, shift: tuple[float, float] = (0.0, 0.0)) -> Box:
    """A box scaled about its middle and shifted by shares of its sides, cut at the picture's edge."""
    box = box or Box(0, 0, pixels.shape[1], pixels.shape[0])
    width, height = box.right - box.left, box.bottom - box.top
    x = (box.left + box.right) / 2 + shift[0] * width
    y = (box.top + box.bottom) / 2 + shift[1] * height
    left, right = x - factor * width / 2, x + factor * width / 2
    top, bottom = y - factor * height / 2, y + factor * height / 2
    return Box(
        max(0, round(left)), max(0, round(top)), min(pixels.shape[1], round(right)), min(pixels.shape[0], round(bottom))
    )


def _whole(pixels: Grey, box: Box | None, size: int, kind: str) -> Grey:
    return crop_and_resize(pixels, None, size, kind)


def _lung_box(pixels: Grey, box: Box | None, size: int, kind: str) -> Grey:
    mask = lungs(pixels)
    if not mask.any():
        return crop_and_resize(pixels, box, size, kind)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    around = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return crop_and_resize(pixels, _around(pixels, around, 1.05), size, kind)


def _letterbox(pixels: Grey, box: Box | None, size: int, kind: str) -> Grey:
    box = box or Box(0, 0, pixels.shape[1], pixels.shape[0])
    cut = pixels[box.top : box.bottom, box.left : box.right]
    longest = max(cut.shape)
    square = np.zeros((longest, longest), np.float32)
    top, left = (longest - cut.shape[0]) // 2, (longest - cut.shape[1]) // 2
    square[top : top + cut.shape[0], left : left + cut.shape[1]] = cut
    return crop_and_resize(square, None, size, kind)


def _stretched_levels(pixels: Grey, box: Box | None, size: int, kind: str) -> Grey:
    square = crop_and_resize(pixels, box, size, kind)
    low, high = np.percentile(square, [1, 99])
    return ((square - low) / max(high - low, 1e-3)).clip(0, 1).astype(np.float32)


def _equalised(pixels: Grey, box: Box | None, size: int, kind: str) -> Grey:
    square = crop_and_resize(pixels, box, size, kind)
    levels = np.sort(square.ravel())
    return (np.searchsorted(levels, square) / square.size).astype(np.float32)


def _matched(pixels: Grey, box: Box | None, size: int, kind: str) -> Grey:
    """Mean 0.45 and spread 0.25 in every picture, about those of photographs."""
    square = crop_and_resize(pixels, box, size, kind)
    return (0.45 + 0.25 * (square - square.mean()) / max(square.std(), 1e-3)).clip(0, 1).astype(np.float32)


def _sharpened(pixels: Grey, box: Box | None, size: int, kind: str) -> Grey:
    square = crop_and_resize(pixels, box, size, kind)
    return (square + (square - ndimage.gaussian_filter(square, 2))).clip(0, 1).astype(np.float32)


PICTURES: list[tuple[str, str, Picture]] = [
    ("crop", "none", _whole),
    ("crop", "body, 5 % tighter", _scaled(0.95)),
    ("crop", "body, 10 % wider", _scaled(1.1)),
    ("crop", "lungs", _lung_box),
    ("shape", "letterbox", _letterbox),
    ("grey levels", "1st to 99th percentile", _stretched_levels),
    ("grey levels", "equalised", _equalised),
    ("grey levels", "same mean and spread", _matched),
    ("grey levels", "sharpened", _sharpened),
]


if __name__ == "__main__":
    main()
