"""What happened in each epoch of a training."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Epoch:
    """Loss (mean cross-entropy) and accuracy of one epoch, counted from 1.

    Those of train are gathered from the batches while the weights change, those of valid are taken after the epoch.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    valid_loss: float
    valid_accuracy: float
