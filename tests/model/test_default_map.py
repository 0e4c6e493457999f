"""The map of a linear head on one scale and on two, held against its definition."""

import numpy as np
import pytest
import torch

from hilum.model.default_map import linear_map


def _maps(*shapes, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(shape, generator=generator) for shape in shapes)


def test_on_one_scale_each_place_adds_its_weighted_channels():
    (maps,) = _maps((2, 5, 3, 4))
    weights = torch.randn((3, 5), generator=torch.Generator().manual_seed(1))
    wanted = np.einsum("cf,nfhw->nchw", weights.numpy(), maps.numpy())
    np.testing.assert_allclose(linear_map((maps,), weights).numpy(), wanted, atol=1e-5)


@pytest.mark.parametrize(("fine", "coarse"), [((14, 14), (7, 7)), ((19, 19), (10, 10)), ((17, 17), (8, 8))])
def test_on_two_scales_the_mean_is_what_both_add_to_the_logit(fine, coarse):
    maps = _maps((2, 5, *fine), (2, 6, *coarse))
    weights = torch.randn((3, 11), generator=torch.Generator().manual_seed(1))
    found = linear_map(maps, weights)
    assert found.shape == (2, 3, *fine)
    pooled = torch.cat([each.mean((2, 3)) for each in maps], 1)
    np.testing.assert_allclose(found.mean((2, 3)).numpy(), (pooled @ weights.T).numpy(), atol=1e-5)


def test_a_bright_place_of_the_coarse_scale_stays_where_it_is():
    coarse = torch.zeros(1, 1, 4, 4)
    coarse[0, 0, 1, 3] = 1
    found = linear_map((torch.zeros(1, 1, 8, 8), coarse), torch.tensor([[1.0, 2.0]]))[0, 0]
    top, left = np.unravel_index(int(found.argmax()), found.shape)
    assert (top // 2, left // 2) == (1, 3)
