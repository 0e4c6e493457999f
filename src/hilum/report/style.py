"""The style of every figure and the saving of figures, without pyplot. The same figure gives the same bytes."""

import io
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from hilum.progress import Tracker, silent
from hilum.records.base import Record
from hilum.report.words import warnings_of

WIDTH = 3.5  # inches: one column of a journal, and on a page scaled to any width
DPI = 300
_SCREEN = 160  # dots per inch in a notebook
# Okabe and Ito's colours, which colour-blind readers can tell apart; markers and dashes repeat the distinction.
BLUE, VERMILION, GREY, PALE = "#0072B2", "#D55E00", "#6b6b6b", "#d9d9d9"
COLOURS = (BLUE, VERMILION, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = "osD^vP*"
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so every machine draws the same
    "font.size": 7,  # points
    "axes.titlesize": "medium",
    "axes.titlelocation": "left",
    "axes.titlepad": 4,
    "axes.labelpad": 2.5,
    "axes.linewidth": 0.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "figure.titlesize": "medium",
    "figure.titleweight": "bold",
    "figure.labelsize": "medium",
    "lines.linewidth": 1,
    "lines.markersize": 4,
    "lines.markeredgewidth": 0.7,
    "scatter.edgecolors": "face",
    "legend.frameon": False,
    "text.parse_math": False,  # a dollar sign in a folder's name does not start a formula
    "svg.hashsalt": "hilum",
    "pdf.fonttype": 42,  # TrueType, which journals ask for
    **{
        f"{axis}tick.{name}": value
        for name, value in (
            ("color", GREY),
            ("labelcolor", "black"),
            ("major.size", 2.5),
            ("major.width", 0.5),
            ("major.pad", 2.5),
        )
        for axis in "xy"
    },
}


@contextmanager
def styled() -> Iterator[None]:
    """Uses hilum's settings instead of the reader's matplotlibrc."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield


class Chart(Figure):
    """A figure in hilum's style wherever it is drawn, which a notebook shows with and without pyplot.

    Args:
        height: Height in inches; the width is that of a column.
    """

    def __init__(self, height: float) -> None:
        super().__init__(figsize=(WIDTH, height), dpi=_SCREEN, layout="constrained", facecolor="white")
        FigureCanvasAgg(self)

    @styled()
    def draw(self, renderer: RendererBase) -> None:
        """Draws the figure; a letter that the font lacks, such as a Chinese one, becomes a box."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
            super().draw(renderer)

    def _repr_png_(self) -> bytes:
        return _saved(self, format="png")


def empty_figure(record: Record, height: float) -> Chart:
    """An empty figure, its height in inches, with the warnings that its record requires."""
    lines = warnings_of(record)
    figure = Chart(height + 0.16 * len(lines))
    if lines:
        figure.suptitle("\n".join(lines), color=VERMILION)
    return figure


def files_of(figure: Figure) -> dict[str, bytes]:
    """A figure as SVG, PDF and PNG, by the ending of the file; its layout is computed once."""
    drawn = svg(figure)
    figure.set_layout_engine("none")
    # Without dates and versions, so that the same figure gives the same bytes.
    document = _saved(figure, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None})
    return {"svg": drawn, "pdf": document, "png": png(figure)}


def write_figures(figures: Mapping[str, Figure], folder: Path, track: Tracker = silent) -> dict[str, bytes]:
    """Writes figures as SVG, PDF and PNG.

    Args:
        figures: Figures by name.
        folder: Folder for the files, made if it does not exist.
        track: Progress display.

    Returns:
        The SVG of each figure, by name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {}
    with track("figures", len(figures)) as advance:
        for name, figure in figures.items():
            files = files_of(figure)
            for ending, content in files.items():
                (folder / f"{name}.{ending}").write_bytes(content)
            drawn[name] = files["svg"]
            advance()
    return drawn


def svg(figure: Figure) -> bytes:
    """A figure as SVG."""
    return _saved(figure, format="svg", metadata={"Date": None, "Creator": None})


def png(figure: Figure) -> bytes:
    """A figure as PNG."""
    return _saved(figure, format="png", dpi=DPI, metadata={"Software": None})


@styled()
def _saved(figure: Figure, **how: Any) -> bytes:  # noqa: ANN401 - of `savefig`
    """A figure as the bytes of a file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, **how)
    return buffer.getvalue()
