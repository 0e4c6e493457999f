"""The base of heads that choose how strongly their one scorer is held back."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from hilum.heads.calibration import Calibration
from hilum.heads.choice import Fold, choose, class_weights, inner_folds
from hilum.heads.estimator import HeadEstimator, groups_of
from hilum.heads.questions import Scorer, one_question
from hilum.heads.targets import labels_are_classes
from hilum.records.heads import ChosenScorer


class Machine(Protocol):
    """What learns scores of k classes from rows, for several strengths; n of them are those to choose on."""

    def held_out(self, inner: Sequence[Fold]) -> NDArray[Any]:
        """Scores of the n rows by fits in the folds that held them out, `[strengths, k, n]`."""
        ...

    def seen(self) -> NDArray[Any]:
        """Scores of the n rows by fits on them, `[strengths, k, n]`."""
        ...

    def scorer(self, place: int, calibration: Calibration) -> Scorer:
        """The fit of a strength on all rows, calibrated."""
        ...


@dataclass(eq=False, repr=False)
class TunedHead(HeadEstimator):
    """A head whose strength, an inverse penalty, is chosen in inner group folds.

    The scores of the chosen strength, as they were held out there, also give the calibration. If the groups are too
    few or too uneven, the strength is `without_folds`, and the calibration is fitted in folds of single rows; if a
    class has one row only, on the scores of the rows that were trained on.
    """

    strengths: tuple[float, ...]
    paired: bool = False
    class_weight: str | dict[Any, float] | None = None
    folds: int = 5
    seed: int = 0
    kind: ClassVar[Literal["linear", "kernel"]]
    without_folds: ClassVar[float]

    @labels_are_classes()
    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Chooses the strength and trains on all rows.

        Args:
            X: Features `[n, width]`.
            y: Labels `[n]`.
            groups: Groups `[n]` that an inner fold keeps together; by default each row is a group of its own.

        Raises:
            ValueError: The arrays do not fit each other, or there is one class only.

        Example:
            >>> hilum.LogisticHead().fit(features, table.labels, groups=[row.group for row in table.rows])
            LogisticHead()
        """
        features, numbers = self._checked(X, y)
        together = groups_of(groups, len(numbers))
        with threadpool_limits(1):  # the matrices are so small that a second thread only waits
            self._fit(features, numbers, together)
        return self

    @abstractmethod
    def _machine(
        self,
        features: NDArray[np.float32],
        numbers: NDArray[np.intp],
        rows: NDArray[np.intp],
        strengths: Sequence[float],
    ) -> Machine:
        """What learns from features and classes of all rows, of which some are those to choose on."""

    def _rows(self, numbers: NDArray[np.intp]) -> NDArray[np.intp]:
        """The rows to choose on: all."""
        return np.arange(len(numbers))

    def _fit(self, features: NDArray[np.float32], numbers: NDArray[np.intp], groups: NDArray[Any]) -> None:
        rows = self._rows(numbers)
        own, groups, every = numbers[rows], groups[rows], np.arange(len(rows))
        inner = inner_folds(own, groups, self.folds, self.seed)
        strengths = self.strengths if inner else (self.without_folds,)
        folds = inner or inner_folds(own, every, self.folds, self.seed)
        machine = self._machine(features, numbers, rows, strengths)
        weights = class_weights(self.classes_[own], self.class_weight)
        seen = machine.seen()
        held_out = machine.held_out(folds) if folds else seen
        choice = choose(strengths, held_out, seen, own, folds or [(every, every)], groups, weights, paired=self.paired)
        self.history_, self.best_epoch_ = (choice.history, choice.place + 1) if inner else ([], 0)
        self._arrays = one_question((machine.scorer(choice.place, choice.calibration),))
        self.chosen_ = (
            ChosenScorer(
                question="class",
                kind=self.kind,
                strength=strengths[choice.place],
                gamma=getattr(self, "gamma", None),
                at_edge=choice.at_edge,
            ),
        )
