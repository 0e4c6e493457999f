"""How every figure looks."""

import io
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's colours, told apart by colour-blind readers as well; shape or dash says the same again.
BLUE, VERMILION, GREY, PALE = "#0072B2", "#D55E00", "#6b6b6b", "#d9d9d9"
COLOURS = (BLUE, VERMILION, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = "osD^vP*"
STYLE: dict[Any, Any] = {
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
    "text.parse_math": False,  # a dollar sign in a folder's name is no formula
    "svg.hashsalt": "hilum",
}


def drawn(figure: "Figure", **how: Any) -> bytes:  # noqa: ANN401 - of `savefig`
    """A figure as a file's bytes; a letter that the font lacks, such as a Chinese one, shows as a box."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        figure.savefig(buffer, **how)
    return buffer.getvalue()
