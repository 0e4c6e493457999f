"""Maps on trial: does a map find a lesion whose place is known, and does the model need what the map ranks high?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, stats

Greys = NDArray[np.float32]
Mask = NDArray[np.bool_]

LEVELS = (0.05, 0.1, 0.2, 0.4)  # shares of a square that deletion and insertion change, in turn
_NEAR = 1 / 28  # share of a square's side: half a cell of the finest default map
_CENTRE = 0.2  # standard deviation of the blob, as a share of the side
_SMOOTH = 0.07  # standard deviation of the noise's blur, as a share of the side
_BLUR = 0.06  # standard deviation of the blurred baseline, as a share of the side


@dataclass(frozen=True)
class Lead:
    """Mean of a figure, and of its lead over a control with its 95 % interval over groups."""

    mean: float
    lead: float
    low: float
    high: float


def found(drawn: Greys, lesion: Mask) -> float:
    """Whether the highest place of a map lies in a lesion or within half a cell of it.

    Args:
        drawn: Map `[size, size]`. Where several places are highest, each counts alike; a map that is nowhere positive
            finds nothing.
        lesion: Mask of the lesion, `[size, size]`.
    """
    if not drawn.max() > 0:
        return 0.0
    near = ndimage.distance_transform_edt(~lesion) <= _NEAR * len(lesion)
    return float(near[drawn == drawn.max()].mean())


def share_inside(drawn: Greys, mask: Mask) -> float:
    """The share of a map's positive part that lies inside a mask of its shape; 0 where nothing is positive."""
    positive = np.maximum(drawn, 0).astype(np.float64)
    total = positive.sum()
    return float(positive[mask].sum() / total) if total > 0 else 0.0


def edge_map(square: Greys) -> Greys:
    """How strong the edges of a square are (Sobel), blurred to the grain of a map."""
    strength = np.hypot(ndimage.sobel(square, 0), ndimage.sobel(square, 1))
    return ndimage.gaussian_filter(strength, _NEAR * len(square)).astype(np.float32)


def centre_map(size: int) -> Greys:
    """A blob in the middle, `[size, size]`."""
    line = stats.norm.pdf(np.linspace(-0.5, 0.5, size), scale=_CENTRE)
    return np.outer(line, line).astype(np.float32)


def noise_map(size: int, seed: int) -> Greys:
    """Smooth noise, `[size, size]`."""
    noise = np.random.default_rng(seed).standard_normal((size, size))
    return ndimage.gaussian_filter(noise, _SMOOTH * size).astype(np.float32)


def faithfulness(
    answer: Callable[[Greys], NDArray[np.floating]], square: Greys, drawn: Greys, levels: Sequence[float] = LEVELS
) -> NDArray[np.float64]:
    """Insertion and deletion (Petsiuk et al. 2018), each the mean probability over levels and two baselines.

    Deletion replaces the places that a map ranks highest by a baseline; insertion puts them into the baseline. The
    baselines are the blurred square and its mean grey.

    Args:
        answer: From squares `[n, size, size]` to the probabilities of the class `[n]`.
        square: Grey levels `[size, size]` in `[0, 1]`.
        drawn: Map `[size, size]`. Places of the same value are ranked at random.
        levels: Shares of the square that are replaced or put in.

    Returns:
        Insertion (high is good) and deletion (low is good).
    """
    ties = np.random.default_rng(0).random(drawn.size)
    order = np.lexsort((ties, -drawn.ravel()))
    changed = []
    for baseline in (ndimage.gaussian_filter(square, _BLUR * len(square)), np.full_like(square, square.mean())):
        for start, other in ((baseline, square), (square, baseline)):
            for level in levels:
                picture = start.copy().ravel()
                places = order[: round(level * len(order))]
                picture[places] = other.ravel()[places]
                changed.append(picture.reshape(square.shape))
    probabilities = answer(np.stack(changed)).reshape(2, 2, len(levels))
    means: NDArray[np.float64] = probabilities.mean((0, 2), dtype=np.float64)
    return means


def lead(values: NDArray[np.float64], control: NDArray[np.float64]) -> Lead:
    """The lead of figures over those of a control, one of each a group, `[groups]`; percentile bootstrap."""
    differences = values - control
    if np.ptp(differences) == 0:
        low = high = differences[0]
    else:
        low, high = stats.bootstrap((differences,), np.mean, method="percentile", rng=0).confidence_interval
    return Lead(float(values.mean()), float(differences.mean()), float(low), float(high))


def beats(leads: Mapping[str, Lead]) -> bool:
    """Whether a method leads over every control, with intervals clear of zero."""
    return all(one.low > 0 for one in leads.values())
