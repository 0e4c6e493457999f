"""Heads on frozen features, under every protocol."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hilum.comparison.result import Settings
from hilum.evaluation.protocols import Fit, Plan, Protocol
from hilum.evaluation.scoring import Predictions, run_plan
from hilum.training.head import SoftmaxHead
from hilum.training.history import Epoch
from hilum.training.logistic import LogisticHead
from hilum.training.side_by_side import side_by_side

HEAD_SEEDS = 5
HEADS = ("logistic", "softmax")


@dataclass(frozen=True)
class GivenHeads:
    """Heads trained on the split as given, a seed each.

    Attributes:
        history: Of the first one.
        best_epoch: The entry of `history` that was kept, counted from 1; 0 where there was no choice.
        by_seed: Probabilities of every row, `[seeds, rows, classes]`.
    """

    history: tuple[Epoch, ...]
    best_epoch: int
    by_seed: NDArray[np.float64]

    def predictions(self, plan: Plan) -> Predictions:
        """As the given protocol has them: averaged over the seeds."""
        scored = self.by_seed[:, plan.scored]
        return Predictions(plan, scored.mean(0, keepdims=True), scored)


def given_heads(
    features: NDArray[np.float32], labels: NDArray[np.intp], classes: int, plan: Plan, settings: Settings
) -> GivenHeads:
    """Trains `HEAD_SEEDS` heads on the one fit of the given plan and lets them predict every row."""
    (fit,) = plan.repeats[0]
    seeds = range(settings.seed, settings.seed + HEAD_SEEDS)
    heads = side_by_side(lambda seed: fit_head(features, labels, fit, plan.inner, settings, seed), seeds)
    by_seed = np.stack([_predict(head, features, classes) for head in heads])
    return GivenHeads(tuple(heads[0].history_), heads[0].best_epoch_, by_seed)


def run_heads(
    features: NDArray[np.float32], labels: NDArray[np.intp], classes: int, plan: Plan, settings: Settings
) -> Predictions:
    """Trains a head for every fit of a plan, a repeat a seed."""

    def predict(fit: Fit, seed: int) -> NDArray[np.float64]:
        head = fit_head(features, labels, fit, plan.inner, settings, seed)
        return _predict(head, features[fit.score], classes)

    return run_plan(plan, classes, predict, settings.seed, side_by_side)


def fit_head(
    features: NDArray[np.float32],
    labels: NDArray[np.intp],
    fit: Fit,
    inner: NDArray[np.intp],
    settings: Settings,
    seed: int,
) -> SoftmaxHead | LogisticHead:
    """Trains one head.

    The logistic head chooses its strength by folds inside the training rows, grouped by `inner`. The softmax head stops
    early on the rows that the fit has for it; where there are none it holds some of its own out.
    """
    seed %= 2**32
    if settings.head == "logistic":
        return LogisticHead(seed=seed).fit(features[fit.whole], labels[fit.whole], inner[fit.whole])
    head = SoftmaxHead(epochs=settings.epochs, patience=settings.patience, seed=seed)
    stop = fit.stop[np.isin(labels[fit.stop], labels[fit.train])]
    if not len(stop):
        return head.fit(features[fit.train], labels[fit.train])
    return head.fit(features[fit.train], labels[fit.train], features[stop], labels[stop])


def averaged(members: list[Mapping[Protocol, Predictions]]) -> dict[Protocol, Predictions]:
    """The mean of several models' predictions, under each protocol that all of them ran."""
    shared = [name for name in members[0] if all(name in member for member in members)]
    return {
        name: Predictions(
            members[0][name].plan,
            np.mean([member[name].probabilities for member in members], axis=0),
            np.mean([member[name].by_seed for member in members], axis=0),
        )
        for name in shared
    }


def _predict(head: SoftmaxHead | LogisticHead, features: NDArray[np.float32], classes: int) -> NDArray[np.float64]:
    probabilities = np.zeros((len(features), classes))
    probabilities[:, head.classes_] = head.predict_proba(features)
    return probabilities
