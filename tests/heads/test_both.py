"""The average of two heads."""

import numpy as np
import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from hilum.heads.both import BothHead
from hilum.heads.kernel import KernelHead
from hilum.heads.logistic import LogisticHead


def test_probabilities_are_the_mean_of_both():
    random = np.random.default_rng(0)
    labels, groups = np.arange(120) % 3, np.arange(120) // 3
    features = (random.normal(size=(120, 30)) + labels[:, None]).astype(np.float32)
    head = BothHead(seed=2).fit(features, labels, groups)
    members = [kind(seed=2).fit(features, labels, groups) for kind in (LogisticHead, KernelHead)]
    mean = np.mean([member.predict_proba(features) for member in members], 0)
    np.testing.assert_allclose(head.predict_proba(features), mean, rtol=1e-9)
    assert head.chosen_ == (*members[0].chosen_, *members[1].chosen_)
    assert [scorer.kind for scorer in head.chosen_] == ["linear", "kernel"]
    assert head.history_ == members[0].history_


CHECKS = [pair for pair in estimator_checks_generator(BothHead()) if "array_api" not in str(pair[1])]


@pytest.mark.parametrize(("estimator", "check"), CHECKS, ids=[str(check.func.__name__) for _, check in CHECKS])
def test_it_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)
