"""What the scores are worth: figures with intervals under every protocol, and which models can be told apart."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from os import cpu_count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.comparison.result import ModelResult
from hilum.evaluation.differences import differences, lead
from hilum.evaluation.protocols import Plan, Protocol, Slices
from hilum.evaluation.scoring import figures_of, resamples_of


@dataclass(frozen=True)
class Worth:
    """JSON-ready figures (docs/run-folder.md).

    Attributes:
        figures: By protocol and model.
        differences: To the best model, by protocol.
    """

    figures: Mapping[Protocol, Mapping[str, Any]]
    differences: Mapping[Protocol, list[dict[str, Any]]]


def weigh(
    results: Sequence[ModelResult],
    best: str,
    plans: Mapping[Protocol, Plan],
    slices: Slices,
    classes: Sequence[str],
    negative: str | None,
    seed: int,
    floors: Mapping[str, Mapping[str, NDArray[np.float64]]],
) -> Worth:
    """Figures with intervals of every model under every protocol, and paired differences to the best and to the floor.

    Args:
        results: Of the models.
        best: The model that was chosen on valid.
        plans: By protocol.
        slices: All of them.
        classes: Their names.
        negative: The class that is no cancer, or None.
        seed: Of the resamples, the same as of the floors.
        floors: Macro-F1 of every shortcut on the resamples, by protocol, `[1 + count]`.
    """
    figures: dict[Protocol, dict[str, Any]] = {}
    compared: dict[Protocol, list[dict[str, Any]]] = {}
    for name, plan in plans.items():
        ran = {result.name: result.predictions[name] for result in results if name in result.predictions}
        if not ran:
            continue
        weights = resamples_of(plan, slices, seed)
        with ThreadPoolExecutor(cpu_count()) as pool:
            figured = partial(figures_of, slices=slices, classes=classes, negative=negative, weights=weights)
            found = list(pool.map(figured, ran.values()))
        draws = dict(zip(ran, (drawn for _, drawn in found), strict=True))
        figures[name] = {
            model: {**of, "over_floor": lead(draws[model]["f1_macro"], floors.get(name, {}), of["groups"])}
            for model, (of, _) in zip(ran, found, strict=True)
        }
        if best in ran and len(ran) > 1:
            compared[name] = differences(draws, best, figures[name][best]["groups"])
    return Worth(figures, compared)
