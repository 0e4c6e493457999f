"""Floors of predictions that were made elsewhere: simple models that learn what those learnt and is not scored."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hilum.audit.audit import Audit
from hilum.audit.likeness import likeness_notes
from hilum.judging.titles import title_of
from hilum.progress import Tracker, silent
from hilum.records.figures import Floor
from hilum.report.words import listed
from hilum.scoring.protocols import Plan, Protocol, Slices


def with_judged_floors(
    audit: Audit,
    plans: Mapping[Protocol, Plan],
    slices: Slices,
    negative: str | None,
    floor: str,
    seed: int,
    track: Tracker = silent,
) -> Audit:
    """The audit with floors that are trained and scored as the plans of a judgement say.

    Slices that are scored train no floor: it would know them by heart.

    Args:
        audit: An audit, or a first look.
        plans: Plans by protocol; under one without training slices of two classes there is no floor.
        slices: All slices, in the classes of the predictions.
        negative: Name of the non-cancer class among these, or None.
        floor: Kind of the floors, as `run_audit` takes it.
        seed: Random seed of the models and of the resamples.
        track: Progress display.

    Raises:
        HilumError: A file changed since the table was read, or the cache cannot be written.
    """
    notes = list(likeness_notes(audit.groups, strict=False))
    known = {name: plan for name, plan in plans.items() if _can_learn(plan, slices)}
    if without := [title_of(name, slices) for name in plans if name not in known]:
        notes.append(
            f"There are no floors under {listed(without)}: it is not known that slices of two classes of this folder "
            "were trained on."
        )
    apart = {name: _apart(plan) for name, plan in known.items()}
    learnt = {name: plan for name, plan in apart.items() if _can_learn(plan, slices)}
    if without := [title_of(name, slices) for name in known if name not in learnt]:
        notes.append(
            f"There are no floors under {listed(without)}: of what was trained on, no two classes have slices that are "
            "not scored too."
        )
    found, draws = dict[str, dict[str, Floor]](), dict[str, dict[str, NDArray[np.float64]]]()
    if learnt:
        from hilum.audit.shortcuts import floors, shortcut_features  # loads scikit-learn

        features, missing = shortcut_features(audit.table, audit.looks, floor, track)
        notes += missing
        found, draws = floors(features, learnt, slices, slices.classes, negative, seed, track)
    each = {name: found.get(name, {}) for name in plans}
    return replace(audit, floors=each, floor_draws=draws, seed=seed, notes=tuple(notes), floor=floor)


def _apart(plan: Plan) -> Plan:
    """The first repeat of a plan, trained on none of the rows that the same fit scores."""
    fits = (
        replace(fit, train=np.setdiff1d(fit.train, fit.score), whole=np.setdiff1d(fit.whole, fit.score))
        for fit in plan.repeats[0]
    )
    return replace(plan, repeats=(tuple(fits),))


def _can_learn(plan: Plan, slices: Slices) -> bool:
    return all(len(np.unique(slices.labels[fit.whole])) > 1 for fit in plan.repeats[0])
