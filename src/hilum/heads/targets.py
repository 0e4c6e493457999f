"""Keeps scikit-learn from taking labels of many small classes for numbers."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def labels_are_classes() -> Iterator[None]:
    """Silences scikit-learn's warning that the labels of classes with a slice or two may be meant as numbers."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The number of unique classes is greater than 50%", UserWarning)
        yield
