"""Pieces of HTML for notebooks."""

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
