"""The training loop: epochs, early stopping on validation loss, best weights restored."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from hilum.heads.history import Epoch
from hilum.progress import Advance


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keeps torch to one thread: steps are so small that on a busy machine waiting for a second costs tenfold."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@_one_thread()
def train(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    train_set: tuple[Tensor, Tensor],
    valid_set: tuple[Tensor, Tensor],
    *,
    epochs: int,
    patience: int,
    batch_size: int,
    generator: torch.Generator,
    augment: Callable[[Tensor], Tensor] = lambda batch: batch,
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
    class_weights: Tensor | None = None,
    advance: Advance = lambda: None,
) -> list[Epoch]:
    """Trains a classifier in place and leaves it with the weights of its best epoch.

    Args:
        network: Network from inputs to logits `[n, classes]`.
        optimizer: Optimiser of the network's parameters.
        train_set: Inputs and labels (int64 `[n]`).
        valid_set: The same tensors for early stopping.
        epochs: Largest number of epochs.
        patience: Number of epochs without a lower validation loss after which training stops.
        batch_size: Number of samples in a training batch.
        generator: Random generator for the order of the batches.
        augment: Function that changes the inputs of a training batch.
        scheduler: Learning-rate scheduler, which steps once for each batch.
        class_weights: Weights of the classes in every loss, `[classes]`; None is 1 for each.
        advance: Function called after each epoch.

    Returns:
        The epochs that were run.
    """
    inputs, labels = train_set
    history: list[Epoch] = []
    best_loss, best_state = float("inf"), copy.deepcopy(network.state_dict())
    stale = 0
    for epoch in range(1, epochs + 1):
        network.train()
        loss_sum, correct, seen = 0.0, 0, 0
        for batch in torch.split(torch.randperm(len(labels), generator=generator), batch_size):
            if len(batch) == 1 and len(labels) > 1:  # batch norm cannot normalise one sample
                continue
            optimizer.zero_grad()
            outputs = network(augment(inputs[batch]))
            loss = nn.functional.cross_entropy(outputs, labels[batch], class_weights)
            torch.autograd.backward(loss)
            optimizer.step()
            if scheduler:
                scheduler.step()
            loss_sum += loss.item() * len(batch)
            correct += int((outputs.argmax(1) == labels[batch]).sum())
            seen += len(batch)
        valid_loss, valid_accuracy = _score(network, *valid_set, class_weights)
        history.append(Epoch(epoch, loss_sum / seen, correct / seen, valid_loss, valid_accuracy))
        advance()
        if valid_loss < best_loss:
            best_loss, best_state, stale = valid_loss, copy.deepcopy(network.state_dict()), 0
        else:
            stale += 1
        if stale >= patience:
            break
    network.load_state_dict(best_state)
    network.eval()
    return history


def logits(network: nn.Module, inputs: Tensor, batch_size: int = 64) -> Tensor:
    """A trained network's logits `[n, classes]`, without augmentation or dropout."""
    network.eval()
    with torch.inference_mode():
        return torch.cat([network(batch) for batch in torch.split(inputs, batch_size)])


def _score(network: nn.Module, inputs: Tensor, labels: Tensor, class_weights: Tensor | None) -> tuple[float, float]:
    outputs = logits(network, inputs)
    loss = nn.functional.cross_entropy(outputs, labels, class_weights)
    return loss.item(), (outputs.argmax(1) == labels).float().mean().item()
