"""The base of linear heads on frozen features, as a scikit-learn estimator."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import StandardScaler
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from hilum.heads.questions import HeadArrays, Linear, one_question
from hilum.records.heads import ChosenScorer


class LinearHead(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Standardised features and one linear layer; the heads that are fitted derive from it.

    Attributes:
        classes_: The labels, sorted.
        coef_: Weights on standardised features, `[classes, width]`.
        intercept_: Offsets of the classes, `[classes]`.
        chosen_: Settings that it chose for itself.
    """

    chosen_: tuple[ChosenScorer, ...] = ()
    classes_: NDArray[Any]
    coef_: NDArray[np.float32]
    intercept_: NDArray[np.float32]
    _scaler: StandardScaler

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Logits `[n, classes]`; with two classes, the second's minus the first's, `[n]`."""
        logits = self._logits(X)
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Probabilities `[n, classes]` in the order of `classes_`; rows sum to 1."""
        logits = self._logits(X)
        powers = np.exp(logits - logits.max(1, keepdims=True))
        probabilities: NDArray[np.float64] = powers / powers.sum(1, keepdims=True)
        return probabilities

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The most probable label of each row, `[n]`."""
        numbers = self._logits(X).argmax(1)
        labels: NDArray[Any] = self.classes_[numbers]
        return labels

    def arrays(self) -> HeadArrays:
        """The trained head on features as the backbone gives them, without a scaler before it."""
        check_is_fitted(self)
        weights = self.coef_ / self._scaler.scale_
        offsets = self.intercept_ - weights @ self._scaler.mean_
        return one_question((Linear(weights.astype(np.float32), offsets.astype(np.float32)),))

    def _checked(self, X: ArrayLike, y: ArrayLike) -> tuple[NDArray[Any], NDArray[np.intp]]:
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

    def _logits(self, X: ArrayLike) -> NDArray[np.float64]:
        check_is_fitted(self)
        features = self._scaler.transform(validate_data(self, X, dtype=np.float32, reset=False))
        # In double precision a row's logits do not depend on the rows beside it.
        logits: NDArray[np.float64] = features.astype(np.float64) @ self.coef_.T + self.intercept_
        return logits
