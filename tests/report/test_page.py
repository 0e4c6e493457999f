"""Pages: filters of templates, escaping, and a name that a template lacks."""

import pytest
from jinja2 import UndefinedError

from hilum.report.page import environment


def test_templates_have_the_words_of_the_terminal():
    template = environment("hilum.report", autoescape=True).from_string(
        "{{ 0.5 | number(2) }} {{ 2 | plural('file') }} {{ 'large_cell' | readable }} {{ picture | data_uri('png') }}"
    )
    assert template.render(picture=b"a") == "0.50 2 files large cell data:image/png;base64,YQ=="


def test_what_comes_from_files_is_escaped_where_that_is_asked_for():
    pages = [environment("hilum.report", autoescape=asked).from_string("{{ name }}") for asked in (True, False)]
    assert [page.render(name="<b>") for page in pages] == ["&lt;b&gt;", "<b>"]


def test_a_name_that_was_not_given_is_an_error():
    with pytest.raises(UndefinedError):
        environment("hilum.report", autoescape=True).from_string("{{ missing }}").render()
