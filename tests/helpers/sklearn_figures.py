"""The figures of one split as scikit-learn computes them: the oracle of hilum's own."""

import math

import numpy as np
from sklearn import metrics


def sklearn_figures(labels, probabilities, classes, negative):
    """What `splits` of a record holds, but for the figures of Keras."""
    every = np.arange(len(classes))
    predicted = probabilities.argmax(1)
    named = {"macro": {"labels": np.unique(labels)}}  # macro means are of the classes that have slices
    averages = {
        average: metrics.precision_recall_fscore_support(
            labels, predicted, average=average, zero_division=0, **named.get(average, {})
        )
        for average in ("macro", "micro", "weighted")
    }
    columns = metrics.precision_recall_fscore_support(labels, predicted, labels=every, zero_division=np.nan)
    confusion = metrics.confusion_matrix(labels, predicted, labels=every)
    both = np.triu(confusion + confusion.T, 1)
    i, j = divmod(int(both.argmax()), len(classes))
    return {
        "n": len(labels),
        "loss": metrics.log_loss(labels, probabilities / probabilities.sum(1, keepdims=True), labels=every),
        "accuracy": metrics.accuracy_score(labels, predicted),
        "precision_macro": averages["macro"][0],
        "recall_macro": averages["macro"][1],
        "f1_macro": averages["macro"][2],
        "f1_micro": averages["micro"][2],
        "f1_weighted": averages["weighted"][2],
        "auc_macro": _auc(labels[:, None] == every, probabilities),
        "per_class": {
            name: {
                "precision": _known(columns[0][i]),
                "recall": _known(columns[1][i]),
                "specificity": _recall(labels != i, predicted != i),
                "f1": _known(columns[2][i]),
                "support": int(columns[3][i]),
            }
            for i, name in enumerate(classes)
        },
        "confusion": confusion.tolist(),
        "most_confused": {"classes": [classes[i], classes[j]], "count": both[i, j]} if both[i, j] else None,
        "binary": None if negative is None else _binary(labels, probabilities, list(classes).index(negative), negative),
    }


def _binary(labels, probabilities, index, negative):
    cancer, called = labels != index, probabilities.argmax(1) != index
    return {
        "negative": negative,
        "sensitivity": _recall(cancer, called),
        "specificity": _recall(~cancer, ~called),
        "auc": _auc(cancer, -probabilities[:, index]),  # ranks as 1 - p does, without rounding small p together
    }


def _recall(true, called):
    return _known(metrics.recall_score(true, called, zero_division=np.nan))


def _auc(true, scores):
    return metrics.roc_auc_score(true, scores) if np.all(true.any(0) & ~true.all(0)) else None


def _known(share):
    return None if math.isnan(share) else share
