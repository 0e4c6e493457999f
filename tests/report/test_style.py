"""The style of figures: no pyplot, and letters that the font lacks."""

import warnings

from hilum.records.base import Document
from hilum.report import charts, figures, style
from hilum.report.style import empty_figure, png, styled, svg


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


def _figure(title="", synthetic=False):
    with styled():
        record = Document(kind="x", created="", command=None, notice="", synthetic=synthetic)
        figure = empty_figure(record, 2.0)
        figure.subplots().set_title(title)
    return figure
