"""How every figure looks."""

from typing import Any

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
