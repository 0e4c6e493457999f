"""Progress in a notebook, where bars appear by themselves."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from hilum.progress import Advance, silent


def in_notebook() -> bool:
    """Whether this is the kernel of a notebook: Jupyter, Kaggle, Colab or VS Code."""
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and "IPKernelApp" in shell.config


@contextmanager
def show_progress(title: str, total: int) -> Iterator[Advance]:
    """A tracker that shows a bar, which vanishes when its step is done."""
    from tqdm.auto import tqdm

    with tqdm(total=total, desc=title, leave=False) as bar:
        yield lambda: bar.update() and None


def automatic(title: str, total: int) -> AbstractContextManager[Advance]:
    """A tracker that shows bars in a notebook, and nothing in a script."""
    return (show_progress if in_notebook() else silent)(title, total)
