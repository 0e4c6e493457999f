"""Names and figures in LaTeX."""

import pytest

from hilum.report.latex import breakable, escaped, figure


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("timm:resnet10t", "timm:resnet10t"),
        ("large_cell 95% R&D #1 $x$ {y}", r"large\_cell 95\% R\&D \#1 \$x\$ \{y\}"),
        ("a\\b ~ ^", r"a\textbackslash{}b \textasciitilde{} \textasciicircum{}"),
        ("<c>|", r"\textless{}c\textgreater{}\textbar{}"),
        ("Universität Łódź", "Universität Łódź"),
        ("\u80ba\u202e", "[U+80BA][U+202E]"),
        ("two\nlines", "two lines"),
    ],
)  # fmt: skip
def test_names_are_shown_as_they_are_or_spelt_out(text, expected):
    assert escaped(text) == expected


def test_a_long_name_may_be_broken_after_its_signs():
    assert breakable("timm:a_b") == r"timm:\allowbreak{}a\_\allowbreak{}b"


def test_figures_have_true_minus_signs():
    assert figure("[−0.02 to 0.14]") == "[$-$0.02 to 0.14]"
    assert figure("[0.68–0.90]") == "[0.68--0.90]"
    assert escaped("a lead of −0.02") == "a lead of $-$0.02"
