"""The small CNN: learns an easy task, follows its seed, keeps its best epoch; augmentation stays what it says."""

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss

from hilum.heads.cnn import SIZE, augment, build_cnn, train_cnn


def _drawn(samples, seed):
    """Noise with a bright bar across (class 0), down (1), or none (2)."""
    generator = np.random.default_rng(seed)
    pictures = 0.2 * generator.random((samples, SIZE, SIZE), np.float32)
    labels = (np.arange(samples) % 3).astype(np.intp)
    for picture, label in zip(pictures, labels, strict=True):
        place = generator.integers(20, 70)
        if label == 0:
            picture[place : place + 10] += 0.7
        elif label == 1:
            picture[:, place : place + 10] += 0.7
    return pictures, labels


def _train(seed=0, epochs=16, patience=16, **options):
    return train_cnn(_drawn(96, 0), _drawn(30, 1), classes=3, epochs=epochs, patience=patience, seed=seed, **options)


@pytest.fixture(scope="module")
def trained():
    return _train()


def test_it_learns_an_easy_task(trained):
    predict_proba, history = trained.predict_proba, trained.history_
    pictures, labels = _drawn(60, 2)
    chances = predict_proba(pictures)
    assert chances.shape == (60, 3)
    assert chances.dtype == np.float64
    np.testing.assert_allclose(chances.sum(1), 1, atol=1e-9)
    assert (chances.argmax(1) == labels).mean() > 0.8  # chance is 1/3
    assert min(epoch.valid_loss for epoch in history) < np.log(3)


def test_the_best_epoch_is_restored(trained):
    predict_proba, history = trained.predict_proba, trained.history_
    pictures, labels = _drawn(30, 1)
    best = min(history, key=lambda epoch: epoch.valid_loss)
    chances = predict_proba(pictures)
    assert log_loss(labels, chances) == pytest.approx(best.valid_loss, rel=1e-4)
    assert (chances.argmax(1) == labels).mean() == pytest.approx(best.valid_accuracy)


def test_predictions_do_not_depend_on_the_batch(trained):
    pictures, _ = _drawn(30, 1)
    together, alone = (
        trained.predict_proba(pictures),
        np.vstack([trained.predict_proba(picture[None]) for picture in pictures]),
    )
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_the_same_seed_gives_the_same_numbers_whatever_torchs_own():
    pictures, _ = _drawn(6, 3)
    called = []
    torch.manual_seed(1)
    first = _train(epochs=2, advance=lambda: called.append(1))
    torch.manual_seed(2)
    state = torch.get_rng_state()
    second = _train(epochs=2)
    other = _train(epochs=2, seed=1)
    assert called == [1, 1]
    assert first.history_ == second.history_
    np.testing.assert_array_equal(first.predict_proba(pictures), second.predict_proba(pictures))
    assert not np.array_equal(first.predict_proba(pictures), other.predict_proba(pictures))
    assert torch.equal(torch.get_rng_state(), state)


def test_it_stops_early():
    pictures, labels = _drawn(48, 0)
    found = train_cnn((pictures, labels), (pictures, (labels + 1) % 3), classes=3, epochs=20, patience=2, seed=0)
    assert found.best_epoch_ == min(found.history_, key=lambda epoch: epoch.valid_loss).epoch
    assert len(found.history_) == found.best_epoch_ + 2 < 20


@pytest.mark.parametrize("samples", [1, 33])
def test_odd_numbers_of_samples(samples):
    found = train_cnn(_drawn(samples + 1, 0), _drawn(3, 1), classes=3, epochs=1, patience=1, seed=0)
    assert np.isfinite(found.history_[0].train_loss)


@pytest.mark.parametrize("side", [SIZE, 64])
def test_the_network_takes_grey_squares(side):
    assert build_cnn(5).eval()(torch.zeros(2, 1, side, side)).shape == (2, 5)


def test_augmentation_is_seeded_and_keeps_the_shape():
    batch = torch.rand(16, 1, 40, 50, generator=torch.Generator().manual_seed(0))
    first, same, other = (augment(batch, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert first.shape == batch.shape
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_augmentation_moves_mirrors_and_dims_no_more_than_it_says():
    """A lone bright pixel tells where it went and how bright it became."""
    batch = torch.zeros(200, 1, 60, 60)
    batch[:, 0, 30, 20] = 1.0
    changed = augment(batch, torch.Generator().manual_seed(0))[:, 0]
    places = changed.flatten(1).argmax(1)
    rows, columns = places // 60, places % 60
    assert (rows - 30).abs().max() == 8
    left = columns < 30  # mirrored, 20 is 39
    assert 60 < int(left.sum()) < 140
    assert (columns[left] - 20).abs().max() == 8
    assert (columns[~left] - 39).abs().max() == 8
    offset = changed[:, 0, 0]
    gain = changed.amax((1, 2)) - offset
    assert -0.05 <= offset.min() < -0.03
    assert 0.03 < offset.max() <= 0.05
    assert gain.min() + 1e-6 >= 0.9
    assert gain.max() - 1e-6 <= 1.1
    assert len({(int(row), int(column)) for row, column in zip(rows, columns, strict=True)}) > 100
