"""Names and commands in Markdown: nothing in them is markup."""

import pytest

from hilum.report.markdown import code, plain


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("large_cell", r"large\_cell"),
        ("[a](b)", r"\[a\](b)"),
        ("a|b", r"a\|b"),
        ("<b>", r"\<b\>"),
        ("http://x www.x", r"http\://x www\.x"),
        ("a\n# b", r"a \# b"),
        ("a\u202eb", "a\ufffdb"),
    ],
)
def test_a_name_is_text_and_nothing_else(name, shown):
    assert plain(name) == shown


@pytest.mark.parametrize(
    ("command", "shown"),
    [("hilum train", "`hilum train`"), ("a `b`", "`` a `b` ``"), ("a ``b", "``` a ``b ```"), ("a\nb", "`a b`")],
)
def test_a_command_is_code_whatever_is_in_it(command, shown):
    assert code(command) == shown
