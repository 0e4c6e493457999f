"""How scores fall as slices of ever lower similarity are kept together, down to where links join different chests."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hilum.audit.audit import Audit
from hilum.audit.duplicates import SAME_SLICE
from hilum.audit.purity import PURE
from hilum.comparison.options import CompareOptions
from hilum.comparison.result import ENSEMBLE, ModelResult
from hilum.features.extract import Features
from hilum.heads.run import Labelled, averaged, run_heads
from hilum.progress import Tracker
from hilum.records.figures import likeness_text
from hilum.scoring.intervals import shares_with_intervals
from hilum.scoring.protocols import distinct_rows, folds, in_fewer_groups
from hilum.scoring.resamples import draw_resamples
from hilum.scoring.scoring import Predictions, known, scored_as

_SCORED_AT = (0.85, 0.90, 0.95, SAME_SLICE)  # and at the likeness of strict; elsewhere only groups are counted
_REPEATS = 2


def similarity_curve(
    audit: Audit,
    features: Mapping[str, Features],
    results: Sequence[ModelResult],
    options: CompareOptions,
    track: Tracker,
) -> list[dict[str, Any]]:
    """Macro-F1 of each frozen backbone and ensemble, with intervals, in folds that join slices above each similarity.

    Args:
        audit: The audit of the slices.
        features: Features of each frozen backbone, with their views.
        results: Results of the models. Folds that a protocol has run already are not run again.
        options: Options of the comparison.
        track: Progress display.

    Returns:
        One point per similarity (`strength`): the number of `groups` and the size of the `largest`; whether links are
        false there (`false_links`); `scores` by model and the number of `folds` behind them, empty and None if the
        point was not scored; and `notes` on deviations, and on why the curve ends.
    """
    table, slices = audit.table, audit.slices
    rows = distinct_rows(slices)
    scored = {*_SCORED_AT, audit.groups.likeness}
    false_below = (audit.groups.purity and audit.groups.purity.false_below) or 0.0
    shown = [one for one in audit.groups.similarities if one >= false_below or one in scored]
    points = []
    with track("similarity curve", len(scored) * len(features)) as advance:
        for similarity in shown:
            groups = audit.groups.at(similarity)
            sizes = np.unique(groups[rows], return_counts=True)[1]
            point: dict[str, Any] = {
                "strength": similarity,
                "groups": len(sizes),
                "largest": int(sizes.max()),
                "scores": {},
                "folds": None,
                "false_links": similarity < false_below,
                "notes": [],
            }
            points.append(point)
            if similarity not in scored:
                continue
            plan = folds("strict", slices, rows, groups, repeats=_REPEATS, seed=options.seed)
            if plan is None:
                few = slices.named(in_fewer_groups(slices, rows, groups, 2))
                point["notes"].append(f"Not scored: there are fewer than two groups with slices of {few}.")
                continue
            point.update(folds=min(len(fits) for fits in plan.repeats), notes=list(plan.notes))
            predicted: dict[str, Predictions] = {}
            for name, its in features.items():
                ran = next(of for of in results if of.name == name).predictions.values()
                predicted[name] = known(plan, ran) or run_heads(
                    Labelled.of(its.values, table.labels, table.classes, options.negative, its.views), plan, options
                )
                advance()
            for members in options.ensembles:
                if all(name in predicted for name in members):
                    predicted[ENSEMBLE.join(members)] = averaged([predicted[name] for name in members])
            resamples = draw_resamples(slices.labels[rows], groups[rows], seed=options.seed, refitted=True)
            for name, of in predicted.items():
                point["scores"][name] = shares_with_intervals(scored_as(of, slices), resamples)["f1_macro"]
    if false_below:
        points[0]["notes"].append(
            f"The curve ends here, since below {likeness_text(false_below)} links are false: pairs that alike differ "
            f"in class more than {100 * PURE:.0f} % as often as random pairs, so joining them joins different chests."
        )
    return points
