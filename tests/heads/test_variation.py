import numpy as np
import pytest

from hilum.errors import HilumError
from hilum.heads.logistic import LogisticHead
from hilum.heads.softmax import SoftmaxHead
from hilum.heads.variation import check_varies, varies

EQUAL = np.full((12, 5), 0.3, np.float32)


@pytest.mark.parametrize("values", [EQUAL, 0 * EQUAL, EQUAL + np.float32(1e-8), EQUAL[:1], EQUAL.reshape(12, 5, 1)])
def test_equal_rows_do_not_vary(values):
    assert not varies(values)
    with pytest.raises(HilumError, match=f"All {len(values)} training slices look the same"):
        check_varies(values)


def test_one_feature_of_one_row_is_enough():
    values = EQUAL.copy()
    values[3, 2] += 0.01
    assert varies(values)
    check_varies(values)


@pytest.mark.parametrize("level", [0.0, 0.3])
def test_a_head_gives_the_share_of_each_class_where_nothing_varies(level):
    labels = np.array(["a"] * 8 + ["b"] * 4)
    head = LogisticHead().fit(np.full((12, 5), level), labels)
    shares = head.predict_proba(np.random.default_rng(0).normal(size=(3, 5)))
    np.testing.assert_allclose(shares, [[2 / 3, 1 / 3]] * 3, atol=0.02)  # Platt's smoothed targets
    softmax = SoftmaxHead(epochs=3).fit(np.full((12, 5), level), labels)
    assert np.isfinite(softmax.arrays().linear.weights).all()


def test_a_class_that_shows_one_picture_is_learnt():
    rng = np.random.default_rng(0)
    features = np.concatenate([np.zeros((6, 4)), rng.normal(1, 0.2, (6, 4))])
    labels = np.repeat([0, 1], 6)
    assert (LogisticHead().fit(features, labels).predict(features) == labels).all()
