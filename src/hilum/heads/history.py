"""Losses and accuracies of each step of a training."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Epoch:
    """Loss (mean cross-entropy) and accuracy of one epoch, counted from 1.

    Figures of train are gathered from the batches while the weights change; those of valid are taken after the epoch.
    For a head that chooses a penalty, an entry is one `strength` (C of a logistic regression), and its figures are
    those of both sides of the inner folds.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    valid_loss: float
    valid_accuracy: float
    strength: float | None = None
