"""The history of a training: an epoch cannot be changed, and a strength is there only where one was chosen."""

from dataclasses import FrozenInstanceError

import pytest

from hilum.heads.history import Epoch


def test_an_epoch_cannot_be_changed():
    epoch = Epoch(1, 0.5, 0.8, 0.6, 0.7)
    assert epoch.strength is None
    with pytest.raises(FrozenInstanceError):
        epoch.valid_loss = 0.0


def test_epochs_of_equal_figures_are_equal():
    assert Epoch(1, 0.5, 0.8, 0.6, 0.7, 0.1) == Epoch(1, 0.5, 0.8, 0.6, 0.7, 0.1) != Epoch(2, 0.5, 0.8, 0.6, 0.7, 0.1)
