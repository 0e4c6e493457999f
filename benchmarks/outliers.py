"""Which pictures a model refuses: nearest neighbours, Mahalanobis and ViM on real slices and on pictures that are none.

Usage: python benchmarks/outliers.py FOLDER --weights FOLDER [--models a,b]

Markdown tables. Accepted pictures: index, statistics and threshold are a trained model's, fitted on development slices
(distinct, of train and valid), the threshold on their strict held-out scores. Refused slices: strict held-out scores
over all distinct slices, the threshold cross-fitted by look-alike group. Scores are in the last scale's features, as in
a trained model. Flips and turns: one slice of each look-alike group, judged by the index, the threshold and the head
(on all scales) of the strict folds that it is not in.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from held_out import Bench, open_bench, options
from numpy.typing import NDArray
from pictures import Grey, not_ct, other_scans
from rivals import fit_mahalanobis, fit_vim
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from hilum.backbones.engine import engine_name
from hilum.features.extract import recipe_of, run_backbone
from hilum.heads.logistic import LogisticHead
from hilum.records.figures import Estimate
from hilum.scoring.protocols import Plan, development_rows, folds
from hilum.scoring.resamples import draw_resamples
from hilum.scoring.scoring import plans_for
from hilum.slices.body import body_box
from hilum.slices.pixels import pixels_of
from hilum.slices.resize import crop_and_resize
from hilum.trust.abstention import share
from hilum.trust.measure import refused
from hilum.trust.outliers import outlier_scores, threshold_of

Values = NDArray[np.float32]
Score = Callable[[Values], NDArray[np.floating]]
_Rows = NDArray[np.intp]

_CHOSEN = "5th nearest neighbour"
_ACCEPTED, _REFUSED = 0.02, 0.05  # what is aimed at: upper limit of accepted pictures, share of refused slices
TURNS: Mapping[str, Callable[[Grey], Grey]] = {
    "as it is": lambda pixels: pixels,
    "left and right swapped": lambda pixels: pixels[:, ::-1],
    "upside down": lambda pixels: pixels[::-1],
    "quarter turn": np.rot90,
    "half turn": lambda pixels: np.rot90(pixels, 2),
    "three quarter turns": lambda pixels: np.rot90(pixels, 3),
}


def main() -> None:
    """Prints the tables."""
    chosen = options(__doc__).parse_args()
    bench = open_bench(chosen.folder, chosen.weights)
    slices, names = bench.slices, chosen.models.split(",")
    development = folds("strict", slices, development_rows(slices), slices.strict, repeats=1)
    strict = plans_for(slices, ["strict"], repeats=1, seed=0)[0]["strict"]
    assert development is not None
    strangers, scans = not_ct(), other_scans()
    assert sum(map(len, strangers.values())) >= 400

    accepted: dict[tuple[str, str], dict[str, tuple[int, int]]] = {}
    areas, away, turned = {}, {}, {}
    for name in names:
        both = bench.features(name)
        width = bench.backbone(name)[0].width
        values = both[:, -width:]
        seen = {kind: features_of(bench, name, each)[:, -width:] for kind, each in (strangers | scans).items()}
        for method, fit in METHODS.items():
            score = fit(bench, values, development.scored, development.inner)
            own = held_out(bench, values, development, fit)
            threshold = threshold_of(own)
            scores = {kind: score(each) for kind, each in seen.items()}
            accepted[name, method] = {kind: (int((s <= threshold).sum()), len(s)) for kind, s in scores.items()}
            others = np.concatenate([scores[kind] for kind in strangers])
            areas[name, method] = float(
                roc_auc_score(np.repeat([0, 1], [len(own), len(others)]), np.concatenate([own, others]))
            )
            away[name, method] = _refused(bench, strict, held_out(bench, values, strict, fit))
        turned[name] = turns_of(bench, name, both, strict)

    kinds = list(strangers)
    _head("Methods", "backbone, method, not CT accepted, Wilson upper limit, AUC, good slices refused (strict)", 2)
    for key, counts in accepted.items():
        total = _summed(counts, kinds)
        _row(*key, f"{total[0]} of {total[1]}", _limit(*total), f"{areas[key]:.4f}", _share(away[key]))
    for title, wanted in (("Pictures that are not CT", [*kinds, "all"]), ("Other scans", list(scans))):
        _head(f"{title}: accepted by the {_CHOSEN}", "kind, " + ", ".join(names), 1)
        for kind in wanted:
            cells = [_summed(accepted[name, _CHOSEN], kinds if kind == "all" else [kind]) for name in names]
            _row(kind, *(f"{count} of {total} (to {_limit(count, total)})" for count, total in cells))
    _head("Flips and turns of good slices", "backbone, change, kept, changes class, right of those kept", 2)
    for name, rows in turned.items():
        for change, row in rows.items():
            _row(name, change, *map(_share, row))
    _head("Aims", f"backbone, accepted pictures at most {_ACCEPTED:.0%}, good slices refused at most {_REFUSED:.0%}", 1)
    for name in names:
        count, total = _summed(accepted[name, _CHOSEN], kinds)
        limit, gone = _upper(count, total), away[name, _CHOSEN].value
        assert gone is not None
        _row(
            name,
            f"{'reached' if limit <= _ACCEPTED else 'missed'} ({limit:.2%})",
            f"{'reached' if gone <= _REFUSED else 'missed'} ({gone:.2%})",
        )


def neighbours(bench: Bench, values: Values, rows: _Rows, groups: _Rows) -> Score:
    """The score that models use."""
    return partial(outlier_scores, values[rows])


def mahalanobis(bench: Bench, values: Values, rows: _Rows, groups: _Rows) -> Score:
    """On features as they are."""
    return fit_mahalanobis(values[rows], bench.slices.labels[rows]).score


def vim(bench: Bench, values: Values, rows: _Rows, groups: _Rows) -> Score:
    """With the logistic head trained on the same rows, its weights brought back to features as they are."""
    head = bench.head(values, rows, groups)
    offsets = head.decision_function(np.zeros((1, values.shape[1])))[0]
    weights = head.decision_function(np.eye(values.shape[1])).T - offsets[:, None]
    return fit_vim(values[rows], weights, offsets).score


METHODS: Mapping[str, Callable[[Bench, Values, _Rows, _Rows], Score]] = {
    _CHOSEN: neighbours,
    "Mahalanobis": mahalanobis,
    "ViM": vim,
}


def held_out(
    bench: Bench, values: Values, plan: Plan, fit: Callable[[Bench, Values, _Rows, _Rows], Score]
) -> NDArray[np.float64]:
    """Scores of a plan's rows by what was fitted on the other folds of its first repeat, `[m]`."""
    scores = np.empty(len(plan.scored))
    for part in plan.repeats[0]:
        score = fit(bench, values, part.whole, plan.inner)
        scores[np.searchsorted(plan.scored, part.score)] = score(values[part.score])
    return scores


def features_of(bench: Bench, name: str, pictures: Sequence[Grey]) -> Values:
    """Features of pictures `[n, width]`, cropped and resized as slices are; cached."""
    row, weights = bench.backbone(name)
    squares = [crop_and_resize(pixels, body_box(pixels), row.size, row.interpolation) for pixels in pictures]
    keys = [hashlib.sha256(square.tobytes()).digest() for square in squares]
    recipe = recipe_of(row, weights, f"{row.tag} scales {row.scales} pictures of a benchmark", engine_name("auto"))
    entries, _ = run_backbone(row, weights, recipe, keys, squares, lambda square: square, name)
    return np.stack([entry.features for entry in entries])


def turns_of(bench: Bench, name: str, values: Values, plan: Plan) -> dict[str, tuple[Estimate, Estimate, Estimate]]:
    """For each change: the share kept, the share of another class than before, and the share right of those kept.

    Args:
        bench: The slices.
        name: Of the backbone.
        values: Its features of all scales, `[rows, width]`.
        plan: The strict folds.
    """
    rows, groups, labels = plan.scored, bench.slices.strict, bench.slices.labels
    last = values[:, -bench.backbone(name)[0].width :]
    shown = rows[np.unique(groups[rows], return_index=True)[1]]  # one slice a group
    pixels = [pixels_of(bench.table, bench.table.rows[row]) for row in shown]
    scores = held_out(bench, last, plan, neighbours)
    fitted: list[tuple[_Rows, Score, float, LogisticHead]] = []
    for part in plan.repeats[0]:
        own = np.flatnonzero(np.isin(shown, part.score))
        threshold = threshold_of(scores[~np.isin(rows, part.score)])
        head = bench.head(values, part.whole, plan.inner)
        fitted.append((own, neighbours(bench, last, part.whole, plan.inner), threshold, head))
    weights = draw_resamples(labels[shown], groups[shown], refitted=True)
    every, before, found = np.ones(len(shown)), np.empty(0), {}
    for change, turn in TURNS.items():
        seen = features_of(bench, name, [np.ascontiguousarray(turn(each)) for each in pixels])
        kept, called = np.empty(len(shown), np.bool_), np.empty(len(shown), np.intp)
        for own, score, threshold, head in fitted:
            kept[own] = score(seen[own, -last.shape[1] :]) <= threshold
            called[own] = head.predict(seen[own])
        before = before if len(before) else called
        right = kept & (called == labels[shown])
        found[change] = (
            share(kept, every, weights),
            share(called != before, every, weights),
            share(right, kept, weights),
        )
    return found


def _refused(bench: Bench, plan: Plan, scores: NDArray[np.float64]) -> Estimate:
    labels, groups = bench.slices.labels[plan.scored], bench.slices.strict[plan.scored]
    above = refused(labels, groups, scores)
    return share(above, np.ones(len(labels)), draw_resamples(labels, groups, refitted=True))


def _summed(counts: Mapping[str, tuple[int, int]], kinds: Sequence[str]) -> tuple[int, int]:
    return sum(counts[kind][0] for kind in kinds), sum(counts[kind][1] for kind in kinds)


def _upper(count: int, total: int) -> float:
    return float(binomtest(count, total).proportion_ci(method="wilson").high)


def _limit(count: int, total: int) -> str:
    return f"{100 * _upper(count, total):.1f} %"


def _head(title: str, columns: str, names: int) -> None:
    cells = columns.split(", ")
    print(f"\n### {title}\n\n| {' | '.join(cells)} |\n{'|---' * names}|{'---:|' * (len(cells) - names)}")


def _row(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def _share(estimate: Estimate) -> str:
    values = (estimate.value, estimate.low, estimate.high)
    value, low, high = (np.nan if each is None else 100 * each for each in values)
    return f"{value:.1f} ({low:.1f}–{high:.1f}) %"


if __name__ == "__main__":
    main()
