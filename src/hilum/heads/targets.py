"""Labels are classes, however many of them there are and however few slices of each."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def labels_are_classes() -> Iterator[None]:
    """Keeps scikit-learn from warning, in each fit, that classes of one slice or two may be meant as numbers."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The number of unique classes is greater than 50%", UserWarning)
        yield
