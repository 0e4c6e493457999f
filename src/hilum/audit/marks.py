"""Marks that people or machines left on a picture: colour overlays, burnt-in text and rulers."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hilum.audit.anatomy import Anatomy, body_mask

_TINT = 8  # of 255 between two channels: less is a rounding of some converter
_FEWEST_COLOURED = 50  # pixels
_STROKE = 9  # pixels, more than the strokes of letters are wide
_SHARP = 0.4  # grey levels between a stroke and what is around it
_HEIGHT = (4, 40)  # pixels, of letters and ticks
_SLENDER = (2, 8)  # widths a height at most, heights a width at most: pieces of a table are long and flat
_LETTERS = 4  # in a line
_ALIKE = 0.6  # of the taller letter's height
_OFF_LINE, _APART = 0.4, 6  # heights
_MARGIN = 3  # pixels around the body


def colour_marks(rgb: NDArray[np.uint8]) -> bool:
    """Whether a picture carries coloured rings, crosses or lines: 50 pixels or more whose channels differ by over 8.

    Args:
        rgb: `[height, width, 3]`.
    """
    spread = rgb.max(2).astype(np.int16) - rgb.min(2)
    return bool(np.count_nonzero(spread > _TINT) >= _FEWEST_COLOURED)


def burnt_in_text(pixels: NDArray[np.float32], seen: Anatomy | None = None) -> bool:
    """Whether four or more letter-sized strokes stand in a line beside the body, as burnt-in text and rulers do.

    Strokes may be brighter or darker than what is around them, and the line upright. Text, arrows and pen strokes over
    the body itself are not looked for, since bone and vessels look much the same.

    Args:
        pixels: Grey levels `[height, width]` in `[0, 1]`.
        seen: The picture's anatomy, where it is known already.
    """
    beside = ~ndimage.binary_dilation(_between(body_mask(pixels, seen)), iterations=_MARGIN)
    bright = pixels - ndimage.grey_opening(pixels, (_STROKE, _STROKE))
    dark = ndimage.grey_closing(pixels, (_STROKE, _STROKE)) - pixels
    return any(_longest_line(_letters((hat > _SHARP) & beside)) >= _LETTERS for hat in (bright, dark))


def _between(body: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The body, and what lies between two parts of it in a row or a column."""
    filled = body.copy()
    for axis in (0, 1):
        before = np.maximum.accumulate(body, axis)
        after = np.flip(np.maximum.accumulate(np.flip(body, axis), axis), axis)
        filled |= before & after
    return filled


def _letters(strokes: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The middle (row, column) and the height of every stroke that may be a letter, `[letters, 3]`."""
    boxes = ndimage.find_objects(ndimage.label(strokes, np.ones((3, 3)))[0])
    found = []
    for rows, columns in boxes:
        height, width = rows.stop - rows.start, columns.stop - columns.start
        if _HEIGHT[0] <= height <= _HEIGHT[1] and width <= _SLENDER[0] * height and height <= _SLENDER[1] * width:
            found.append(((rows.start + rows.stop) / 2, (columns.start + columns.stop) / 2, height))
    return np.array(found, np.float64).reshape(-1, 3)


def _longest_line(letters: NDArray[np.float64]) -> int:
    """The most letters of about one height that stand beside one of them, in its row or its column."""
    height = letters[:, 2]
    alike = np.minimum.outer(height, height) >= _ALIKE * np.maximum.outer(height, height)
    apart = [np.abs(np.subtract.outer(letters[:, axis], letters[:, axis])) / height for axis in (0, 1)]
    lines = [
        (alike & (apart[across] <= _OFF_LINE) & (apart[1 - across] <= _APART)).sum(0).max(initial=0)
        for across in (0, 1)
    ]
    return int(max(lines))
