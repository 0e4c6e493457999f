"""The default map, which comes with every answer: what each place adds to the scores of a head."""

import torch
from torch import Tensor, nn


def linear_map(maps: tuple[Tensor, ...], weights: Tensor) -> Tensor:
    """What each place adds to a weighted sum of pooled maps.

    Args:
        maps: Feature maps of each scale, `[n, width, h, w]`, the finest first.
        weights: Weights of the pooled maps: those of a linear head, `[classes, sum of widths]`, or each slice's own,
            `[n, classes, sum of widths]`.

    Returns:
        Contributions on the finest scale's grid, `[n, classes, h, w]`. A coarser scale's part is stretched onto it and
        moved by a constant, which keeps its mean over places equal to what that scale adds to the sum.
    """
    shares = torch.split(weights, [each.shape[1] for each in maps], -1)
    parts = [_contributions(each, share) for each, share in zip(maps, shares, strict=True)]
    total = parts[0]
    for part in parts[1:]:
        sides = [int(side) for side in total.shape[2:]]  # plain numbers, which give an exported graph a fixed size
        stretched = nn.functional.interpolate(part, sides, mode="bilinear")
        total = total + stretched + (part.mean((2, 3), True) - stretched.mean((2, 3), True))
    return total


def _contributions(maps: Tensor, weights: Tensor) -> Tensor:
    if weights.ndim == 2:
        return nn.functional.conv2d(maps, weights[:, :, None, None])
    height, width = (int(side) for side in maps.shape[2:])
    return (weights @ maps.flatten(2)).reshape(-1, int(weights.shape[1]), height, width)
