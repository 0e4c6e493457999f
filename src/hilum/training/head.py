"""The head on frozen features: a softmax layer, as a scikit-learn estimator."""

from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import nn

from hilum.training.loop import train
from hilum.training.targets import labels_are_classes


class SoftmaxHead(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Standardised features, one softmax layer, AdamW, early stopping on validation loss.

    Args:
        epochs: At most so many.
        patience: Stops after so many epochs without a lower validation loss; the best weights are kept.
        learning_rate: Of AdamW at the start; it falls to zero along a cosine over `epochs`.
        weight_decay: Of AdamW.
        batch_size: Of the training batches.
        validation_fraction: Share of the training data held out for early stopping where `fit` gets no validation data.
        seed: Of the first weights and of the order of the batches.

    Attributes:
        classes_: The labels, sorted.
        coef_: Weights on standardised features, `[classes, width]`.
        intercept_: `[classes]`.
        history_: One `Epoch` an epoch.
        best_epoch_: The epoch whose weights were kept, counted from 1.
    """

    def __init__(
        self,
        epochs: int = 10,
        patience: int = 10,
        learning_rate: float = 6e-2,
        weight_decay: float = 1e-1,
        batch_size: int = 8,
        validation_fraction: float = 0.1,
        seed: int = 0,
    ) -> None:
        self.epochs = epochs
        self.patience = patience
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.validation_fraction = validation_fraction
        self.seed = seed

    @labels_are_classes()
    def fit(
        self, X: ArrayLike, y: ArrayLike, X_valid: ArrayLike | None = None, y_valid: ArrayLike | None = None
    ) -> Self:
        """Trains the head.

        Args:
            X: Features `[n, width]`.
            y: Labels `[n]`.
            X_valid: Features for early stopping; without them a stratified part of `X` is held out.
            y_valid: Their labels, all of which `y` must have.

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
        if X_valid is None:
            features, valid_features, numbers, valid_numbers = self._hold_out(features, numbers)
        else:
            valid_features, valid_labels = validate_data(self, X_valid, y_valid, dtype=np.float32, reset=False)
            if unknown := set(np.unique(valid_labels)) - set(self.classes_):
                raise ValueError(f"the validation labels {sorted(unknown)} are not among the training labels")
            valid_numbers = np.searchsorted(self.classes_, valid_labels)
        self._scaler = StandardScaler().fit(features)
        generator = torch.Generator().manual_seed(self.seed)
        # Without its own first weights, which would be drawn from the generator that all of torch shares.
        layer = nn.Linear(features.shape[1], len(self.classes_), device="meta").to_empty(device="cpu")
        nn.init.normal_(layer.weight, std=0.01, generator=generator)
        nn.init.zeros_(layer.bias)
        # With thousands of features and hundreds of slices, Adam's equal steps along every feature overfit; a large
        # epsilon leaves the steps in proportion to the gradients.
        optimizer = torch.optim.AdamW(
            layer.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay, eps=1.0
        )
        steps = self.epochs * -(-len(numbers) // self.batch_size)
        self.history_ = train(
            layer,
            optimizer,
            self._tensors(features, numbers),
            self._tensors(valid_features, valid_numbers),
            epochs=self.epochs,
            patience=self.patience,
            batch_size=self.batch_size,
            generator=generator,
            scheduler=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
        )
        self.best_epoch_ = min(self.history_, key=lambda epoch: epoch.valid_loss).epoch
        self.coef_: NDArray[np.float32] = layer.weight.detach().numpy()
        self.intercept_: NDArray[np.float32] = layer.bias.detach().numpy()
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Logits `[n, classes]`; with two classes, those of the second over the first, `[n]`."""
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

    def _logits(self, X: ArrayLike) -> NDArray[np.float64]:
        check_is_fitted(self)
        features = self._scaler.transform(validate_data(self, X, dtype=np.float32, reset=False))
        logits: NDArray[np.float64] = (features @ self.coef_.T + self.intercept_).astype(np.float64)
        return logits

    def _hold_out(self, features: NDArray[np.float32], numbers: NDArray[np.intp]) -> list[NDArray[Any]]:
        smallest = np.bincount(numbers).min()
        held_out = max(len(self.classes_), round(self.validation_fraction * len(numbers)))
        if smallest < 2 or held_out + len(self.classes_) > len(numbers):
            return [
                features,
                features,
                numbers,
                numbers,
            ]  # too few to hold any out: stops on the training loss
        parts: list[NDArray[Any]] = train_test_split(
            features, numbers, test_size=held_out, stratify=numbers, random_state=self.seed
        )
        return parts

    def _tensors(self, features: NDArray[np.float32], numbers: NDArray[np.intp]) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.from_numpy(self._scaler.transform(features)), torch.from_numpy(numbers.astype(np.int64))
