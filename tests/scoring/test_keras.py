"""Against the real Keras: the numbers below are those of keras==3.15.1 with jax==0.10.2, made by

    KERAS_BACKEND=jax python -c "
    import sys; sys.path.insert(0, 'tests/scoring')
    import keras, numpy as np
    from test_keras import cases
    for name, (labels, probabilities) in cases().items():
        metrics = keras.metrics.Precision(), keras.metrics.Recall(), keras.metrics.AUC()
        for metric in metrics:
            metric.update_state(np.eye(4)[labels], probabilities)
        print(name, [round(float(metric.result()), 8) for metric in metrics])"

`AUC()` is `AUC(num_thresholds=200, curve="ROC", summation_method="interpolation")`.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import precision_score, recall_score, roc_auc_score

from hilum.scoring.keras import keras_figures

KERAS = {
    "smooth": (0.45702305, 0.72666669, 0.83765376),
    "uninformed": (0.26490065, 0.53333336, 0.51731294),
    "0, 0.5 and 1": (0.40041929, 0.63666666, 0.71959633),
    "thresholds": (0.3074266, 0.5933333, 0.64998698),
    "thresholds in float32": (0.3074266, 0.5933333, 0.64998698),
    "just above thresholds": (0.3074266, 0.5933333, 0.64989078),
    "just below thresholds": (0.3074266, 0.5933333, 0.64991295),
    "just above thresholds in float64": (0.3074266, 0.5933333, 0.64998698),
    "just around 0.5": (1.0, 1.0, 0.5),
    "0.5 once in float32": (0.0, 0.0, 0.5),
    "flat": (0.0, 0.0, 0.5),
    "perfect": (1.0, 1.0, 1.0),
    "wrong": (0.0, 0.0, 0.33333331),
}


def cases():
    random = np.random.RandomState(0)  # its streams are frozen
    labels = random.randint(0, 4, 300)
    true = np.eye(4)[labels]
    grid = (random.randint(0, 170, (300, 4)) + 29 * true) / 199  # on Keras's thresholds
    single = grid.astype(np.float32)
    matrices = {
        "smooth": 0.7 * random.random_sample((300, 4)) + 0.3 * true,
        "uninformed": random.random_sample((300, 4)),
        "0, 0.5 and 1": np.minimum(random.randint(0, 3, (300, 4)) + true, 2) / 2,
        "thresholds": grid,
        "thresholds in float32": single,
        "just above thresholds": np.nextafter(single, np.float32(1)),
        "just below thresholds": np.nextafter(single, np.float32(0)),
        "just above thresholds in float64": np.nextafter(grid, 1),
        "just around 0.5": np.nextafter(np.full((300, 4), 0.5, np.float32), true.astype(np.float32)),
        "0.5 once in float32": np.full((300, 4), 0.5 + 1e-12),
        "flat": np.full((300, 4), 0.25),
        "perfect": true,
        "wrong": true[:, ::-1],
    }
    return {name: (labels, matrix) for name, matrix in matrices.items()}


@pytest.mark.parametrize("name", cases())
def test_agrees_with_keras(name):
    labels, probabilities = cases()[name]
    figures = keras_figures(labels, probabilities)
    assert (figures.precision, figures.recall, figures.auc) == pytest.approx(KERAS[name], abs=1e-6)


def test_by_hand():
    labels = np.array([0, 1, 1])
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.5, 0.5]])
    figures = keras_figures(labels, probabilities)
    # Above 0.5: 0.9 (true), 0.6 (false). True 0.9, 0.4, 0.5 against 0.1, 0.6, 0.5: 3 + 1 + 1.5 of 9 pairs.
    assert (figures.precision, figures.recall) == (1 / 2, 1 / 3)
    assert figures.auc == pytest.approx(5.5 / 9)


@settings(max_examples=40)
@given(
    arrays(np.intp, 30, elements=st.integers(0, 3)),
    arrays(np.float64, (30, 4), elements=st.sampled_from([*np.arange(0.5, 199) / 199])),
)
def test_is_scikit_learns_on_the_flattened_matrix(labels, probabilities):
    true = np.eye(4, dtype=bool)[labels].ravel()
    flat = probabilities.ravel()  # one value a bucket, so that 200 thresholds lose nothing
    figures = keras_figures(labels, probabilities)
    assert figures.precision == pytest.approx(precision_score(true, flat.astype(np.float32) > 0.5, zero_division=0))
    assert figures.recall == pytest.approx(recall_score(true, flat.astype(np.float32) > 0.5))
    assert figures.auc == pytest.approx(roc_auc_score(true, flat))
