"""The anatomy of a phantom thorax, and how it is drawn at a level.

Lengths are in millimetres: x to the right of the picture, y to the back, z to the feet, 0 where the trachea divides.
"""

from dataclasses import dataclass

import numpy as np

from hilum.phantom.canvas import AIR, CORTEX, FAT, LUNG, MARROW, SOFT, Array, Canvas, View, outline, turn

SLAB = 4.0  # half the slice thickness
MIDDLE = (0.0, -7.0)  # centre of the rib cage
# half the width of the mediastinum at some y, and a wedge around the spine
COLUMN_Y = (-108, -94, -74, -45, -15, 8, 30, 45, 60)
COLUMN = ((-1, (24, 15, 5, 23, 33, 28, 20, 19, 19)), (1, (24, 14, 5, 23, 30, 27, 35, 34, 22)))
SPINE = ((-17, 34), (17, 34), (24, 52), (44, 80), (50, 108), (-50, 108), (-44, 80), (-24, 52))


@dataclass(frozen=True)
class Lesion:
    """Haze around a solid core that may hold air; core and air are shares of the radius, lengths are in mm.

    `shadow` is half the angle of the wedge of haze behind a closed bronchus, from the lesion to the ribs, or 0.
    """

    centre: tuple[float, float, float]
    radius: float
    opacity: float
    core: float
    air: float
    lobes: Array
    spikes: tuple[float, int]
    shadow: float = 0


@dataclass(frozen=True)
class Patient:
    """The anatomy of one phantom patient, and how it is shown; lengths in mm, densities in HU."""

    key: tuple[int, int]
    view: View
    window: tuple[float, float]
    noise: float
    half: tuple[float, float]
    waves: Array
    fat: float
    wall: float
    blood: float
    ribs: float
    table: float | None
    levels: Array
    vessels: Array
    lesion: Lesion | None


def cavity(patient: Patient, z: float) -> Array:
    """The inside of the rib cage [n, 2] at a level: narrower towards the apex."""
    a, b = patient.half[0] - patient.fat - patient.wall, patient.half[1] - 25
    growth = 1 - 0.06 / (1 + np.exp((z + 5) / 15))
    return np.add(outline(a * growth, b * growth, 2.25, patient.waves * 0.8), MIDDLE)


def mediastinum(patient: Patient, z: float) -> list[Array]:
    """Outlines [n, 2] of the mediastinum at a level: a column and, below z = 0, the heart."""
    y, sides = np.linspace(COLUMN_Y[0], COLUMN_Y[-1], 60), []
    for side, widths in COLUMN:
        wobble = 1 + 7 * patient.waves[:, :1] * np.cos(y / (18 + 2 * side) + z / 30 + patient.waves[:, 1:] + side)
        width = np.convolve(np.interp(y, COLUMN_Y, widths), np.full(7, 1 / 7), "same") * wobble.mean(axis=0)
        sides.append(np.stack([side * width, y], axis=1)[::-side])
    heart = np.sin(np.clip(z / 55, 0, 1) * np.pi / 2) ** 2
    shape = outline(36 + 27 * heart, 28 + 17 * heart, 2.2, patient.waves * 2) @ turn(0.5)
    return [np.concatenate(sides), shape + (8 + 9 * heart, -36 + 4 * heart)][: 1 + (heart > 0.05)]


def draw_wall(canvas: Canvas, patient: Patient, z: float) -> None:
    """Draws table, skin, fat, muscle with clefts of fat, ribs and shoulder blades."""
    a, b = patient.half
    if patient.table is not None:
        x = np.linspace(-230, 230, 40)
        for depth, density in ((patient.table, -150), (patient.table + 14, -600)):
            canvas.line(np.stack([x, b + depth - (x / 55) ** 2], axis=1), 2.5, density)
    for inset, value in ((0.0, -20.0), (2.0, FAT), (patient.fat, SOFT)):
        canvas.shape(outline(a - inset, b - inset * 0.8, 2.45, patient.waves), value)
    cage = cavity(patient, z)
    outward = (cage - MIDDLE) / np.linalg.norm(cage - MIDDLE, axis=1, keepdims=True)
    for part in (slice(4, 36), slice(56, 88), slice(104, 124), slice(148, 168)):
        canvas.line((cage + outward * (patient.wall * 0.62))[part], 2.6, FAT)
    for side in (-1, 1):
        for rib in range(5):  # each moves to the front as the level sinks
            angle = -1.08 + (rib * 0.46 + patient.ribs + z * 0.016) % 2.3
            middle = round((angle if side > 0 else np.pi - angle) / (2 * np.pi) * len(cage))
            near = np.arange(middle - 3 - rib % 3, middle + 4 + rib % 3) % len(cage)
            canvas.bone(cage[near] + outward[near] * np.linspace(6 - 2 * side, 6 + 2 * side, len(near))[:, None], 6.6)
        if z < 22:
            out = a - patient.fat - 8
            canvas.bone([(side * out, 10 + z / 3), (side * (out - 5), 34), (side * (out - 31), 68)], 4.6)
            canvas.bone([(side * (out - 5), 34), (side * (out + 5), 44 + z / 3)], 4)


def draw_middle(canvas: Canvas, patient: Patient, z: float) -> None:
    """Draws heart, great vessels, oesophagus and airways in the fat between the lungs, sternum and spine."""
    column, *hearts = mediastinum(patient, z)
    canvas.shape(column, -70)
    if z < -16:  # the arch of the aorta
        canvas.line([(-9, -36), (3, -28), (17, -8), (25, 12), (26, 26)], 21, patient.blood)
    else:
        canvas.oval(-10, -36, 15, 15.5, patient.blood)
        canvas.oval(15, -44, 12, 11, patient.blood - 10)
    if abs(z - 6) < 11:  # the pulmonary arteries
        canvas.line([(34, -10), (18, -38), (8, -22), (-34, -12)], 13, patient.blood - 10)
    for heart in hearts:
        middle = heart.mean(axis=0)
        canvas.shape(heart, FAT + 40)
        canvas.shape(middle + (heart - middle) * 0.95, SOFT)
        size = float(np.ptp(heart[:, 0])) / 126
        for x, y, a, b in ((-24, -2, 17, 24), (22, 14, 22, 15), (8, -18, 26, 13), (-4, 24, 24, 11)):
            canvas.oval(middle[0] + x * size, middle[1] + y * size, a * size, b * size, patient.blood - 8, 0.5)
    canvas.oval(-28, -30, 8, 9, patient.blood)
    canvas.oval(26, 30, 12, 12, patient.blood)
    canvas.oval(5, 19, 8, 5, SOFT)
    for side, radius in ((0, 9.0),) if z < 0 else ((-1, 7.6 - z / 14), (1, 7.2 - z / 14)) if z < 28 else ():
        canvas.oval(side * (8 + z), 2 + z / 8, radius * 1.25, radius * 1.15, 10)
        canvas.oval(side * (8 + z), 2 + z / 8, radius, radius * 0.9, AIR + 15)
    front = float(cavity(patient, z)[:, 1].min())
    canvas.oval(0, front - 5, 21, 7.5, CORTEX - 100)
    canvas.oval(0, front - 5, 18.5, 5, MARROW - 90)
    for side in (-1, 1):
        canvas.bone([(side * 13, 62), (side * 22, 70), (side * 38, 76)], 8)
        canvas.line([(side * 13, 64), (side * 10, 80), (0, 87), (0, 106)], 4.5, CORTEX)
    canvas.oval(0, 47, 20, 16, CORTEX + 50)
    canvas.oval(0, 47, 17.8, 13.8, MARROW)
    canvas.oval(0, 71, 9.5, 8.5, SOFT - 20)  # the canal


def draw_vessels(canvas: Canvas, patient: Patient, z: float) -> None:
    """Draws the pieces of the vessel trees that lie within the slab, the faint ones first."""
    start, end, radius = patient.vessels[:, :3], patient.vessels[:, 3:6], patient.vessels[:, 6]
    rise = end[:, 2] - start[:, 2]
    ways = np.sort([(z - SLAB - start[:, 2]) / rise, (z + SLAB - start[:, 2]) / rise], axis=0).clip(0, 1)
    filled = (0.8 * radius / SLAB + 0.12 * (ways[1] - ways[0]) * np.abs(rise) / SLAB).clip(0.2, 0.95)
    seen = np.flatnonzero(ways[1] > ways[0])
    seen = seen[np.argsort(filled[seen], kind="stable")]
    pieces = start[seen, None, :2] + ways[:, seen].T[..., None] * (end[seen] - start[seen])[:, None, :2]
    canvas.lines(pieces, radius[seen] * 2, LUNG + (patient.blood - LUNG) * filled[seen])


def grow_vessels(rng: np.random.Generator) -> Array:
    """Pieces [n, 7] (start, end, radius) of trees that fan out from both hila, each piece thinner than its parent."""
    pieces = []
    for side in (-1, 1):
        n = 13
        start = (side * 38, 0, 12) + rng.normal(0, (3, 9, 9), (n, 3))
        fan = np.linspace(-1.25, 1.2, n) + rng.normal(0, 0.15, n)
        heading = np.stack([side * np.cos(fan), np.sin(fan), rng.uniform(-0.8, 0.8, n)], axis=1)
        radius = rng.uniform(1.4, 2.2, n)
        for order in range(6):
            end = start + heading * 21 * 0.83**order * rng.uniform(0.6, 1.2, (len(start), 1))
            pieces.append(np.column_stack([start, end, radius]))
            start, heading, radius = (np.repeat(each, 2, axis=0) for each in (end, heading, radius))
            heading = heading + rng.normal(0, 0.36, heading.shape)
            heading /= np.linalg.norm(heading, axis=1, keepdims=True)
            radius = radius * rng.uniform(0.62, 0.9, len(radius))
    return np.concatenate(pieces)
