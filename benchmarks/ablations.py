"""What each choice before the head is worth, on development-strict: look-alike folds over train and valid.

Usage: python benchmarks/ablations.py FOLDER --weights FOLDER [--models a,b] [--out ablations.csv]

Every choice changes one thing of the default: the picture that a backbone sees, the views that are averaged, the scales
that features come from, the head, or which backbones stand together. A row has the macro-F1 (mean of the repeats) with
its 95 % interval over look-alike groups, and the paired difference to the default row of the same backbone.
Test slices take no part.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.special
from numpy.typing import NDArray
from scipy import ndimage
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler
from sklearn.svm import SVC

from hilum.audit.anatomy import lungs
from hilum.audit.groups import find_groups
from hilum.backbones.engine import engine_name
from hilum.backbones.facts import Backbone
from hilum.backbones.weights import obtain_weights
from hilum.backbones.zoo import backbone
from hilum.features.extract import recipe_of, run_backbone
from hilum.heads.logistic import LogisticHead
from hilum.heads.softmax import SoftmaxHead
from hilum.progress import silent
from hilum.scoring.intervals import figures_and_draws
from hilum.scoring.protocols import Fit, Plan, Slices, development_rows, folds
from hilum.scoring.scoring import resamples_of, run_plan, scored_as
from hilum.slices.body import Box
from hilum.slices.pixels import pixels_of
from hilum.slices.resize import crop_and_resize
from hilum.slices.table import SliceRow, SliceTable, read_table

_VIEWS_TO_TRAIN_ON = 4  # beside the first
Grey = NDArray[np.float32]
Picture = Callable[[Grey, Box | None, int, str], Grey]


def main() -> None:
    """Writes a row a choice as soon as it is scored."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--models", default="efficientnet_lite0,densenet169,xception")
    parser.add_argument("--members", default="", help="backbones that only join the ensembles")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    table = read_table(options.folder)
    slices = find_groups(table).slices_of(table)
    rows = development_rows(slices)
    plan = folds("strict", slices, rows, slices.strict)
    if plan is None:
        sys.exit("These slices allow no look-alike folds over train and valid.")
    bench = Bench(table, slices, plan, options.weights, options.out)
    default: dict[str, Grey] = {}
    for name in filter(None, [*options.models.split(","), *options.members.split(",")]):
        row = backbone(name)
        default[name] = bench.features(row, "default", cropped)
        base = bench.heads(name, default[name])
        if name in options.members.split(","):
            continue
        for group, choice, picture in PICTURES:
            bench.add(name, group, choice, logistic, bench.features(row, f"{group} {choice}", picture), base)
        for sevenths in (5, 9, 11):
            side = round(row.size * sevenths / 7 / 32) * 32
            values = bench.features(row, f"size {side}", cropped, size=side)
            bench.add(name, "input size", f"{side} for {row.size}", logistic, values, base)
        for kind in ("bilinear", "bicubic", "lanczos"):
            if kind != row.interpolation:
                values = bench.features(row, f"interpolation {kind}", cropped, interpolation=kind)
                bench.add(name, "interpolation", f"{kind} for {row.interpolation}", logistic, values, base)
        for choice, views in VIEWS.items():
            others = [bench.features(row, f"view {view}", VIEW[view]) for view in views]
            bench.add(name, "views", f"{choice}, at prediction", averaged(False), [default[name], *others], base)
            if len(views) <= _VIEWS_TO_TRAIN_ON:
                bench.add(name, "views", f"{choice}, in training too", averaged(True), [default[name], *others], base)
        bench.add(name, "features", "last scale alone", logistic, default[name][:, -row.width :], base)
    if len(default) > 1:
        best = max(default, key=lambda name: bench.scores[name, "default"][0])
        base = bench.scores[best, "default"]
        together = list(default.values())
        bench.add("+".join(default), "ensemble", "concatenated", logistic, np.hstack(together), base)
        bench.add("+".join(default), "ensemble", "averaged", each_averaged, together, base)


class Bench:
    """Extracts, scores and writes rows."""

    def __init__(self, table: SliceTable, slices: Slices, plan: Plan, weights: Path | None, out: Path | None) -> None:
        self.table, self.slices, self.plan, self.weights, self.out = table, slices, plan, weights, out
        self.resamples = resamples_of(plan, slices, 0)
        self.scores: dict[tuple[str, str], NDArray[np.float64]] = {}
        self.lines: list[dict[str, object]] = []

    def features(
        self,
        row: Backbone,
        name: str,
        picture: Picture,
        *,
        size: int | None = None,
        interpolation: str | None = None,
    ) -> Grey:
        """Features `[rows of the table, width]` of the development slices, the others 0; cached."""
        side, kind = size or row.size, interpolation or row.interpolation
        weights = obtain_weights(row, self.weights, silent)
        engine = engine_name("auto")
        tag = f"{row.tag} scales {row.scales} ablation {name}"
        recipe = replace(recipe_of(row, weights, tag, engine, side), interpolation=kind)
        chosen = [self.table.rows[number] for number in self.plan.scored]

        def prepared(one: SliceRow) -> Grey:
            return picture(pixels_of(self.table, one), one.facts.body, side, kind)

        keys = [bytes.fromhex(one.facts.pixels) for one in chosen]
        entries, _ = run_backbone(row, weights, recipe, keys, chosen, prepared, tag)
        found = np.stack([entry.features for entry in entries])
        values = np.zeros((len(self.table.rows), found.shape[1]), np.float32)
        values[self.plan.scored] = found
        return values

    def heads(self, name: str, values: Grey) -> NDArray[np.float64]:
        """The default row and, beside it, other heads; returns the default's resampled macro-F1."""
        base = self.add(name, "default", "default", logistic, values, None)
        self.add(name, "head", "softmax, early stopping", softmax, values, base)
        self.add(name, "head", "logistic, C by inner log loss", by_loss, values, base)
        for strength in (0.01, 0.1, 1.0, 10.0):
            self.add(name, "head", f"logistic, C = {strength:g}", fixed(strength), values, base)
        self.add(name, "head", "radial kernel (SVC, C = 10, unit rows, gamma 0.5)", kernel, values, base)
        return base

    def add(
        self, name: str, group: str, choice: str, predict: object, values: object, base: NDArray[np.float64] | None
    ) -> NDArray[np.float64]:
        """Scores one choice, writes its row, and returns its macro-F1, plain and resampled."""
        labels, plan, classes = self.slices.labels, self.plan, self.table.classes

        def run(fit: Fit, seed: int) -> NDArray[np.float64]:
            return predict(values, labels, fit, plan.inner, seed)  # type: ignore[operator, no-any-return]

        scored = scored_as(run_plan(plan, len(classes), run, 0), self.slices)
        f1 = figures_and_draws(scored, classes, None, self.resamples)[1]["f1_macro"]
        self.scores[name, choice] = f1
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


def _shifted(x: float, y: float) -> Picture:
    def picture(pixels: Grey, box: Box | None, size: int, kind: str) -> Grey:
        return crop_and_resize(pixels, _around(pixels, box, 0.95, (x, y)), size, kind)

    return picture


VIEW: dict[str, Picture] = {
    "mirrored": lambda *given: np.ascontiguousarray(cropped(*given)[:, ::-1]),
    "left": _shifted(-0.025, 0),
    "right": _shifted(0.025, 0),
    "up": _shifted(0, -0.025),
    "down": _shifted(0, 0.025),
}
VIEWS = {"mirrored": ["mirrored"], "four small shifts": ["left", "right", "up", "down"], "both": list(VIEW)}


def logistic(
    values: Grey, labels: NDArray[np.intp], fit: Fit, groups: NDArray[np.intp], seed: int
) -> NDArray[np.float64]:
    """The logistic head with its strength chosen by inner folds."""
    rows = fit.whole
    return LogisticHead(seed=seed).fit(values[rows], labels[rows], groups[rows]).predict_proba(values[fit.score])


def by_loss(
    values: Grey, labels: NDArray[np.intp], fit: Fit, groups: NDArray[np.intp], seed: int
) -> NDArray[np.float64]:
    """The logistic head with the strength of the lowest loss, not of the highest macro-F1."""
    head = LogisticHead(seed=seed).fit(values[fit.whole], labels[fit.whole], groups[fit.whole])
    return head.predict_proba(values[fit.score])


def fixed(strength: float) -> object:
    """The logistic head of one strength."""

    def predict(
        values: Grey, labels: NDArray[np.intp], fit: Fit, groups: NDArray[np.intp], seed: int
    ) -> NDArray[np.float64]:
        rows = fit.whole
        head = LogisticHead((strength,), seed=seed).fit(values[rows], labels[rows], groups[rows])
        return head.predict_proba(values[fit.score])

    return predict


def kernel(
    values: Grey, labels: NDArray[np.intp], fit: Fit, groups: NDArray[np.intp], seed: int
) -> NDArray[np.float64]:
    """A support vector machine with a radial kernel on standardised features of unit length."""
    rows = fit.whole
    machine = make_pipeline(StandardScaler(), Normalizer(), SVC(C=10, gamma=0.5, decision_function_shape="ovr"))
    scores = machine.fit(values[rows], labels[rows]).decision_function(values[fit.score])
    return np.asarray(scipy.special.softmax(3 * scores, axis=1))


def softmax(
    values: Grey, labels: NDArray[np.intp], fit: Fit, groups: NDArray[np.intp], seed: int
) -> NDArray[np.float64]:
    """The head trained in epochs, stopped early on its part of the training folds."""
    head = SoftmaxHead(seed=seed).fit(values[fit.train], labels[fit.train], values[fit.stop], labels[fit.stop])
    return head.predict_proba(values[fit.score])


def averaged(trained: bool) -> object:
    """Probabilities averaged over views; trained on the first view, or on all."""

    def predict(
        views: list[Grey], labels: NDArray[np.intp], fit: Fit, groups: NDArray[np.intp], seed: int
    ) -> NDArray[np.float64]:
        rows = fit.whole
        used = views if trained else views[:1]
        head = LogisticHead(seed=seed).fit(
            np.concatenate([view[rows] for view in used]),
            np.tile(labels[rows], len(used)),
            np.tile(groups[rows], len(used)),
        )
        return np.asarray(np.mean([head.predict_proba(view[fit.score]) for view in views], axis=0))

    return predict


def each_averaged(
    members: list[Grey], labels: NDArray[np.intp], fit: Fit, groups: NDArray[np.intp], seed: int
) -> NDArray[np.float64]:
    """The mean of the probabilities of one head a backbone."""
    return np.asarray(np.mean([logistic(values, labels, fit, groups, seed) for values in members], axis=0))


if __name__ == "__main__":
    main()
