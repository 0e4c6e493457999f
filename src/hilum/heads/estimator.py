"""The base of heads on frozen features, as scikit-learn estimators."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from hilum.heads.history import Epoch
from hilum.heads.questions import HeadArrays
from hilum.records.heads import ChosenScorer


class HeadEstimator(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A head that predicts by its arrays, which are all that a model keeps of it.

    Attributes:
        classes_: The labels, sorted.
        chosen_: Settings that each scorer chose for itself; empty for a head that chooses none.
        history_: An `Epoch` for each step of the training.
        best_epoch_: Number (1-based) of the step that was kept; 0 without steps.
    """

    classes_: NDArray[Any]
    chosen_: tuple[ChosenScorer, ...] = ()
    history_: list[Epoch]
    best_epoch_: int
    _arrays: HeadArrays

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_arrays")

    def arrays(self) -> HeadArrays:
        """The trained head on features as the backbone gives them: all that a model keeps of it.

        Example:
            >>> head.arrays().classes
            4
        """
        check_is_fitted(self)
        return self._arrays

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Logarithms of the probabilities, `[n, classes]`; with two classes, the second's minus the first's, `[n]`.

        Example:
            >>> head.decision_function(features[:2]).shape
            (2, 4)
        """
        logits = self._logits(X)
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Probabilities `[n, classes]` in the order of `classes_`; rows sum to 1.

        Example:
            >>> head.predict_proba(features[:2]).shape
            (2, 4)
        """
        probabilities: NDArray[np.float64] = np.exp(self._logits(X))
        return probabilities

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The most probable label of each row, `[n]`.

        Example:
            >>> head.predict(features).shape
            (48,)
        """
        numbers = self._logits(X).argmax(1)
        labels: NDArray[Any] = self.classes_[numbers]
        return labels

    def _logits(self, X: ArrayLike) -> NDArray[np.float64]:
        arrays = self.arrays()
        return arrays.logits(validate_data(self, X, dtype=np.float32, reset=False))

    def _checked(self, X: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """Features `[n, width]` and numbers of the classes `[n]` to train on; sets `classes_`.

        Raises:
            ValueError: The arrays do not fit each other, or there is one class only.
        """
        features, labels = validate_data(self, X, y, dtype=np.float32)
        check_classification_targets(labels)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"at least 2 classes are needed to train, and there is one class only: {self.classes_[0]!r}"
            )
        return features, numbers


def groups_of(groups: ArrayLike | None, count: int) -> NDArray[Any]:
    """Groups of rows, `[count]`; by default each row is a group of its own.

    Raises:
        ValueError: There are more or fewer of them.
    """
    together = np.arange(count) if groups is None else np.asarray(groups)
    if together.shape != (count,):
        raise ValueError(f"groups must be [{count}], not {list(together.shape)}")
    return together
