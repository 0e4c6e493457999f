"""The training loop on problems small enough to know: early stopping, best weights, the seed, single samples."""

import numpy as np
import pytest
import torch
from torch import nn

from hilum.heads.loop import logits, train


def _problem(samples=40, seed=0):
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(samples, 3, generator=generator)
    return inputs, (inputs[:, 0] > 0).long()


def _layer():
    layer = nn.Linear(3, 2)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def _train(network, train_set, valid_set, rate=0.5, **options):
    options = {"epochs": 6, "patience": 6, "batch_size": 8, **options}
    generator = torch.Generator().manual_seed(options.pop("seed", 0))
    optimizer = torch.optim.SGD(network.parameters(), lr=rate)
    return train(network, optimizer, train_set, valid_set, generator=generator, **options)


def _loss(network, inputs, labels):
    return nn.functional.cross_entropy(logits(network, inputs), labels).item()


def test_it_learns_and_tells_each_epoch():
    network, called = _layer(), []
    history = _train(network, _problem(), _problem(seed=1), advance=lambda: called.append(1))
    assert [epoch.epoch for epoch in history] == [1, 2, 3, 4, 5, 6]
    assert len(called) == 6
    assert history[-1].valid_loss < 0.5 < np.log(2)
    assert history[-1].valid_accuracy > 0.9
    assert history[0].train_loss > history[-1].train_loss


def test_one_step_by_hand():
    """From zero weights one SGD step on one batch moves the weights by rate × (label share − 1/2) × input."""
    inputs, labels = torch.tensor([[1.0, 0, 0], [-2.0, 0, 0]]), torch.tensor([1, 0])
    network = _layer()
    (epoch,) = _train(network, (inputs, labels), (inputs, labels), rate=1.0, epochs=1)
    expected = torch.tensor([[-0.75, 0, 0], [0.75, 0, 0]])
    torch.testing.assert_close(network.weight.detach(), expected)
    assert epoch.train_loss == pytest.approx(np.log(2))
    assert epoch.valid_loss == pytest.approx((np.log1p(np.exp(-1.5)) + np.log1p(np.exp(-3))) / 2, rel=1e-5)
    assert epoch.valid_accuracy == 1


@pytest.mark.parametrize("patience", [1, 2, 4])
def test_it_stops_after_so_many_epochs_without_a_lower_loss(patience):
    inputs, labels = _problem()
    history = _train(_layer(), (inputs, labels), (inputs, 1 - labels), epochs=50, patience=patience)
    # Validation wants the opposite of training: every epoch is worse than the first.
    assert len(history) == 1 + patience


def test_the_weights_of_the_best_epoch_are_kept():
    inputs, labels = _problem()
    flipped = torch.where(torch.arange(len(labels)) % 3 == 0, 1 - labels, labels)  # soon over-confident
    network = _layer()
    history = _train(network, (inputs, labels), (inputs, flipped), rate=2.0, epochs=20, patience=20)
    losses = [epoch.valid_loss for epoch in history]
    assert int(np.argmin(losses)) < len(losses) - 1
    assert _loss(network, inputs, flipped) == pytest.approx(min(losses), rel=1e-5)
    assert not network.training


def test_batch_norms_statistics_are_kept_too():
    inputs, labels = _problem()
    network = nn.Sequential(nn.BatchNorm1d(3), _layer())
    history = _train(network, (inputs, labels), (inputs, 1 - labels), epochs=5)
    assert _loss(network, inputs, 1 - labels) == pytest.approx(history[0].valid_loss, rel=1e-5)


@pytest.mark.parametrize("samples", [1, 9])
def test_a_last_batch_of_one_does_not_stop_it(samples):
    inputs, labels = _problem(samples)
    network = nn.Sequential(nn.BatchNorm1d(3), _layer()) if samples > 1 else _layer()
    history = _train(network, (inputs, labels), _problem(seed=1), epochs=2)
    assert len(history) == 2
    assert all(np.isfinite([epoch.train_loss, epoch.valid_loss]).all() for epoch in history)


def test_a_loss_that_is_never_a_number_leaves_the_first_weights():
    inputs, labels = _problem()
    network = _layer()
    history = _train(network, (inputs * float("nan"), labels), _problem(seed=1), epochs=10, patience=2)
    assert len(history) == 2
    assert torch.equal(network.weight, torch.zeros(2, 3))


def test_the_generator_decides():
    outcomes = [_train(_layer(), _problem(), _problem(seed=1), seed=seed) for seed in (0, 0, 1)]
    assert outcomes[0] == outcomes[1]
    assert outcomes[0] != outcomes[2]


def test_batches_are_augmented_and_validation_is_not():
    seen = []

    def augment(batch):
        seen.append(len(batch))
        return torch.zeros_like(batch)  # nothing to learn from but the classes' shares

    inputs, labels = _problem()
    history = _train(_layer(), (inputs, labels), (inputs, labels), epochs=2, augment=augment)
    assert seen == [8] * 10
    assert all(epoch.train_loss > 0.6 for epoch in history)


def test_the_scheduler_steps_once_a_batch():
    network = _layer()
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (1 + step))
    train(
        network, optimizer, _problem(), _problem(), epochs=3, patience=3, batch_size=16,
        generator=torch.Generator().manual_seed(0), scheduler=scheduler,
    )  # fmt: skip
    assert scheduler.last_epoch == 3 * 3


def test_logits_without_dropout_and_in_batches():
    network = nn.Sequential(nn.Dropout(0.9), nn.Linear(3, 2))
    inputs, _ = _problem(300)
    network.train()
    torch.testing.assert_close(logits(network, inputs), logits(network, inputs, batch_size=7))


def test_it_keeps_to_one_thread_and_gives_the_others_back_even_after_an_error():
    seen = []

    def fail():
        seen.append(torch.get_num_threads())
        raise RuntimeError("on purpose")

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(RuntimeError, match="on purpose"):
            _train(_layer(), _problem(), _problem(seed=1), advance=fail)
        assert [*seen, torch.get_num_threads()] == [1, 2]
    finally:
        torch.set_num_threads(before)
