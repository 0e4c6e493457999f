"""The default map, which comes with every answer: what each place adds to the logits of the linear head."""

import torch
from torch import Tensor, nn


def linear_map(maps: tuple[Tensor, ...], weights: Tensor) -> Tensor:
    """The contribution of each place to the logits of a linear head on pooled maps.

    Args:
        maps: Feature maps of each scale, `[n, width, h, w]`, the finest first.
        weights: Weights of the head, `[classes, sum of widths]`.

    Returns:
        Contributions on the finest scale's grid, `[n, classes, h, w]`. A coarser scale's part is stretched onto it and
        moved by a constant, which keeps its mean over places equal to what that scale adds to the logit.
    """
    parts = [
        nn.functional.conv2d(each, share[:, :, None, None])
        for each, share in zip(maps, torch.split(weights, [each.shape[1] for each in maps], 1), strict=True)
    ]
    total = parts[0]
    for part in parts[1:]:
        sides = [int(side) for side in total.shape[2:]]  # plain numbers, which give an exported graph a fixed size
        stretched = nn.functional.interpolate(part, sides, mode="bilinear")
        total = total + stretched + (part.mean((2, 3), True) - stretched.mean((2, 3), True))
    return total
