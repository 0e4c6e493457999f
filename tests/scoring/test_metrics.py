"""Figures against scikit-learn and by hand."""

import json

import numpy as np
import pytest
from helpers.sklearn_figures import sklearn_figures
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics
from sklearn.metrics import classification_report, f1_score, log_loss, precision_score, recall_score, roc_auc_score

from hilum.scoring.intervals import Scored, figures_and_draws, point_figures
from hilum.scoring.keras import keras_figures
from hilum.scoring.metrics import chunks, counted, ranked
from hilum.scoring.resamples import Resamples, draw_resamples

CLASSES = ("adenocarcinoma", "large_cell_carcinoma", "normal", "squamous_cell_carcinoma")


def evaluate(labels, probabilities, classes, negative):
    """The figures of one split, without resamples."""
    scored = Scored(labels, probabilities[None], np.arange(len(labels)), None)
    none = Resamples(np.empty((0, len(labels)), np.float32), labels, scored.groups, refitted=False)
    return point_figures(figures_and_draws(scored, classes, negative, none)[0]).as_json()


def random_split(n=200, k=4, seed=0):
    random = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(k), random.integers(0, k, n - k)])
    scores = random.random((n, k)) + 0.8 * np.eye(k)[labels]
    return labels, scores / scores.sum(1, keepdims=True)


@st.composite
def splits(draw):
    """Labels and probabilities with ties, zeros, ones and missing classes."""
    n = draw(st.integers(1, 25))
    labels = draw(arrays(np.intp, n, elements=st.integers(0, 3)))
    weights = draw(arrays(np.float64, (n, 4), elements=st.integers(0, 4)))
    weights[weights.sum(1) == 0] = 1
    return labels, weights / weights.sum(1, keepdims=True)


def tied(probabilities):
    """The same, rounded so that there are ties."""
    rounded = probabilities.round(2) + 0.01
    return rounded / rounded.sum(1, keepdims=True)


def numbers(figures):
    """Every number below a JSON value, with its path."""
    if isinstance(figures, dict | list):
        items = figures.items() if isinstance(figures, dict) else enumerate(figures)
        return {(key, *path): x for key, value in items for path, x in numbers(value).items()}
    return {(): figures} if isinstance(figures, int | float) else {}


def test_by_hand():
    labels = np.array([0, 0, 1, 1, 2, 2])
    probabilities = np.array(
        [
            [0.8, 0.1, 0.1],  # a called a
            [0.3, 0.6, 0.1],  # a called b
            [0.2, 0.7, 0.1],  # b called b
            [0.6, 0.3, 0.1],  # b called a
            [0.1, 0.1, 0.8],  # normal called normal
            [0.5, 0.3, 0.2],  # normal called a
        ]
    )
    figures = evaluate(labels, probabilities, ["a", "b", "normal"], "normal")
    keras = keras_figures(labels, probabilities)
    assert figures == {
        "n": 6,
        "loss": pytest.approx(-np.log([0.8, 0.3, 0.7, 0.3, 0.8, 0.2]).mean()),
        "accuracy": pytest.approx(3 / 6),
        "precision_macro": pytest.approx((1 / 3 + 1 / 2 + 1) / 3),
        "recall_macro": pytest.approx(1 / 2),
        "f1_macro": pytest.approx((2 / 5 + 1 / 2 + 2 / 3) / 3),
        "f1_micro": pytest.approx(3 / 6),
        "f1_weighted": pytest.approx((2 / 5 + 1 / 2 + 2 / 3) / 3),
        # Of 2 x 4 pairs: a 0.8, 0.3 over 0.2, 0.6, 0.1, 0.5; b 0.7, 0.3 over 0.1, 0.6, 0.1, 0.3; normal all.
        "auc_macro": pytest.approx((6 / 8 + 6.5 / 8 + 1) / 3),
        "per_class": {
            "a": {
                "precision": pytest.approx(1 / 3),
                "recall": 0.5,
                "specificity": 0.5,
                "f1": pytest.approx(2 / 5),
                "support": 2,
            },
            "b": {"precision": 0.5, "recall": 0.5, "specificity": 0.75, "f1": 0.5, "support": 2},
            "normal": {
                "precision": 1.0,
                "recall": 0.5,
                "specificity": 1.0,
                "f1": pytest.approx(2 / 3),
                "support": 2,
            },
        },
        "confusion": [[1, 1, 0], [1, 1, 0], [1, 0, 1]],
        "most_confused": {"classes": ["a", "b"], "count": 2},
        "binary": {"negative": "normal", "sensitivity": 1.0, "specificity": 0.5, "auc": 1.0},
        "keras": {"precision": keras.precision, "recall": keras.recall, "auc": keras.auc},
    }


def test_keys_are_those_of_metrics_json_and_values_are_plain():
    figures = evaluate(*random_split(), CLASSES, "normal")
    assert list(figures) == [
        *("n", "loss", "accuracy", "precision_macro", "recall_macro", "f1_macro", "f1_micro", "f1_weighted"),
        *("auc_macro", "per_class", "confusion", "most_confused", "binary", "keras"),
    ]
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert {type(number) for number in numbers(figures).values()} == {int, float}


def assert_same(mine, expected):
    """Equality to 1e-9 of everything that is expected."""
    for name, figure in expected.items():
        if isinstance(figure, dict):
            assert_same(mine[name], figure)
        elif isinstance(figure, float):
            assert mine[name] == pytest.approx(figure, abs=1e-9)
        else:
            assert mine[name] == figure


@pytest.mark.filterwarnings("error")
@settings(max_examples=40)
@given(splits())
def test_every_figure_is_scikit_learns(split):
    figures = evaluate(*split, CLASSES, "normal")
    expected = sklearn_figures(*split, CLASSES, "normal")
    assert_same(figures, expected)
    assert set(figures) == {*expected, "keras"}


@pytest.mark.parametrize("k", [2, 4])
def test_is_scikit_learns_answer(k):
    labels, probabilities = random_split(k=k)
    names = CLASSES[:k]
    predicted = probabilities.argmax(1)
    result = evaluate(labels, probabilities, names, None)
    report = classification_report(labels, predicted, target_names=names, output_dict=True)
    assert result["loss"] == pytest.approx(log_loss(labels, probabilities))
    assert result["accuracy"] == pytest.approx(report["accuracy"])
    assert result["precision_macro"] == pytest.approx(report["macro avg"]["precision"])
    assert result["recall_macro"] == pytest.approx(report["macro avg"]["recall"])
    assert result["f1_macro"] == pytest.approx(report["macro avg"]["f1-score"])
    assert result["f1_weighted"] == pytest.approx(report["weighted avg"]["f1-score"])
    scores = probabilities[:, 1] if k == 2 else probabilities
    assert result["auc_macro"] == pytest.approx(roc_auc_score(labels, scores, multi_class="ovr"))
    for i, name in enumerate(names):
        own = result["per_class"][name]
        assert own["precision"] == pytest.approx(report[name]["precision"])
        assert own["recall"] == pytest.approx(report[name]["recall"])
        assert own["f1"] == pytest.approx(report[name]["f1-score"])
        assert own["specificity"] == pytest.approx(recall_score(labels != i, predicted != i))
        assert own["support"] == report[name]["support"]


@pytest.mark.parametrize("k", [2, 4])
def test_weighted_figures_are_scikit_learns(k):
    labels, probabilities = random_split(k=k)
    probabilities = tied(probabilities)
    predicted = probabilities.argmax(1)
    weights = np.random.default_rng(1).integers(0, 4, (6, len(labels))).astype(np.float32)
    plain, chunk = chunks(weights)
    assert plain.shape == (len(labels), 1)
    figures, aucs = counted(labels, probabilities, chunk), ranked(labels, probabilities, chunk)
    for i, weight in enumerate(weights):
        options = {"sample_weight": weight}
        assert np.array_equal(figures["confusion"][i], metrics.confusion_matrix(labels, predicted, **options))
        assert figures["loss"][i] == pytest.approx(metrics.log_loss(labels, probabilities, **options), rel=1e-5)
        assert figures["accuracy"][i] == pytest.approx(metrics.accuracy_score(labels, predicted, **options))
        for average in ("macro", "weighted"):
            f1 = metrics.f1_score(labels, predicted, average=average, **options)
            assert figures[f"f1_{average}"][i] == pytest.approx(f1)
        true = labels[:, None] == np.arange(k)
        assert aucs[i].mean() == pytest.approx(metrics.roc_auc_score(true, probabilities, **options))
        if k > 2:
            assert aucs[i].mean() == pytest.approx(
                metrics.roc_auc_score(labels, probabilities, multi_class="ovr", average="macro", **options)
            )


@pytest.mark.parametrize("digits", [1, 9])
def test_aucs_of_many_slices_are_counted_otherwise_and_equal(monkeypatch, digits):
    labels, probabilities = random_split(n=150)
    weights = draw_resamples(labels, np.arange(150) // 3, 40).weights.T
    scores = probabilities.round(digits)  # one digit: many ties
    few = ranked(labels, scores, weights)
    monkeypatch.setattr("hilum.scoring.metrics._PAIRED", 0)
    assert np.array_equal(ranked(labels, scores, weights), few)


def test_binary_is_cancer_against_the_negative_class():
    labels, probabilities = random_split()
    binary = evaluate(labels, probabilities, CLASSES, "normal")["binary"]
    cancer, called = labels != 2, probabilities.argmax(1) != 2
    assert binary["sensitivity"] == pytest.approx(recall_score(cancer, called))
    assert binary["specificity"] == pytest.approx(recall_score(~cancer, ~called))
    assert binary["auc"] == pytest.approx(roc_auc_score(cancer, 1 - probabilities[:, 2]))
    assert evaluate(labels, probabilities, CLASSES, None)["binary"] is None


def test_cancer_called_another_cancer_is_still_found():
    probabilities = np.array([[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    result = evaluate(np.array([0, 2]), probabilities, CLASSES, "normal")
    assert result["accuracy"] == 0.5
    assert (result["binary"]["sensitivity"], result["binary"]["specificity"], result["binary"]["auc"]) == (
        1.0,
        1.0,
        1.0,
    )


def test_what_a_split_lacks_is_none_and_macro_leaves_it_out():
    labels = np.array([0, 0, 1])
    probabilities = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7], [0.3, 0.4, 0.2, 0.1]])
    result = evaluate(labels, probabilities, CLASSES, "normal")
    assert result["auc_macro"] is None
    absent, called_only = result["per_class"]["normal"], result["per_class"]["squamous_cell_carcinoma"]
    assert (absent["precision"], absent["recall"], absent["f1"], absent["support"]) == (None, None, None, 0)
    assert (called_only["precision"], called_only["recall"], called_only["f1"]) == (0.0, None, 0.0)
    assert absent["specificity"] == 1.0
    assert called_only["specificity"] == pytest.approx(2 / 3)
    assert (result["binary"]["sensitivity"], result["binary"]["specificity"], result["binary"]["auc"]) == (
        1.0,
        None,
        None,
    )
    predicted = probabilities.argmax(1)
    scored = {"labels": [0, 1], "average": "macro"}
    assert result["precision_macro"] == pytest.approx(precision_score(labels, predicted, **scored)) == 1
    assert result["recall_macro"] == pytest.approx(recall_score(labels, predicted, **scored)) == 3 / 4
    assert result["f1_macro"] == pytest.approx(f1_score(labels, predicted, **scored)) == pytest.approx(5 / 6)


def test_macro_means_of_all_models_are_over_the_same_classes():
    labels = np.array([0, 0, 1, 1])
    one, other = (evaluate(labels, np.eye(4)[called], CLASSES, None) for called in ([0, 1, 1, 1], [0, 3, 1, 1]))
    assert one["recall_macro"] == other["recall_macro"] == 3 / 4
    assert other["f1_macro"] == pytest.approx((2 / 3 + 1) / 2)
    assert one["f1_macro"] == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_class_present_but_never_called_counts_zero_in_the_mean_and_has_no_precision():
    result = evaluate(np.array([0, 1]), np.array([[0.9, 0.1], [0.8, 0.2]]), ["a", "b"], None)
    own = result["per_class"]["b"]
    assert (own["precision"], own["recall"], own["f1"]) == (None, 0.0, 0.0)
    assert result["precision_macro"] == 0.25


def test_split_of_one_class_only():
    result = evaluate(np.array([1, 1]), np.array([[0.1, 0.9], [0.2, 0.8]]), ["a", "b"], "a")
    assert result["per_class"]["b"]["specificity"] is None
    assert (result["binary"]["sensitivity"], result["binary"]["specificity"], result["binary"]["auc"]) == (
        1.0,
        None,
        None,
    )
    assert result["auc_macro"] is None


def test_first_of_equally_probable_classes_is_called():
    result = evaluate(np.array([0, 1, 2]), np.full((3, 4), 0.25), CLASSES, None)
    assert [row[0] for row in result["confusion"]] == [1, 1, 1, 0]


def test_most_confused_counts_both_directions():
    labels = np.array([0, 0, 1, 1, 2, 3])  # 0 as 3 and 3 as 0; 1 as 2 twice and 2 as 1
    probabilities = np.eye(4)[[3, 0, 2, 2, 1, 0]]
    assert evaluate(labels, probabilities, CLASSES, None)["most_confused"] == {
        "classes": ["large_cell_carcinoma", "normal"],
        "count": 3,
    }


def test_first_pair_is_most_confused_on_ties():
    result = evaluate(np.array([3, 2]), np.eye(4)[[2, 0]], CLASSES, None)
    assert result["most_confused"]["classes"] == ["adenocarcinoma", "normal"]


def test_impossible_truth_gives_a_finite_loss():
    assert 30 < evaluate(np.array([0, 1]), np.eye(2)[[1, 0]], ["a", "b"], None)["loss"] < 40


@pytest.mark.filterwarnings("error")
def test_float32_rows_pass_silently():
    labels, probabilities = random_split()
    result = evaluate(labels, probabilities.astype(np.float32), CLASSES, "normal")
    assert result["loss"] == pytest.approx(evaluate(labels, probabilities, CLASSES, "normal")["loss"], abs=1e-6)


@pytest.mark.filterwarnings("error")
@settings(max_examples=30)
@given(splits(), st.randoms(use_true_random=False))
def test_order_of_slices_changes_nothing(split, random):
    labels, probabilities = split
    order = random.sample(range(len(labels)), len(labels))
    one = evaluate(labels, probabilities, CLASSES, "normal")
    other = evaluate(labels[order], probabilities[order], CLASSES, "normal")
    assert numbers(one) == pytest.approx(numbers(other))
    assert one["most_confused"] == other["most_confused"]


@pytest.mark.filterwarnings("error")
@settings(max_examples=30)
@given(splits())
def test_figures_hang_together(split):
    labels, probabilities = split
    result = evaluate(labels, probabilities, CLASSES, "normal")
    confusion = np.array(result["confusion"])
    assert result["f1_micro"] == pytest.approx(result["accuracy"])
    assert confusion.sum() == result["n"] == len(labels)
    assert confusion.trace() == pytest.approx(result["accuracy"] * result["n"])
    assert [own["support"] for own in result["per_class"].values()] == confusion.sum(1).tolist()
    assert (result["most_confused"] is None) == (result["accuracy"] == 1)
    counts = {"n", "loss", "confusion", "support", "count"}
    shares = {path: x for path, x in numbers(result).items() if not counts & set(path)}
    assert len(shares) >= 10
    assert all(type(x) is float and 0 <= x <= 1 for x in shares.values())
    assert result["loss"] >= 0


@settings(max_examples=30)
@given(arrays(np.intp, st.integers(4, 25), elements=st.integers(0, 3)))
def test_perfect_predictions(labels):
    labels[:4] = range(4)
    figures = evaluate(labels, np.eye(4)[labels], CLASSES, "normal")
    assert figures.pop("most_confused") is None
    assert figures.pop("loss") == pytest.approx(0, abs=1e-12)
    assert np.array_equal(figures.pop("confusion"), np.diag(np.bincount(labels)))
    counts = {"n", "support"}
    assert all(x == pytest.approx(1) for path, x in numbers(figures).items() if not counts & set(path))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": np.array([0, 1, 2])}, r"floating point \[repeats, 3, 4\]"),
        ({"labels": np.array([[0], [1]])}, r"integers \[n\]"),
        ({"labels": np.array([0.0, 1.0])}, "not float64"),
        ({"labels": np.array([], np.intp), "probabilities": np.empty((0, 4))}, "n >= 1"),
        ({"labels": np.array([0, 4])}, "from 0 to 4"),
        ({"labels": np.array([-1, 0])}, "from -1 to 0"),
        ({"probabilities": np.full((2, 3), 1 / 3)}, r"not float64 \[1, 2, 3\]"),
        ({"probabilities": np.full(2, 0.5)}, r"not float64 \[1, 2\]"),
        ({"probabilities": np.eye(4, dtype=np.intp)[:2]}, "floating point"),
        ({"probabilities": np.array([[0.25] * 4, [0.25, np.nan, 0.25, 0.25]])}, "NaN"),
        ({"probabilities": np.array([[0.25] * 4, [1.5, -0.5, 0, 0]])}, "outside"),
        ({"probabilities": np.array([[0.25] * 4, [0.25, 0.25, 0.25, 0.2]])}, r"not to 0\.95"),
        ({"classes": ["a"]}, "two or more"),
        ({"classes": ["a", "b", "c", "a"]}, "different"),
        ({"negative": "healthy"}, "'healthy' is not among"),
    ],
)
def test_malformed_input_is_refused(change, message):
    good = {
        "labels": np.array([0, 1]),
        "probabilities": np.full((2, 4), 0.25),
        "classes": CLASSES,
        "negative": "normal",
    }
    evaluate(**good)
    with pytest.raises(ValueError, match=message):
        evaluate(**(good | change))
