"""Progress in a notebook, where bars appear by themselves."""

import io
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from typing import Any

from hilum.progress import Advance, silent

_WIDTH = 90  # letters of a bar in a notebook


def in_notebook() -> bool:
    """Whether this is the kernel of a notebook: Jupyter, Kaggle, Colab or VS Code."""
    shell = _shell()
    return shell is not None and "IPKernelApp" in shell.config


@contextmanager
def show_progress(title: str, total: int | None) -> Iterator[Advance]:
    """A tracker that shows a bar, which vanishes when its step is done.

    Args:
        title: What the step does.
        total: How often the step will advance, or None if nobody knows.

    Example:
        >>> table = hilum.read_table("phantom", track=hilum.show_progress)  # a bar in a script, too
    """
    from tqdm import tqdm

    how: dict[str, Any] = {}
    if in_notebook():  # tqdm's own bars there need ipywidgets, and leave a line in a saved notebook
        how = {"file": _cell(_shell().execution_count), "ncols": _WIDTH, "position": 0}
    with tqdm(total=total, desc=title, leave=False, **how) as bar:
        yield lambda: bar.update() and None


def automatic(title: str, total: int | None) -> AbstractContextManager[Advance]:
    """A tracker that shows bars in a notebook, and nothing in a script."""
    return (show_progress if in_notebook() else silent)(title, total)


class _Cell(io.TextIOBase):
    """A file whose last line is the output of a cell."""

    encoding = "utf-8"

    def __init__(self) -> None:
        from IPython.display import display

        self._handle = display({"text/plain": ""}, raw=True, display_id=True)  # type: ignore[no-untyped-call]

    def write(self, text: str) -> int:
        line = text.strip()
        self._handle.update({"text/plain": line} if line else {"text/plain": "", "text/html": ""}, raw=True)
        return len(text)


@lru_cache(maxsize=1)
def _cell(number: int) -> _Cell:
    """The one output for all bars of a cell."""
    return _Cell()


def _shell() -> Any:  # noqa: ANN401 - of IPython
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
