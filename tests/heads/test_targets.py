import warnings

import numpy as np
import pytest
from sklearn.utils.multiclass import check_classification_targets

from hilum.heads.logistic import LogisticHead
from hilum.heads.softmax import SoftmaxHead
from hilum.heads.targets import labels_are_classes

LABELS = np.tile(np.arange(30), 2)[:45]  # one slice or two of each


def test_only_the_guess_that_labels_are_numbers_is_kept_quiet():
    with pytest.warns(UserWarning, match="unique classes"):
        check_classification_targets(LABELS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with labels_are_classes():
            check_classification_targets(LABELS)
    with labels_are_classes(), pytest.warns(UserWarning, match="mine"):
        warnings.warn("mine", UserWarning, stacklevel=1)


@pytest.mark.parametrize("head", [LogisticHead(), SoftmaxHead(epochs=1)])
def test_thirty_classes_of_a_slice_or_two_are_fitted_without_a_warning(head):
    features = np.random.default_rng(0).normal(size=(45, 8))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(head.fit(features, LABELS).classes_) == 30
