"""The small CNN, trained from scratch: the baseline that pretrained backbones have to beat."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from hilum.heads.history import Epoch
from hilum.heads.loop import logits, train
from hilum.progress import Advance
from hilum.records.heads import ChosenScorer

SIZE = 96
_WIDTHS = (16, 32, 64, 128)
_BATCH = 16
_LEARNING_RATE = 3e-3
_LARGEST_SHIFT = 8  # pixels


def build_cnn(classes: int) -> nn.Sequential:
    """A network of four blocks of convolution, batch norm and max-pooling: `[n, 1, h, w]` to logits."""
    layers: list[nn.Module] = []
    channels = 1
    for width in _WIDTHS:
        layers += [
            nn.Conv2d(channels, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.MaxPool2d(2),
            nn.ReLU(inplace=True),  # of the maxima only: the same numbers at a quarter of the work
        ]
        channels = width
    pooling = [nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Dropout(0.2), nn.Linear(channels * 4, classes)]
    return nn.Sequential(*layers, *pooling)


@dataclass
class TrainedCnn:
    """The CNN after its training.

    Attributes:
        network: Network from inputs to logits.
        classes_: Numbers of the classes.
        history_: An `Epoch` for each epoch.
        best_epoch_: Number (1-based) of the epoch whose weights were kept.
        chosen_: Nothing, since it chooses no strength.
    """

    network: nn.Module
    classes_: NDArray[np.intp]
    history_: list[Epoch]
    best_epoch_: int
    chosen_: tuple[ChosenScorer, ...] = ()

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Probabilities `[n, classes]` of pictures `[n, size, size]`."""
        probabilities: NDArray[np.float64] = logits(self.network, _inputs(np.asarray(X))).double().softmax(1).numpy()
        return probabilities


def train_cnn(
    train_set: tuple[NDArray[np.float32], NDArray[np.intp]],
    valid_set: tuple[NDArray[np.float32], NDArray[np.intp]],
    *,
    classes: int,
    epochs: int,
    patience: int,
    seed: int,
    advance: Advance = lambda: None,
) -> TrainedCnn:
    """Trains the CNN with Adam, light augmentation, early stopping on validation loss and the best weights restored.

    Args:
        train_set: Grey levels `[n, size, size]` in `[0, 1]` and numbers of the classes `[n]`.
        valid_set: The same arrays for early stopping.
        classes: Number of classes.
        epochs: Largest number of epochs.
        patience: Number of epochs without a lower validation loss after which training stops.
        seed: Random seed of the weights, the order of the batches and the augmentation.
        advance: Function called after each epoch.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = build_cnn(classes).to(memory_format=torch.channels_last)  # twice as fast on a CPU
        optimizer = torch.optim.Adam(network.parameters(), lr=_LEARNING_RATE)
        steps = epochs * -(-len(train_set[1]) // _BATCH)
        generator = torch.Generator().manual_seed(seed)
        history = train(
            network,
            optimizer,
            *((_inputs(pictures), torch.from_numpy(labels)) for pictures, labels in (train_set, valid_set)),
            epochs=epochs,
            patience=patience,
            batch_size=_BATCH,
            generator=generator,
            augment=lambda batch: augment(batch, generator),
            scheduler=torch.optim.lr_scheduler.OneCycleLR(optimizer, _LEARNING_RATE, steps),
            advance=advance,
        )
    best = min(history, key=lambda epoch: epoch.valid_loss).epoch
    return TrainedCnn(network, np.arange(classes), history, best)


def augment(batch: Tensor, generator: torch.Generator) -> Tensor:
    """Mirrors and shifts each slice at random, and changes its brightness and contrast a little."""
    count, _, height, width = batch.shape
    mirrored = torch.rand(count, generator=generator) < 0.5
    batch = torch.where(mirrored[:, None, None, None], batch.flip(3), batch)
    shifts = torch.randint(-_LARGEST_SHIFT, _LARGEST_SHIFT + 1, (count, 2), generator=generator)
    padded = nn.functional.pad(batch, [_LARGEST_SHIFT] * 4, mode="replicate")
    shifted = [
        picture[:, top : top + height, left : left + width]
        for picture, (top, left) in zip(padded, (shifts + _LARGEST_SHIFT).tolist(), strict=True)
    ]
    gain = 1 + 0.2 * (torch.rand(count, 1, 1, 1, generator=generator) - 0.5)
    offset = 0.1 * (torch.rand(count, 1, 1, 1, generator=generator) - 0.5)
    return torch.stack(shifted) * gain + offset


def _inputs(pictures: NDArray[np.float32]) -> Tensor:
    """Pictures centred on the grey of soft tissue and scaled to about unit spread, which suits Adam."""
    return ((torch.from_numpy(pictures) - 0.25) / 0.25)[:, None].contiguous(memory_format=torch.channels_last)
