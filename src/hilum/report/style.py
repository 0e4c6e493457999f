"""The style of every figure and the saving of figures, without pyplot. The same figure gives the same bytes."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from hilum.records.base import Record
from hilum.report.words import warnings_of

WIDTH = 5.4  # inches; with 11 point letters, still read when scaled to a phone's 360 pixels
DPI = 150
# Okabe and Ito's colours, which colour-blind readers can tell apart; markers and dashes repeat the distinction.
BLUE, VERMILION, GREY, PALE = "#0072B2", "#D55E00", "#6b6b6b", "#d9d9d9"
COLOURS = (BLUE, VERMILION, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = "osD^vP*"
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so every machine draws the same
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": "black",
    "ytick.labelcolor": "black",
    "legend.frameon": False,
    "text.parse_math": False,  # a dollar sign in a folder's name does not start a formula
    "svg.hashsalt": "hilum",
}


@contextmanager
def styled() -> Iterator[None]:
    """Uses hilum's settings instead of the reader's matplotlibrc."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield


def empty_figure(record: Record, height: float, width: float = WIDTH) -> Figure:
    """An empty figure with the warnings that its record requires."""
    lines = warnings_of(record)
    figure = Figure(figsize=(width, height + 0.25 * len(lines)), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    if lines:
        figure.suptitle("\n".join(lines), color=VERMILION, fontsize=11, fontweight="bold")
    return figure


def png(figure: Figure) -> bytes:
    """A figure as PNG."""
    return _saved(figure, format="png", dpi=DPI, metadata={"Software": None})


def svg(figure: Figure) -> bytes:
    """A figure as SVG."""
    return _saved(figure, format="svg", metadata={"Date": None, "Creator": None})


@styled()
def _saved(figure: Figure, **how: Any) -> bytes:  # noqa: ANN401 - of `savefig`
    """A figure as the bytes of a file; a letter that the font lacks, such as a Chinese one, becomes a box."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        figure.savefig(buffer, **how)
    return buffer.getvalue()
