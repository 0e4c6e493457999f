"""The table of heads on frozen features, and their training under a protocol."""

import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hilum.heads.history import Epoch
from hilum.heads.side_by_side import side_by_side
from hilum.options import Seeded, check_name, check_within
from hilum.scoring.protocols import Fit, Plan
from hilum.scoring.scoring import Predictions, Run, run_plan


@dataclass(frozen=True, kw_only=True)
class HeadOptions(Seeded):
    """How heads, and the small CNN, are trained.

    Attributes:
        head: Kind of head, a key of `HEADS`.
        strengths: Inverse penalties, ascending, that a logistic head chooses from, or None for its defaults.
        epochs: Largest number of epochs of a softmax head.
        cnn_epochs: Largest number of epochs of the CNN.
        patience: Number of epochs without a lower validation loss after which training stops.
        seed: Random seed of the first training; each later training takes the next seed.
    """

    head: str = "logistic"
    strengths: tuple[float, ...] | None = None
    epochs: int = 10
    cnn_epochs: int = 40
    patience: int = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        check_name("head", self.head, HEADS)
        for field in ("epochs", "cnn_epochs", "patience"):
            check_within(field, getattr(self, field), 1)


@dataclass(frozen=True)
class Labelled:
    """What heads learn from and predict.

    Attributes:
        features: Features of a frozen backbone, `[rows, width]`, or pictures `[rows, size, size]`.
        labels: Numbers of the classes, `[rows]`.
        classes: Number of classes.
    """

    features: NDArray[np.float32]
    labels: NDArray[np.intp]
    classes: int


class Head(typing.Protocol):
    """A trained head: one of hilum's estimators, or the small CNN."""

    classes_: NDArray[Any]
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
    return HEADS[options.head](data, fit, inner, options, seed % 2**32)


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


def averaged(members: Sequence[Predictions]) -> Predictions:
    """The mean of several models' predictions under one protocol."""
    return Predictions(
        members[0].plan,
        np.mean([member.probabilities for member in members], axis=0),
        np.mean([member.by_seed for member in members], axis=0),
    )


# The heads' modules load scikit-learn and torch, which are not needed to check options.


def _logistic(data: Labelled, fit: Fit, inner: NDArray[np.intp], options: HeadOptions, seed: int) -> Head:
    """Trains a logistic head, which chooses its strength in folds of the training rows, grouped by `inner`."""
    from hilum.heads.logistic import STRENGTHS, LogisticHead

    rows = fit.whole
    head = LogisticHead(strengths=options.strengths or STRENGTHS, seed=seed)
    return head.fit(data.features[rows], data.labels[rows], inner[rows])


def _softmax(data: Labelled, fit: Fit, inner: NDArray[np.intp], options: HeadOptions, seed: int) -> Head:
    """Trains a softmax head, which stops early on the fit's rows for that; without such rows it holds some out."""
    from hilum.heads.softmax import SoftmaxHead

    features, labels = data.features, data.labels
    head = SoftmaxHead(epochs=options.epochs, patience=options.patience, seed=seed)
    stop = fit.stop[np.isin(labels[fit.stop], labels[fit.train])]
    valid = (features[stop], labels[stop]) if len(stop) else ()
    return head.fit(features[fit.train], labels[fit.train], *valid)


HEADS: Mapping[str, Train] = {
    "logistic": _logistic,
    "softmax": _softmax,
}
