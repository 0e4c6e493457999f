"""Pieces of HTML for notebooks."""

import re
from xml.etree import ElementTree

from hilum import html


def test_every_text_is_escaped():
    made = html.block(
        html.paragraph("<b>&"), html.table(["<i>"], [["a<b"]], strong=0), html.picture(b"x", "png", '"<', 9)
    )
    root = ElementTree.fromstring(made.replace('width="9">', 'width="9"/>'))
    assert [of.text for of in root.iter() if of.text] == ["<b>&", "<i>", "a<b"]
    assert root.find("img").attrib == {"src": "data:image/png;base64,eA==", "alt": '"<', "width": "9"}


def test_one_row_is_in_bold():
    made = html.table(["name", "value"], [["a", 1], ["b", 2]], strong=1)
    assert made.count("font-weight:bold") == 1
    assert made.index("font-weight:bold") > made.index(">1<")


def test_of_a_table_with_sentences_these_alone_wrap():
    def whole(**options):
        made = html.table(["a", "b", "c"], [["x", 1, "So it is."]], **options)
        return ["nowrap" in style for style in re.findall('<td style="([^"]*)"', made)]

    assert whole(sentences=2) == [True, True, False]
    assert whole() == [False, True, True]


def test_only_a_strong_paragraph_is_in_bold():
    assert "font-weight:bold" in html.paragraph("a", strong=True)
    assert "bold" not in html.paragraph("a")


def test_a_long_path_in_a_bullet_wraps():
    assert "overflow-wrap:anywhere" in html.bullets(["a/" * 100])


def test_a_cell_may_have_several_lines():
    assert "0.5<br>[0.4–0.6]" in html.table(["x"], [["0.5\n[0.4–0.6]"]])


def test_lists_and_pictures_without_a_picture():
    assert html.bullets([]) == ""
    assert html.bullets(["<a>"]).count("<li>&lt;a&gt;</li>") == 1
    assert "no picture" in html.thumbnail(None, "png", "x", 9)
    assert html.thumbnail(b"x", "png", "x", 9) == html.picture(b"x", "png", "x", 9)
    assert "<img><div" in html.gallery([("<img>", ["a<b", "c"])], 9)
    assert "a&lt;b<br>c" in html.gallery([("<img>", ["a<b", "c"])], 9)


def test_a_page_in_a_frame_can_do_nothing_and_keeps_its_links_to_itself():
    root = ElementTree.fromstring(html.frame('<html><head></head><body><a href="#x">&</a></body></html>'))
    assert root.attrib["sandbox"] == ""
    assert root.attrib["srcdoc"] == (
        '<html><head><base href="about:srcdoc"></head><body><a href="#x">&</a></body></html>'
    )


def test_what_is_shown_has_a_line_for_elsewhere():
    shown = html.Shown("a report", "<b>")
    assert repr(shown) == "a report"
    assert shown._repr_html_() == "<b>"
