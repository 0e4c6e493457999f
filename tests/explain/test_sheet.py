"""A page that is drawn on."""

import numpy as np

from hilum.explain.sheet import Sheet, grey_picture, plain


def test_text_is_in_letters_that_the_font_has():
    assert plain("Größe – é 肺\n") == "Gro?e - e ??"
    sheet = Sheet(400, 50)
    assert sheet.text(0, 30, "a/very/long/path/" * 9, 16, width=120) <= 120
    assert np.asarray(sheet.image)[:, 130:].min() == 255


def test_a_bar_is_as_long_as_its_share_and_marked_at_its_limit():
    sheet = Sheet(220, 40)
    sheet.bar(10, 10, 200, 0.25, "#ff0000", 0.5)
    drawn = np.asarray(sheet.image).astype(int)
    assert ((drawn[17] == (255, 0, 0)).all(1)).sum() == 51
    assert tuple(drawn[7, 110]) == (0x1A,) * 3


def test_grey_levels_are_clipped():
    np.testing.assert_array_equal(np.asarray(grey_picture(np.float32([[-1, 0.2, 2]])))[0, :, 1], [0, 51, 255])
