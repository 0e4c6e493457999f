"""Populations of the benchmark of coverage: new groups, of the classes, sizes and spread of the real ones."""

import numpy as np
import pytest
from coverage import Population, Tally

from hilum.records.figures import Estimate


@pytest.fixture(scope="module")
def real():
    """40 groups of 1 to 5 slices in two classes, 30 and 10: features, labels, groups."""
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), random.integers(1, 6, 40))
    labels = (groups >= 30).astype(np.intp)
    centres = random.normal(size=(40, 3)) + 2 * (np.arange(40) >= 30)[:, None]
    return centres[groups] + 0.1 * random.normal(size=(len(groups), 3)), labels, groups


def centres_and_sizes(features, labels, groups, label):
    numbers, sizes = np.unique(groups[labels == label], return_counts=True)
    return np.array([features[groups == number].mean(0) for number in numbers]), sizes


def test_populations_are_like_the_slices_but_of_new_groups(real):
    population = Population([real[0]], *real[1:])
    drawn = population.draw(2000, np.random.default_rng(1))
    assert population.counts(10) == [8, 2]
    assert sum(population.counts(33)) == 33
    for label, count in enumerate((1500, 500)):
        centres, sizes = centres_and_sizes(*real, label)
        others, theirs = centres_and_sizes(drawn.features[0], drawn.labels, drawn.groups, label)
        assert len(theirs) == count
        assert theirs.mean() == pytest.approx(sizes.mean(), rel=0.05)
        assert others.mean(0) == pytest.approx(centres.mean(0), abs=0.1)
        assert others.std(0) == pytest.approx(centres.std(0), rel=0.1)
    assert len(np.unique(drawn.features[0].round(6), axis=0)) == len(drawn.labels)


def test_models_see_the_same_groups(real):
    features, labels, groups = real
    drawn = Population([features, -features], labels, groups).draw(20, np.random.default_rng(2))
    assert np.allclose(drawn.features[0], -drawn.features[1])


def test_intervals_are_held_against_each_truth_or_their_mean():
    tally = Tally()
    for truth in (0.4, 0.5, 0.9):
        tally.add(np.array([0.5, 0.45, 0.5, 0.55]), Estimate(value=0.5, low=0.3, high=0.7), truth)
    assert str(tally).startswith("66.7 % (33.3 %; ")
    assert str(tally.averaged()).startswith("100.0 % (0.0 %; ")  # the mean is 0.6
