"""What the scores are worth: figures with intervals under every protocol, and which models can be told apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hilum.comparison.result import ModelResult
from hilum.evaluation.differences import differences
from hilum.evaluation.intervals import resampled
from hilum.evaluation.protocols import Plan, Protocol, Slices
from hilum.evaluation.scoring import figures_of, resamples_of, scored_as


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
) -> Worth:
    """Figures with intervals of every model under every protocol, and paired differences to the best."""
    figures: dict[Protocol, dict[str, Any]] = {}
    compared: dict[Protocol, list[dict[str, Any]]] = {}
    for name, plan in plans.items():
        ran = {result.name: result.predictions[name] for result in results if name in result.predictions}
        if not ran:
            continue
        weights = resamples_of(plan, slices, seed)
        figures[name] = {
            model: figures_of(predictions, slices, classes, negative, weights) for model, predictions in ran.items()
        }
        if best in ran and len(ran) > 1:
            drawn = {
                model: resampled(scored_as(predictions, slices), classes, weights) for model, predictions in ran.items()
            }
            compared[name] = differences(drawn, best)
    return Worth(figures, compared)
