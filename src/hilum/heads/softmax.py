"""A softmax layer on frozen features, as a scikit-learn estimator."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import validate_data
from torch import nn

from hilum.heads.choice import class_weights
from hilum.heads.estimator import HeadEstimator
from hilum.heads.loop import train
from hilum.heads.options import HeadOptions
from hilum.heads.questions import one_question
from hilum.heads.run import Labelled
from hilum.heads.standard import Standard
from hilum.heads.targets import labels_are_classes
from hilum.scoring.protocols import Fit


@dataclass(eq=False, repr=False)
class SoftmaxHead(HeadEstimator):
    """Standardised features, one softmax layer, AdamW, early stopping on validation loss.

    Args:
        epochs: Largest number of epochs.
        patience: Number of epochs without a lower validation loss after which training stops; the best weights are
            kept.
        learning_rate: Initial learning rate of AdamW; it falls to zero along a cosine over `epochs`.
        weight_decay: Weight decay of AdamW.
        batch_size: Number of samples in a training batch.
        validation_fraction: Share of the training data held out for early stopping if `fit` gets no validation data.
        class_weight: None, weights by label, or `balanced` to let all classes weigh the same.
        seed: Random seed of the first weights and of the order of the batches.

    Attributes:
        classes_: The labels, sorted.
        history_: An `Epoch` for each epoch.
        best_epoch_: Number (1-based) of the epoch whose weights were kept.

    Example:
        >>> table = hilum.read_table("phantom", groups="phantom/table.csv")
        >>> features = hilum.extract_features(table, "efficientnet_lite0")
        >>> head = hilum.SoftmaxHead(epochs=3).fit(features, table.labels)
        >>> head.predict_proba(features).shape
        (48, 4)
    """

    epochs: int = 10
    patience: int = 10
    learning_rate: float = 6e-2
    weight_decay: float = 1e-1
    batch_size: int = 8
    validation_fraction: float = 0.1
    class_weight: str | dict[Any, float] | None = None
    seed: int = 0

    @labels_are_classes()
    def fit(
        self, X: ArrayLike, y: ArrayLike, X_valid: ArrayLike | None = None, y_valid: ArrayLike | None = None
    ) -> Self:
        """Trains the head.

        Args:
            X: Features `[n, width]`.
            y: Labels `[n]`.
            X_valid: Features for early stopping; without them a stratified part of `X` is held out.
            y_valid: Labels of `X_valid`; each must occur in `y`.

        Raises:
            ValueError: The arrays do not fit each other, or there is one class only.

        Example:
            >>> hilum.SoftmaxHead(epochs=3).fit(features, table.labels)
            SoftmaxHead(epochs=3)
        """
        features, numbers = self._checked(X, y)
        if X_valid is None:
            features, valid_features, numbers, valid_numbers = self._hold_out(features, numbers)
        else:
            valid_features, valid_labels = validate_data(self, X_valid, y_valid, dtype=np.float32, reset=False)
            if unknown := set(np.unique(valid_labels)) - set(self.classes_):
                raise ValueError(f"the validation labels {sorted(unknown)} are not among the training labels")
            valid_numbers = np.searchsorted(self.classes_, valid_labels)
        standard = Standard.of(features)
        weights = class_weights(self.classes_[numbers], self.class_weight)[np.unique(numbers, return_index=True)[1]]
        generator = torch.Generator().manual_seed(self.seed)
        # `to_empty` leaves out the usual first weights, which would be drawn from torch's global generator.
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
            _tensors(standard(features), numbers),
            _tensors(standard(valid_features), valid_numbers),
            epochs=self.epochs,
            patience=self.patience,
            batch_size=self.batch_size,
            generator=generator,
            scheduler=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
            class_weights=torch.from_numpy(weights.astype(np.float32)),
        )
        self.best_epoch_ = min(self.history_, key=lambda epoch: epoch.valid_loss).epoch
        self._arrays = one_question((standard.linear(*(of.detach().numpy() for of in (layer.weight, layer.bias))),))
        return self

    def _hold_out(self, features: NDArray[np.float32], numbers: NDArray[np.intp]) -> list[NDArray[Any]]:
        smallest = np.bincount(numbers).min()
        held_out = max(len(self.classes_), round(self.validation_fraction * len(numbers)))
        if smallest < 2 or held_out + len(self.classes_) > len(numbers):
            return [features, features, numbers, numbers]  # too few to hold any out: stops on the training loss
        parts: list[NDArray[Any]] = train_test_split(
            features, numbers, test_size=held_out, stratify=numbers, random_state=self.seed
        )
        return parts


def _tensors(rows: NDArray[np.float32], numbers: NDArray[np.intp]) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(rows), torch.from_numpy(numbers.astype(np.int64))


def train_head(data: Labelled, fit: Fit, inner: NDArray[np.intp], options: HeadOptions, seed: int) -> SoftmaxHead:
    """Trains a softmax head, which stops early on the fit's rows for that; without such rows it holds some out."""
    features, labels = data.features, data.labels
    head = SoftmaxHead(epochs=options.epochs, patience=options.patience, class_weight=options.weighting, seed=seed)
    stop = fit.stop[np.isin(labels[fit.stop], labels[fit.train])]
    valid = (features[stop], labels[stop]) if len(stop) else ()
    return head.fit(features[fit.train], labels[fit.train], *valid)
