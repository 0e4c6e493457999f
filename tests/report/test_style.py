"""The style of figures: one column wide, in three formats, the same each time and wherever they are drawn."""

import io
import re
import warnings

import matplotlib as mpl
import pytest
from PIL import Image

from hilum.records.base import Document
from hilum.report import charts, figures, style
from hilum.report.style import empty_figure, files_of, png, styled, svg


def test_pyplot_is_not_used():
    assert not any("pyplot" in vars(module) for module in (charts, figures, style))


def test_a_name_in_letters_that_the_font_lacks_is_drawn_without_a_warning():
    figure = _figure(title="\u80ba\u764c")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert b"<svg" in svg(figure)


def test_a_figure_carries_the_warnings_of_its_record():
    plain, warned = (_figure(synthetic=flag) for flag in (False, True))
    assert plain.get_suptitle() == ""
    assert warned.get_suptitle() == "Synthetic phantom slices"


def test_a_figure_is_saved_the_same_each_time_and_without_dates():
    first, second = (svg(_figure(title="a")) for _ in range(2))
    assert first == second
    assert b"date" not in first
    assert png(_figure()) == png(_figure())
    pictures = [files_of(_figure(title="a")) for _ in range(2)]
    assert pictures[0] == pictures[1]
    assert b"CreationDate" not in pictures[0]["pdf"]


def test_the_files_of_a_figure_are_those_of_print():
    files = files_of(_figure(title="\u80ba"))
    assert list(files) == ["svg", "pdf", "png"]
    assert b'width="252pt"' in files["svg"]
    assert b"/MediaBox [ 0 0 252 " in files["pdf"]
    assert b"/FontFile2" in files["pdf"], "TrueType, which journals ask for"
    assert not re.search(rb"/Subtype ?/Type3", files["pdf"])
    with Image.open(io.BytesIO(files["png"])) as picture:
        assert picture.width == 3.5 * 300
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_a_figure_is_the_same_whatever_the_settings_of_the_notebook_are():
    """A notebook draws it when a cell ends, outside of `styled`."""
    first = _figure(title="a")._repr_png_()
    with mpl.rc_context({"font.size": 30, "xtick.labelsize": 30, "axes.linewidth": 9}):
        assert _figure(title="a")._repr_png_() == first
    with Image.open(io.BytesIO(first)) as picture:
        assert picture.width == 560


def _figure(title="", synthetic=False):
    with styled():
        record = Document(kind="x", created="", command=None, notice="", synthetic=synthetic)
        figure = empty_figure(record, 2.0)
        figure.subplots().set_title(title)
    return figure
