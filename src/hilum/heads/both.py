"""The average of a logistic regression and a kernel machine."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hilum.heads.estimator import HeadEstimator
from hilum.heads.kernel import KernelHead
from hilum.heads.logistic import LogisticHead
from hilum.heads.options import HeadOptions
from hilum.heads.questions import one_question
from hilum.heads.run import Labelled
from hilum.scoring.protocols import Fit


@dataclass(eq=False, repr=False)
class BothHead(HeadEstimator):
    """The mean of the probabilities of a `LogisticHead` and a `KernelHead`.

    Args:
        class_weight: None, weights by label, or `balanced` to let all classes weigh the same.
        folds: Number of inner folds in which each chooses its strength.
        seed: Random seed of the inner folds.

    Attributes:
        classes_: The labels, sorted.
        chosen_: The chosen strengths.
        history_: That of the logistic regression.
        best_epoch_: That of the logistic regression.

    Example:
        >>> table = hilum.read_table("phantom", groups="phantom/table.csv")
        >>> features = hilum.extract_features(table, "efficientnet_lite0")
        >>> groups = [row.group for row in table.rows]
        >>> head = hilum.BothHead().fit(features, table.labels, groups)
        >>> head.predict_proba(features).shape
        (48, 4)
    """

    class_weight: str | dict[Any, float] | None = None
    folds: int = 5
    seed: int = 0

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Trains both; the arguments and errors are those of `LogisticHead.fit`.

        Example:
            >>> hilum.BothHead().fit(features, table.labels, groups=[row.group for row in table.rows])
            BothHead()
        """
        self._checked(X, y)
        members = [
            kind(class_weight=self.class_weight, folds=self.folds, seed=self.seed).fit(X, y, groups)
            for kind in (LogisticHead, KernelHead)
        ]
        self._arrays = one_question(
            tuple(scorer for member in members for scorer in member.arrays().questions[0].scorers)
        )
        self.chosen_ = tuple(scorer for member in members for scorer in member.chosen_)
        self.history_, self.best_epoch_ = members[0].history_, members[0].best_epoch_
        return self


def train_head(data: Labelled, fit: Fit, inner: NDArray[np.intp], options: HeadOptions, seed: int) -> BothHead:
    """Trains both on the training rows; each chooses its strength in folds of them, grouped by `inner`."""
    rows = fit.whole
    head = BothHead(class_weight=options.weighting, seed=seed)
    return head.fit(data.features[rows], data.labels[rows], inner[rows])
