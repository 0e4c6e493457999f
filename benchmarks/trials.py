"""Maps on trial: do they follow the model, do they matter to it, and where do they lie?"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage, stats

from hilum.explain.placing import placed
from hilum.slices.body import Box

REMOVED = (10, 20, 50)  # per cent of a square that ROAD takes out, in turn


def likeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Spearman's rank correlation of two maps of one shape, as Adebayo et al. (2018) compare them; 0 for a flat one."""
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(stats.spearmanr(one.ravel(), other.ravel()).statistic)


def share_inside(over: NDArray[np.float32], mask: NDArray[np.bool_]) -> float:
    """The share of a map's positive part that lies inside a mask of its shape; NaN where nothing is positive."""
    positive = np.maximum(over, 0).astype(np.float64)
    total = positive.sum()
    return float(positive[mask].sum() / total) if total > 0 else np.nan


def shuffled(weights: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """A head's weights `[classes, width]`, each class's dealt to the features at random: a head that knows nothing."""
    return np.random.default_rng(seed).permuted(weights, axis=1)


def random_map(shape: tuple[int, int], seed: int) -> NDArray[np.float32]:
    """A map that is noise, in `[0, 1]`: a control that every method has to beat."""
    return np.random.default_rng(seed).random(shape, np.float32)


def edge_map(square: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """How strong the edges of a square are (by Sobel), averaged to a map `[h, w]`: a control without a model."""
    strength = np.hypot(ndimage.sobel(square, 0), ndimage.sobel(square, 1)).astype(np.float32)
    return np.asarray(Image.fromarray(strength).resize(shape[::-1], Image.Resampling.BOX))


def road(
    answer: Callable[[NDArray[np.float32]], NDArray[np.floating]],
    squares: NDArray[np.float32],
    maps: Sequence[NDArray[np.float32]],
    numbers: Sequence[int],
    removed: Sequence[int] = REMOVED,
) -> NDArray[np.float64]:
    """How much more a class's probability needs the places that a map ranks high than those that it ranks low.

    ROAD (Rong et al. 2022, by the pytorch-grad-cam library): the highest ranked per cent of a square are filled in from
    what is around them, then the lowest ranked as many; the score is half the difference between the probabilities
    that are left.

    Args:
        answer: From squares `[n, size, size]` to probabilities `[n, classes]`.
        squares: Grey levels `[n, size, size]` in `[0, 1]`.
        maps: One a square, of any shape.
        numbers: Of the class that each map is of.
        removed: Per cents, each in turn, over which scores are averaged.

    Returns:
        Scores `[n]` in `[-0.5, 0.5]`; about 0 for a map that knows nothing.
    """
    import torch
    from pytorch_grad_cam.metrics.road import ROADLeastRelevantFirst, ROADMostRelevantFirst
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    size = squares.shape[-1]
    over = np.stack([placed(values, Box(0, 0, size, size), (size, size)) for values in maps])
    targets = [ClassifierOutputTarget(number) for number in numbers]

    def network(greys: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(np.asarray(answer(greys[:, 0].numpy())))

    scores = []
    with torch.random.fork_rng():
        torch.manual_seed(0)  # of the noise on what is filled in
        for share in removed:
            left = [
                metric(100 - share)(torch.from_numpy(squares[:, None]), over, targets, network, return_diff=False)
                for metric in (ROADLeastRelevantFirst, ROADMostRelevantFirst)
            ]
            scores.append((left[0] - left[1]) / 2)
    mean: NDArray[np.float64] = np.mean(scores, 0, dtype=np.float64)
    return mean
