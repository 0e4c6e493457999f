"""Two questions in a row: whether a slice shows a cancer, and if so, which."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from hilum.heads.estimator import HeadEstimator, groups_of
from hilum.heads.kernel import KernelHead
from hilum.heads.options import HeadOptions
from hilum.heads.questions import HeadArrays, Question
from hilum.heads.run import Labelled
from hilum.heads.targets import labels_are_classes
from hilum.scoring.protocols import Fit

CANCER, TYPE = "cancer", "type"
_Asked = tuple[HeadEstimator, str, NDArray[np.bool_], NDArray[Any], list[tuple[int, ...]]]
"""A head, the name of its question, the rows it is about, the answers of all rows, and the classes in each answer."""


@dataclass(eq=False, repr=False)
class HierarchicalHead(HeadEstimator):
    """A head that asks whether a slice is of the negative class, and one that asks which of the others it is.

    Each is a head of its own, and chooses its strength on the slices that its question is about. Cancer or not was seen
    to travel to another hospital only if it is held strongly, so the first follows the plain one-standard-error rule.
    Which cancer cannot be checked there, and the plain rule cost 0.06 of macro-F1, so the second follows the rule of
    paired differences. The probability of a class is the product of the answers' probabilities, each calibrated on
    held-out slices, so that the products mean what they say.

    Args:
        negative: Label of the negative class. Unless there are that class and two others, a `KernelHead` asks for the
            class at once.
        first: Head for the first question; None is a `KernelHead`.
        second: Head for the second question; None is a `KernelHead` that is `paired`.
        class_weight: None, weights by label, or `balanced` to let the answers to each question weigh the same.
        folds: Number of inner folds in which each head chooses its strength.
        seed: Random seed of the inner folds.

    Attributes:
        classes_: The labels, sorted.
        chosen_: The chosen strengths.
        history_: That of the first head.
        best_epoch_: That of the first head.

    Example:
        >>> table = hilum.read_table("phantom", groups="phantom/table.csv")
        >>> features = hilum.extract_features(table, "efficientnet_lite0")
        >>> groups = [row.group for row in table.rows]
        >>> head = hilum.HierarchicalHead(negative=table.classes.index("normal")).fit(features, table.labels, groups)
        >>> head.predict_proba(features).shape
        (48, 4)
    """

    negative: Any = None
    first: HeadEstimator | None = None
    second: HeadEstimator | None = None
    class_weight: str | dict[Any, float] | None = None
    folds: int = 5
    seed: int = 0

    @labels_are_classes()
    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Trains both heads.

        Args:
            X: Features `[n, width]`.
            y: Labels `[n]`.
            groups: Groups `[n]` that an inner fold keeps together; by default each row is a group of its own.

        Raises:
            ValueError: The arrays do not fit each other, or there is one class only.

        Example:
            >>> hilum.HierarchicalHead(negative=2).fit(features, table.labels, groups=[row.group for row in table.rows])
            HierarchicalHead(negative=2)
        """
        features, numbers = self._checked(X, y)
        together, count = groups_of(groups, len(numbers)), len(self.classes_)
        if asked_at_once(self.classes_.tolist(), self.negative):
            asked: list[_Asked] = [
                (KernelHead(), "class", numbers >= 0, numbers, [(number,) for number in range(count)])
            ]
        else:
            negative = self.classes_.tolist().index(self.negative)
            others = tuple(number for number in range(count) if number != negative)
            none, every = numbers == negative, numbers >= 0
            asked = [
                (self.first or KernelHead(), CANCER, every, none, [others, (negative,)]),
                (self.second or KernelHead(paired=True), TYPE, ~none, numbers, [(number,) for number in others]),
            ]
        heads, questions = [], []
        for head, name, rows, truth, answers in asked:
            own = clone(head).set_params(class_weight=self.class_weight, folds=self.folds, seed=self.seed)
            heads.append((name, own.fit(features[rows], truth[rows], together[rows])))
            questions.append(Question(tuple(answers), own.arrays().questions[0].scorers))
        self._arrays = HeadArrays(count, tuple(questions))
        self.chosen_ = tuple(
            chosen.model_copy(update={"question": name}) for name, head in heads for chosen in head.chosen_
        )
        self.history_, self.best_epoch_ = heads[0][1].history_, heads[0][1].best_epoch_
        return self


def asked_at_once(classes: Collection[Any], negative: Any) -> bool:  # noqa: ANN401 - labels of any kind
    """Whether there is nothing to ask apart: no negative class, or fewer than two classes beside it."""
    return negative not in classes or len(classes) < 3


def at_once_note(head: str, classes: Collection[str], negative: str | None) -> list[str]:
    """The note for a head that was to ask two questions and cannot."""
    if head != "hierarchical" or not asked_at_once(classes, negative):
        return []
    return [
        "The hierarchical head needs a non-cancer class and two others, so one kernel machine asked for the class at "
        "once; --negative names the non-cancer class."
    ]


def train_head(data: Labelled, fit: Fit, inner: NDArray[np.intp], options: HeadOptions, seed: int) -> HierarchicalHead:
    """Trains both heads on the training rows; each chooses its strength in folds of them, grouped by `inner`."""
    rows = fit.whole
    head = HierarchicalHead(data.negative, class_weight=options.weighting, seed=seed)
    return head.fit(data.features[rows], data.labels[rows], inner[rows])
