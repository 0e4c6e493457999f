"""Marks that people or machines left on a picture: colour overlays, burnt-in text and rulers."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hilum.audit.anatomy import Anatomy, anatomy, box_around, grown
from hilum.slices.levels import Levels, grey

_TINT = 8  # largest difference of two channels, of 255, that a converter's rounding makes
_FEWEST_COLOURED = 50  # coloured pixels that make a mark
_STROKE = 9  # pixels; strokes of letters are narrower
_SHARP = 0.4  # difference in grey between a stroke and its surround
_HEIGHT = (4, 40)  # lowest and largest height of letters and ticks, in pixels
_SLENDER = (2, 8)  # largest width / height and height / width: pieces of a table are long and flat
_LETTERS = 4  # letters that make a line
_ALIKE = 0.6  # lowest ratio of two letters' heights in a line
_OFF_LINE, _APART = 0.4, 6  # largest distances across and along a line, in heights
_MARGIN = 3  # pixels around the body


def colour_marks(rgb: NDArray[np.uint8]) -> bool:
    """Whether a picture carries coloured rings, crosses or lines: 50 pixels or more whose channels differ by over 8.

    Args:
        rgb: Colours `[height, width, 3]`.
    """
    red, green, blue = np.moveaxis(rgb, 2, 0)
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    return bool(np.count_nonzero(spread > _TINT) >= _FEWEST_COLOURED)


def burnt_in_text(levels: Levels, seen: Anatomy | None = None) -> bool:
    """Whether a picture seems to carry burnt-in text or a ruler: four or more letter-sized strokes in a line.

    The line stands beside the body and may be upright. Strokes may be brighter or darker than their surround. Text,
    arrows and pen strokes over the body are not searched for, because bone and vessels look much the same.

    Args:
        levels: Grey levels `[height, width]`, as the file holds them or in `[0, 1]`.
        seen: The picture's anatomy; found here if not given.
    """
    pixels = grey(levels)
    seen = seen or anatomy(pixels)
    beside = ~grown(seen.mask(_between(seen.body), pixels.shape), _MARGIN)
    opened = _around(_around(levels, np.minimum), np.maximum)
    closed = _around(_around(levels, np.maximum), np.minimum)
    hats = pixels - grey(opened), grey(closed) - pixels
    return any(_longest_line(_letters((hat > _SHARP) & beside)) >= _LETTERS for hat in hats)


def _around(levels: Levels, extreme: np.ufunc) -> Levels:
    """The least or the greatest level in the square of `_STROKE` pixels around each pixel of a picture."""
    found: Levels = np.pad(levels, _STROKE // 2, mode="edge")
    size = 1
    while size < _STROKE:  # what SciPy's filters do, many times faster
        step = min(size, _STROKE - size)
        found = extreme(found[:-step], found[step:])
        found = extreme(found[:, :-step], found[:, step:])
        size += step
    return found


def _between(body: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The body, and everything between two parts of it in a row or a column."""

    def within(lines: NDArray[np.bool_]) -> NDArray[np.bool_]:
        places, length = np.arange(lines.shape[1]), lines.shape[1]
        first, last = lines.argmax(1), length - lines[:, ::-1].argmax(1)
        last[~lines.any(1)] = 0
        between: NDArray[np.bool_] = (first[:, None] <= places) & (places < last[:, None])
        return between

    return within(body) | within(body.T).T


def _letters(strokes: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The middle (row, column) and the height of every stroke that may be a letter, `[letters, 3]`.

    Places are counted from the corner of the box around all strokes.
    """
    box, found = box_around(strokes), list[tuple[float, float, int]]()
    if box is None or np.count_nonzero(strokes) < _HEIGHT[0] * _LETTERS:  # as beside most bodies
        return np.empty((0, 3))
    near = strokes[box.top : box.bottom, box.left : box.right]
    boxes = ndimage.find_objects(ndimage.label(near, np.ones((3, 3)))[0])
    for rows, columns in boxes:
        height, width = rows.stop - rows.start, columns.stop - columns.start
        if _HEIGHT[0] <= height <= _HEIGHT[1] and width <= _SLENDER[0] * height and height <= _SLENDER[1] * width:
            found.append(((rows.start + rows.stop) / 2, (columns.start + columns.stop) / 2, height))
    return np.array(found, np.float64).reshape(-1, 3)


def _longest_line(letters: NDArray[np.float64]) -> int:
    """The largest number of letters of about one height in a row or a column."""
    height = letters[:, 2]
    alike = np.minimum.outer(height, height) >= _ALIKE * np.maximum.outer(height, height)
    apart = [np.abs(np.subtract.outer(letters[:, axis], letters[:, axis])) / height for axis in (0, 1)]
    lines = [
        (alike & (apart[across] <= _OFF_LINE) & (apart[1 - across] <= _APART)).sum(0).max(initial=0)
        for across in (0, 1)
    ]
    return int(max(lines))
