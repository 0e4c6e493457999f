import threading
import warnings

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from hilum.heads.logistic import LogisticHead
from hilum.heads.side_by_side import side_by_side


def _threads():
    return [(pool["user_api"], pool["num_threads"]) for pool in threadpool_info()]


def test_results_are_in_the_order_of_the_jobs():
    later = threading.Event()

    def job(number):
        if number == 1:
            later.set()
        else:
            later.wait(0.1)  # at two threads, the second ends before the first
        return 10 * number

    assert side_by_side(job, range(4)) == [0, 10, 20, 30]
    assert side_by_side(job, []) == []


def test_heads_are_the_same_as_one_after_the_other_and_nothing_is_left_changed():
    random = np.random.default_rng(0)
    labels = np.arange(60) % 3
    features = random.normal(size=(60, 90)) + 2 * np.eye(90)[labels]
    filters, threads = list(warnings.filters), _threads()
    heads = side_by_side(lambda seed: LogisticHead(seed=seed).fit(features, labels), range(6))
    assert warnings.filters == filters
    assert _threads() == threads
    for seed, head in enumerate(heads):
        alone = LogisticHead(seed=seed).fit(features, labels)
        assert head.chosen_ == alone.chosen_
        weights, expected = (of.arrays().linear.weights for of in (head, alone))
        assert np.abs(expected).max() > 0.1
        np.testing.assert_array_equal(weights, expected)


def test_what_a_job_raises_is_raised():
    def job(number):
        raise ValueError(f"job {number}")

    with pytest.raises(ValueError, match="job 0"):
        side_by_side(job, range(3))
