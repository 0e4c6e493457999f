"""Training heads on frozen features under a protocol."""

import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hilum.heads.history import Epoch
from hilum.heads.options import HEADS, HeadOptions
from hilum.heads.side_by_side import side_by_side
from hilum.progress import Advance
from hilum.records.heads import ChosenScorer
from hilum.scoring.protocols import Fit, Plan, Protocol
from hilum.scoring.scoring import Predictions, Run, known, run_plan


@dataclass(frozen=True)
class Labelled:
    """What heads learn from and predict.

    Attributes:
        features: Features of a frozen backbone, `[rows, width]`, or pictures `[rows, size, size]`.
        labels: Numbers of the classes, `[rows]`.
        classes: Number of classes.
        negative: Number of the non-cancer class, or None.
        views: Further views of the first rows, which heads learn from as well, one array as `features` each.
    """

    features: NDArray[np.float32]
    labels: NDArray[np.intp]
    classes: int
    negative: int | None = None
    views: tuple[NDArray[np.float32], ...] = ()

    @classmethod
    def of(
        cls,
        features: NDArray[np.float32],
        labels: NDArray[np.intp],
        classes: Sequence[str],
        negative: str | None,
        views: tuple[NDArray[np.float32], ...] = (),
    ) -> Self:
        """What heads learn from, with names of the classes; a negative class that is not among them counts as none."""
        number = None if negative is None or negative not in classes else classes.index(negative)
        return cls(features, labels, len(classes), number, views)

    def seen(self, fit: Fit, inner: NDArray[np.intp]) -> tuple[Self, Fit, NDArray[np.intp]]:
        """The rows that a fit learns from, in all views, as data, fit and groups of their own.

        A view of a slice has the slice's label and group. Early stopping looks at slices as they are.
        """
        rows, sides = np.union1d(fit.whole, fit.stop), (self.features, *self.views)

        def places(of: NDArray[np.intp], views: int) -> NDArray[np.intp]:
            return np.concatenate([np.searchsorted(rows, of) + view * len(rows) for view in range(views)])

        train, whole = (places(of, len(sides)) for of in (fit.train, fit.whole))
        labels, groups = (np.tile(of[rows], len(sides)) for of in (self.labels, inner))
        data = replace(self, features=np.concatenate([side[rows] for side in sides]), labels=labels, views=())
        return data, Fit(train, places(fit.stop, 1), whole[:0], whole), groups


class Head(typing.Protocol):
    """A trained head: one of hilum's estimators, or the small CNN."""

    classes_: NDArray[Any]
    chosen_: tuple[ChosenScorer, ...]
    history_: list[Epoch]
    best_epoch_: int

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Probabilities `[rows, classes]` in the order of `classes_`."""
        ...


Train = Callable[[Labelled, Fit, NDArray[np.intp], HeadOptions, int], Head]


def fit_head(data: Labelled, fit: Fit, inner: NDArray[np.intp], options: HeadOptions, seed: int) -> Head:
    """Trains one head.

    Args:
        data: All rows.
        fit: Rows to train on.
        inner: Groups that every fold inside the training keeps together, `[rows]`.
        options: Options of all heads.
        seed: Random seed of this head.
    """
    train: Train = import_module(HEADS[options.head]).train_head
    if data.views:
        data, fit, inner = data.seen(fit, inner)
    return train(data, fit, inner, options, seed % 2**32)


def run_heads(
    data: Labelled, plan: Plan, options: HeadOptions, train: Train = fit_head, run: Run = side_by_side
) -> Predictions:
    """Trains a head for every fit of a plan, with one seed for each repeat.

    Args:
        data: All rows.
        plan: Fits to run.
        options: Options of all heads.
        train: Function that trains one head.
        run: Function that calls another with each fit, as `map` does.
    """

    def predict(fit: Fit, seed: int) -> NDArray[np.float64]:
        head = train(data, fit, plan.inner, options, seed)
        probabilities = np.zeros((len(fit.score), data.classes))
        probabilities[:, head.classes_] = head.predict_proba(data.features[fit.score])
        return probabilities

    return run_plan(plan, data.classes, predict, options.seed, run)


def run_all(
    data: Labelled,
    plans: Mapping[Protocol, Plan],
    options: HeadOptions,
    train: Train = fit_head,
    run: Run = side_by_side,
    ran: Sequence[Predictions] = (),
    advance: Advance = lambda: None,
) -> dict[Protocol, Predictions]:
    """The predictions under several plans; trainings that an earlier plan had too are not run again.

    Args:
        data: All rows.
        plans: Plans by protocol.
        options: Options of all heads.
        train: Function that trains one head.
        run: Function that calls another with each fit, as `map` does.
        ran: Predictions of plans that were run already.
        advance: Function called after each plan.
    """
    found: dict[Protocol, Predictions] = {}
    for name, plan in plans.items():
        found[name] = known(plan, (*ran, *found.values())) or run_heads(data, plan, options, train, run)
        advance()
    return found


def averaged(members: Sequence[Predictions]) -> Predictions:
    """The mean of several models' predictions under one protocol."""
    return Predictions(
        members[0].plan,
        np.mean([member.probabilities for member in members], axis=0),
        np.mean([member.by_seed for member in members], axis=0),
    )
