"""The simulation of promises: its populations are what they say, and draws are of whole groups."""

import numpy as np
import pytest
from promises import Population, made, simulated

from hilum.trust.measure import once_a_group


@pytest.fixture(scope="module")
def population():
    return made(4.0, np.array([1, 2, 4]), np.random.default_rng(0))


def test_the_probabilities_of_made_up_slices_are_honest(population):
    once = once_a_group(population.groups)
    covered, accuracy = population.answers(1.0, 0.0, once)
    assert covered == pytest.approx(1)
    surest, right = population.answers(1.0, 0.97, once)
    assert surest < 1
    assert right > max(0.97, accuracy)
    assert population.answers(1.0, 1.1, once) == (0, 0)


def test_a_draw_takes_whole_groups_and_counts_one_that_comes_twice_as_two():
    groups = np.array([0, 0, 3, 3, 3, 7])
    few = Population("few", np.zeros((1, 6, 2)), np.zeros(6, int), groups)
    rows, drawn = few.draw(30, np.random.default_rng(0))
    assert set(drawn) == set(range(30))
    for number in range(30):
        (group,) = np.unique(groups[rows[drawn == number]])
        assert sorted(rows[drawn == number]) == np.flatnonzero(groups == group).tolist()


def test_a_row_says_how_often_promises_were_made_broken_and_kept(population):
    promised, broken, kept, answered, old = simulated(population, 100, 6)
    assert all(cell.endswith(" %") for cell in (promised, broken, old))
    assert float(broken.split()[0]) <= float(promised.split()[0])
    assert ("–" in kept) == ("–" in answered) == promised.startswith("0.0")
