"""Simple anatomy: finds the body and the lungs, and doubts pictures that lack two air-filled lungs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hilum.slices.body import Box, largest_region, otsu, regions

BLANK = "almost blank"  # the doubt of a picture without content
_LONGEST_SIDE = 256  # cells of the coarse grid on which anatomy is found
_BLANK_SPREAD = 0.03  # standard deviation of the grey levels; a slice has ten times as much
_SMALLEST_BODY = 0.05  # share of the picture
_SMALLEST_LUNG = 0.003  # share of the body
_SMALLEST_AIR = 0.02  # share of the body, counted in its back
_SMALLEST_SIDE = 0.004  # share of the body, counted in the back of either half
_CUT_LUNG = 0.03  # share of the body; less air at the picture's edge is a groove between the body and the edge
_VESSEL = 0.02  # share of the body; larger holes in the air are heart or liver
_BACK = 0.3  # share of the body's height above its back: gas in a bowel gathers above, lungs reach the back
_FAT = 0.2  # position of fat between the grey outside (0) and that of soft tissue (1)
_WRAPPED = 0.75  # share of the body's outline from which its surround counts as fat, not as a table or clothes
_SKIN = 4  # cells
_BRIDGE = 0.15  # share of the picture's side: the longest gap that a lung leaves in a body that is cut there
_SMOOTH = 4  # cells, half as thick as the thickest line that is closed over or cut off
_MARGIN = 8  # cells
_FRAME = (0.5, 0.05)  # lowest grey of a frame's lines, and their largest spread
_BLUR = 2  # pixels between a frame and the picture


@dataclass(frozen=True)
class Anatomy:
    """Anatomy on a coarse grid over the picture without its frame.

    Attributes:
        body: The body, filled.
        core: The body without its dark rim, filled.
        air: The dark regions in it.
        step: Side of a cell in pixels.
        frame: Rows and columns of the picture inside its frame.
    """

    body: NDArray[np.bool_]
    core: NDArray[np.bool_]
    air: NDArray[np.bool_]
    step: int
    frame: tuple[slice, slice]

    def mask(self, cells: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """Cells as pixels `[height, width]`."""
        pixels = np.zeros(shape, np.bool_)
        inside = pixels[self.frame]
        inside[:] = np.repeat(np.repeat(cells, self.step, 0), self.step, 1)[: inside.shape[0], : inside.shape[1]]
        return pixels


def anatomy(pixels: NDArray[np.float32]) -> Anatomy:
    """Finds the anatomy that the functions below share."""
    frame = _inside_frame(pixels)
    step = max(1, -(-max(pixels[frame].shape) // _LONGEST_SIDE))
    small = pixels[frame][::step, ::step]
    threshold = otsu(small)
    core = np.zeros(small.shape, np.bool_) if threshold is None else _filled(small > threshold)
    if threshold is None or not core.any():
        return Anatomy(core, core, core, step, frame)
    dark = core & (small <= threshold)
    soft = np.median(small[core & ~dark])
    outside = np.median(small[~core]) if not core.all() else 0.0
    body, fat = core, small > outside + _FAT * (soft - outside)
    near_skin = grown(core, _SKIN - 1)
    under_skin = grown(near_skin) & ~near_skin
    if under_skin.any() and fat[under_skin].mean() > _WRAPPED:
        # In a narrow window fat is dark too: it belongs to the body, and only what is darker still is air.
        body = core | _filled(fat)
        dark &= small < (outside + np.median(small[under_skin])) / 2
    return Anatomy(body, core, _air(dark, float(core.sum())), step, frame)


def lungs(pixels: NDArray[np.float32], seen: Anatomy | None = None) -> NDArray[np.bool_]:
    """Air enclosed by the body, with the vessels and nodules in it: dark regions of at least 0.3 % of the body.

    The windpipe and gas in a bowel count as well. Masses that touch the chest wall or the mediastinum are left out, and
    so is lung that is as dense as they are.

    Args:
        pixels: Grey levels `[height, width]` in `[0, 1]`, cropped to the body or not.
        seen: The picture's anatomy; found here if not given.

    Returns:
        A mask `[height, width]`; empty if no body or no such region is found.
    """
    seen = seen or anatomy(pixels)
    return seen.mask(_with_vessels(seen), pixels.shape)


def body_mask(pixels: NDArray[np.float32], seen: Anatomy | None = None) -> NDArray[np.bool_]:
    """The filled body without the table: the largest region that is brighter than its surround.

    Args:
        pixels: Grey levels `[height, width]` in `[0, 1]`, cropped to the body or not.
        seen: The picture's anatomy; found here if not given.

    Returns:
        A mask `[height, width]`; empty for a flat picture.
    """
    seen = seen or anatomy(pixels)
    return seen.mask(seen.body, pixels.shape)


def box_around(mask: NDArray[np.bool_]) -> Box | None:
    """The smallest box around the pixels of a mask `[height, width]`; None if it is empty."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return None
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def near_blank(pixels: NDArray[np.float32]) -> bool:
    """Whether the grey levels `[height, width]` in `[0, 1]` hardly differ."""
    return bool(pixels.std() < _BLANK_SPREAD)


def chest_doubt(pixels: NDArray[np.float32], seen: Anatomy | None = None) -> str | None:
    """Why a picture may not be an axial chest slice: a short reason, or None if nothing speaks against it.

    The patient is taken to lie on the back, with the table below. Only the body's outline and the air in the back of
    both halves are checked. Slices through the tip or the base of the lungs hold little air and may be doubted;
    a belly full of gas may pass.

    Args:
        pixels: Grey levels `[height, width]` in `[0, 1]`.
        seen: The picture's anatomy; found here if not given.
    """
    if near_blank(pixels):
        return BLANK
    seen = seen or anatomy(pixels)
    size = seen.core.sum()
    if size < _SMALLEST_BODY * seen.core.size:
        return "no body outline"
    rows, columns = np.flatnonzero(seen.core.any(1)), np.flatnonzero(seen.core.any(0))
    back = seen.air.copy()
    back[: rows[0] + round(_BACK * (rows[-1] + 1 - rows[0]))] = False
    middle = (columns[0] + columns[-1] + 1) // 2
    sides = sorted((int(back[:, :middle].sum()), int(back[:, middle:].sum())))
    if sides[1] < _SMALLEST_SIDE * size or back.sum() < _SMALLEST_AIR * size:
        return "no two lungs"
    if sides[0] < _SMALLEST_SIDE * size:
        return "air on one side only"
    return None


def _inside_frame(pixels: NDArray[np.float32]) -> tuple[slice, slice]:
    """The picture without a bright frame of one grey around it."""

    def plain(line: NDArray[np.float32]) -> bool:
        return bool(line.mean() > _FRAME[0] and line.std() < _FRAME[1])

    whole = slice(None), slice(None)
    if not all(plain(line) for line in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1])):
        return whole
    rows, columns = (np.flatnonzero([not plain(line) for line in lines]) for lines in (pixels, pixels.T))
    if min(len(rows), len(columns)) <= 2 * _BLUR:
        return whole
    return slice(int(rows[_BLUR]), int(rows[-_BLUR])), slice(int(columns[_BLUR]), int(columns[-_BLUR]))


def _filled(bright: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest bright region, closed over thin lines and at the picture's edge, filled, and without the table."""
    around = np.pad(bright, _MARGIN)
    lines = (
        (bright[:, 0], np.s_[_MARGIN:-_MARGIN, _MARGIN - 1]),
        (bright[:, -1], np.s_[_MARGIN:-_MARGIN, -_MARGIN]),
        (bright[-1], np.s_[-_MARGIN, _MARGIN:-_MARGIN]),
    )
    for line, beside in lines:  # a lung that a tight crop cut open is shut along the cut
        around[beside] = _bridged(line)
    around = largest_region(~_grown_square(~_grown_square(around)))
    body = _without_holes(_shrunk(grown(around, _SMOOTH), _SMOOTH))
    inside = np.pad(body[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN], _MARGIN, mode="edge")
    return largest_region(grown(_shrunk(inside, _SMOOTH), _SMOOTH)[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN])


def _bridged(line: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A line of cells with its short gaps closed; those at its ends stay open."""
    bright, bridged = np.flatnonzero(line), line.copy()
    for place in np.flatnonzero(np.diff(bright) - 1 <= _BRIDGE * len(line)):
        bridged[bright[place] : bright[place + 1]] = True
    return bridged


def _air(dark: NDArray[np.bool_], body: float) -> NDArray[np.bool_]:
    """The dark regions that are large enough for lung."""
    numbered, count = regions(grown(_shrunk(dark)))
    sizes = np.bincount(numbered.ravel(), minlength=count + 1)
    enough = sizes >= max(_SMALLEST_LUNG * body, 1)
    edge = np.unique(np.concatenate([numbered[0], numbered[-1], numbered[:, 0], numbered[:, -1]]))
    enough[edge] &= sizes[edge] >= _CUT_LUNG * body
    enough[0] = False
    air: NDArray[np.bool_] = enough[numbered]
    return air


def _with_vessels(seen: Anatomy) -> NDArray[np.bool_]:
    """The air with its small holes filled."""
    numbered = _numbered_around(seen.air)
    small = np.bincount(numbered.ravel()) <= _VESSEL * seen.core.sum()
    small[[0, numbered[0, 0]]] = False
    filled: NDArray[np.bool_] = seen.air | small[numbered][1:-1, 1:-1]
    return filled


# These do what SciPy's functions do, several times faster: every slice of a data set goes through them.


def grown(mask: NDArray[np.bool_], cells: int = 1) -> NDArray[np.bool_]:
    """A mask grown by a number of cells up, down, left and right."""
    for _ in range(cells):
        wider = mask.copy()
        wider[1:] |= mask[:-1]
        wider[:-1] |= mask[1:]
        wider[:, 1:] |= mask[:, :-1]
        wider[:, :-1] |= mask[:, 1:]
        mask = wider
    return mask


def _shrunk(mask: NDArray[np.bool_], cells: int = 1) -> NDArray[np.bool_]:
    """A mask shrunk by a number of cells; what surrounds the picture counts as outside."""
    return ~grown(np.pad(~mask, 1, constant_values=True), cells)[1:-1, 1:-1]


def _grown_square(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask grown by one cell in all directions, also aslant."""
    rows = mask.copy()
    rows[1:] |= mask[:-1]
    rows[:-1] |= mask[1:]
    both = rows.copy()
    both[:, 1:] |= rows[:, :-1]
    both[:, :-1] |= rows[:, 1:]
    return both


def _without_holes(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    numbered = _numbered_around(mask)
    filled: NDArray[np.bool_] = (numbered != numbered[0, 0])[1:-1, 1:-1]
    return filled


def _numbered_around(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Numbers of the regions outside a mask, with one more cell on each side; its first cell lies outside all holes."""
    numbered, _ = regions(np.pad(~mask, 1, constant_values=True))
    return numbered
