"""Drawing one synthetic axial slice of a thorax.

A slice is drawn in millimetres and Hounsfield units, finer than the file, and averaged down as a scanner averages what
lies in a voxel. The label decides on the lesion alone: anatomy, window, noise and position come from random streams
that never see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Array = NDArray[np.float64]
Points = Array | Sequence[tuple[float, float]]

AIR, LUNG, FAT, SOFT, MARROW, CORTEX = -1000.0, -865.0, -105.0, 45.0, 220.0, 600.0
FINER = 3
SLAB = 4.0  # half the slice thickness
MIDDLE = (0.0, -7.0)  # of the rib cage; x to the right of the picture, y to the back, z to the feet
# z is 0 where the trachea parts; below, half the width of the mediastinum at some y, and a wedge round the spine
COLUMN_Y = (-108, -94, -74, -45, -15, 8, 30, 45, 60)
COLUMN = ((-1, (24, 15, 5, 23, 33, 28, 20, 19, 19)), (1, (24, 14, 5, 23, 30, 27, 35, 34, 22)))
SPINE = ((-17, 34), (17, 34), (24, 52), (44, 80), (50, 108), (-50, 108), (-44, 80), (-24, 52))


@dataclass(frozen=True)
class Lesion:
    """A rim of some opacity round a solid core, or round air: both are shares of the radius; lengths in mm."""

    centre: tuple[float, float, float]
    radius: float
    opacity: float
    core: float
    air: float
    lobes: Array
    spikes: tuple[float, int]


@dataclass(frozen=True)
class Patient:
    """The anatomy of one phantom patient, and how it is shown; lengths in mm, densities in HU."""

    key: tuple[int, int]
    size: int
    pixel: float
    shift: tuple[float, float]
    tilt: float
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


def _outline(a: float, b: float, power: float = 2.0, waves: Array | None = None, points: int = 180) -> Array:
    """Points [n, 2] round a superellipse whose radius wobbles by `waves` [k, 2] (share, phase), two periods first."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    x, y = np.cos(angle), np.sin(angle)
    radius = (np.abs(x / a) ** power + np.abs(y / b) ** power) ** (-1 / power)
    for periods, (share, phase) in enumerate(() if waves is None else waves, start=2):
        radius = radius * (1 + share * np.cos(periods * angle + phase))
    return np.stack([x * radius, y * radius], axis=1)


def _turn(angle: float) -> Array:
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


class _Canvas:
    """Paints shapes given in a patient's millimetres; what comes later lies on top."""

    def __init__(self, patient: Patient, fill: float) -> None:
        side, self._zoom = patient.size * FINER, FINER / patient.pixel
        self._image = Image.new("F", (side, side), fill)
        self._pen = ImageDraw.Draw(self._image)
        self._turn, self._middle = _turn(patient.tilt) * self._zoom, side / 2 + np.array(patient.shift) * self._zoom

    def shape(self, points: Points, value: float) -> None:
        self._pen.polygon((np.asarray(points) @ self._turn + self._middle).ravel().tolist(), fill=value)

    def oval(self, x: float, y: float, a: float, b: float, value: float, turn: float = 0.0) -> None:
        self.shape(np.add(_outline(a, b, points=28) @ _turn(turn), (x, y)), value)

    def line(self, points: Points, width: float, value: float) -> None:
        flat, wide = (
            (np.asarray(points) @ self._turn + self._middle).ravel().tolist(),
            max(1, round(width * self._zoom)),
        )
        self._pen.line(flat, fill=value, width=wide)
        for x, y in (flat[:2], flat[-2:]) if wide > 2 else ():  # round ends
            self._pen.ellipse((x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2), fill=value)

    def bone(self, points: Points, width: float) -> None:
        self.line(points, width, CORTEX)
        self.line(points, width * 0.5, MARROW)

    def average(self) -> Array:
        return np.asarray(self._image.reduce(FINER), dtype=np.float64)


def _cavity(patient: Patient, z: float) -> Array:
    """The inside of the rib cage [n, 2] at a level: narrower towards the apex."""
    a, b = patient.half[0] - patient.fat - patient.wall, patient.half[1] - 25
    growth = 1 - 0.06 / (1 + np.exp((z + 5) / 15))
    return np.add(_outline(a * growth, b * growth, 2.25, patient.waves * 0.8), MIDDLE)


def _mediastinum(patient: Patient, z: float) -> list[Array]:
    """Outlines [n, 2] of what lies between the lungs at a level: a column, and below z = 0 the heart."""
    y, sides = np.linspace(COLUMN_Y[0], COLUMN_Y[-1], 60), []
    for side, widths in COLUMN:
        wobble = 1 + 7 * patient.waves[:, :1] * np.cos(y / (18 + 2 * side) + z / 30 + patient.waves[:, 1:] + side)
        width = np.convolve(np.interp(y, COLUMN_Y, widths), np.full(7, 1 / 7), "same") * wobble.mean(axis=0)
        sides.append(np.stack([side * width, y], axis=1)[::-side])
    heart = np.sin(np.clip(z / 55, 0, 1) * np.pi / 2) ** 2
    shape = _outline(36 + 27 * heart, 28 + 17 * heart, 2.2, patient.waves * 2) @ _turn(0.5)
    return [np.concatenate(sides), shape + (8 + 9 * heart, -36 + 4 * heart)][: 1 + (heart > 0.05)]


def _draw_wall(canvas: _Canvas, patient: Patient, z: float) -> None:
    """Table, skin, fat, muscle with clefts of fat, ribs and shoulder blades."""
    a, b = patient.half
    if patient.table is not None:
        x = np.linspace(-230, 230, 40)
        for depth, density in ((patient.table, -150), (patient.table + 14, -600)):
            canvas.line(np.stack([x, b + depth - (x / 55) ** 2], axis=1), 2.5, density)
    for inset, value in ((0.0, -20.0), (2.0, FAT), (patient.fat, SOFT)):
        canvas.shape(_outline(a - inset, b - inset * 0.8, 2.45, patient.waves), value)
    cage = _cavity(patient, z)
    outward = (cage - MIDDLE) / np.linalg.norm(cage - MIDDLE, axis=1, keepdims=True)
    for part in (slice(4, 36), slice(56, 88), slice(104, 124), slice(148, 168)):
        canvas.line((cage + outward * (patient.wall * 0.62))[part], 2.6, FAT)
    for side in (-1, 1):
        for rib in range(5):  # each comes round to the front as the level sinks
            angle = -1.08 + (rib * 0.46 + patient.ribs + z * 0.016) % 2.3
            middle = round((angle if side > 0 else np.pi - angle) / (2 * np.pi) * len(cage))
            near = np.arange(middle - 3 - rib % 3, middle + 4 + rib % 3) % len(cage)
            canvas.bone(cage[near] + outward[near] * np.linspace(6 - 2 * side, 6 + 2 * side, len(near))[:, None], 6.6)
        if z < 22:
            out = a - patient.fat - 8
            canvas.bone([(side * out, 10 + z / 3), (side * (out - 5), 34), (side * (out - 31), 68)], 4.6)
            canvas.bone([(side * (out - 5), 34), (side * (out + 5), 44 + z / 3)], 4)


def _draw_middle(canvas: _Canvas, patient: Patient, z: float) -> None:
    """Heart, great vessels, gullet and airways in the fat between the lungs; sternum and spine."""
    column, *hearts = _mediastinum(patient, z)
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
    front = float(_cavity(patient, z)[:, 1].min())
    canvas.oval(0, front - 5, 21, 7.5, CORTEX - 100)
    canvas.oval(0, front - 5, 18.5, 5, MARROW - 90)
    for side in (-1, 1):
        canvas.bone([(side * 13, 62), (side * 22, 70), (side * 38, 76)], 8)
        canvas.line([(side * 13, 64), (side * 10, 80), (0, 87), (0, 106)], 4.5, CORTEX)
    canvas.oval(0, 47, 20, 16, CORTEX + 50)
    canvas.oval(0, 47, 17.8, 13.8, MARROW)
    canvas.oval(0, 71, 9.5, 8.5, SOFT - 20)  # the canal


def _draw_vessels(canvas: _Canvas, patient: Patient, z: float) -> None:
    """The pieces of the vessel trees that lie within the slab, the faint ones first."""
    start, end, radius = patient.vessels[:, :3], patient.vessels[:, 3:6], patient.vessels[:, 6]
    rise = end[:, 2] - start[:, 2]
    ways = np.sort([(z - SLAB - start[:, 2]) / rise, (z + SLAB - start[:, 2]) / rise], axis=0).clip(0, 1)
    filled = (0.8 * radius / SLAB + 0.12 * (ways[1] - ways[0]) * np.abs(rise) / SLAB).clip(0.12, 0.8)
    for n in sorted(np.flatnonzero(ways[1] > ways[0]).tolist(), key=filled.__getitem__):
        piece = start[n, :2] + ways[:, n, None] * (end[n, :2] - start[n, :2])
        canvas.line(piece, radius[n] * 2, LUNG + (patient.blood - LUNG) * filled[n])


def _draw_lesion(canvas: _Canvas, patient: Patient, lesion: Lesion, z: float) -> None:
    """Shells of rising opacity, then the core."""
    away = np.abs(patient.levels - lesion.centre[2]).max()
    height = max(1.3 * lesion.radius, 1.8 * away)  # so that every slice of the patient shows it
    radius = lesion.radius * float(np.sqrt(1 - ((z - lesion.centre[2]) / height) ** 2))
    angle = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    length, count = lesion.spikes
    bent = angle + 0.5 * np.sin(angle + count) + 0.3 * np.sin(2 * angle)
    spikes = length * np.abs(np.cos(count * bent / 2)) ** 14 * (0.5 + 0.5 * np.cos(2 * angle - count))
    shape = _outline(radius, radius, waves=lesion.lobes + (0, z / 25)) * (1 + spikes[:, None] / radius)
    shells = [(1 - n * 0.08, lesion.opacity * (n + 1) / 3) for n in range(3)]
    for share, opacity in (*shells, (lesion.core + 0.05, (1 + lesion.opacity) / 2), (lesion.core, 1.0)):
        canvas.shape(np.add(shape * share, lesion.centre[:2]), LUNG + (SOFT - 10 - LUNG) * opacity)
    if lesion.air:
        canvas.shape(np.add(shape * lesion.air, lesion.centre[:2]), AIR + 40)


def _field(rng: np.random.Generator, size: int, cell: float) -> Array:
    """Smooth noise [size, size] of about unit variance whose grains are `cell` pixels wide."""
    rough = Image.fromarray(rng.standard_normal((round(size / cell), round(size / cell)), dtype=np.float32))
    return np.asarray(rough.resize((size, size), Image.Resampling.BICUBIC), dtype=np.float64)


def render(patient: Patient, index: int) -> NDArray[np.uint8]:
    """One slice of a patient as grey levels [size, size] of the patient's window."""
    z, size = float(patient.levels[index]), patient.size
    body, lungs, inside = _Canvas(patient, AIR), _Canvas(patient, LUNG), _Canvas(patient, 0)
    _draw_wall(body, patient, z)
    _draw_middle(body, patient, z)
    _draw_vessels(lungs, patient, z)
    if patient.lesion:
        _draw_lesion(lungs, patient, patient.lesion, z)
    inside.shape(_cavity(patient, z), 1)
    for part in _mediastinum(patient, z):
        inside.shape(part, 0)
    inside.shape(SPINE, 0)
    own, shared = (np.random.default_rng([*patient.key, *more]) for more in ((2, index), (3,)))
    texture = 6 * _field(shared, size, 6) + inside.average() * (
        14 * _field(shared, size, 22) + 10 * _field(own, size, 5)
    )
    density = body.average() + (lungs.average() - body.average()) * inside.average() + texture
    for axis in (0, 1):  # the scanner's point spread
        density = (np.roll(density, 1, axis) + np.roll(density, -1, axis) + 2.4 * density) / 4.4
    density += patient.noise * (0.8 * _field(own, size, 2.2) + 0.5 * own.standard_normal((size, size)))
    low, high = patient.window
    return ((density - low) / (high - low) * 255).clip(0, 255).round().astype(np.uint8)


def draw_patient(seed: int, number: int, slices: int, label: str) -> Patient:
    """Draws the anatomy of a phantom patient; the label, one of `labels.CLASSES`, changes nothing but the lesion."""
    rng = np.random.default_rng([seed, number])
    u = rng.uniform
    half, darkest, step = (u(154, 167), u(114, 122)), u(-990, -910), u(3, 5)
    size = int(rng.integers(220, 281))
    patient = Patient(
        key=(seed, number),
        size=size,
        pixel=2 * half[0] * u(1.03, 1.12) / size,
        shift=(u(-6, 6), u(-8, 8)),
        tilt=rng.normal(0, 0.018),
        window=(darkest, darkest + u(1580, 1820)),
        noise=u(10, 20),
        half=half,
        waves=np.column_stack([rng.normal(0, (0.008, 0.005, 0.005, 0.004)), u(0, 2 * np.pi, 4)]),
        fat=u(9, 13.5),
        wall=u(20.5, 24.5),
        blood=u(45, 120),
        ribs=u(0, 3),
        table=u(5, 12) if rng.random() < 0.6 else None,
        levels=u(-26, 50 - step * (slices - 1)) + step * np.arange(slices, dtype=np.float64),
        vessels=_grow_vessels(rng),
        lesion=None,
    )
    return replace(patient, lesion=_grow_lesion(np.random.default_rng([seed, number, 1]), label, patient))


def _grow_vessels(rng: np.random.Generator) -> Array:
    """Pieces [n, 7] (start, end, radius) of trees that fan out from both hila, each piece thinner than its parent."""
    pieces = []
    for side in (-1, 1):
        n = 11
        start = (side * 38, 0, 12) + rng.normal(0, (3, 9, 9), (n, 3))
        fan = np.linspace(-1.25, 1.2, n) + rng.normal(0, 0.15, n)
        heading = np.stack([side * np.cos(fan), np.sin(fan), rng.uniform(-0.8, 0.8, n)], axis=1)
        radius = rng.uniform(1.1, 1.6, n)
        for order in range(6):
            end = start + heading * 21 * 0.83**order * rng.uniform(0.6, 1.2, (len(start), 1))
            pieces.append(np.column_stack([start, end, radius]))
            start, heading, radius = (np.repeat(each, 2, axis=0) for each in (end, heading, radius))
            heading = heading + rng.normal(0, 0.36, heading.shape)
            heading /= np.linalg.norm(heading, axis=1, keepdims=True)
            radius = radius * rng.uniform(0.62, 0.9, len(radius))
    return np.concatenate(pieces)


def _grow_lesion(rng: np.random.Generator, label: str, patient: Patient) -> Lesion | None:
    """What a class adds: a part-solid nodule or a lobulated mass near the ribs, a mass at the hilum, or nothing."""
    side, z, count = int(rng.choice((-1, 1))), float(patient.levels.mean()), int(rng.integers(7, 13))
    lobes = np.column_stack([rng.uniform(0.4, 1, 5), rng.uniform(0, 2 * np.pi, 5)])
    if label == "normal":
        return None
    if label == "squamous_cell_carcinoma":
        radius, y, air = rng.uniform(19, 27), rng.uniform(-14, 16), rng.uniform(0.35, 0.6) * (rng.random() < 0.6)
        near = [side * part[np.abs(part[:, 1] - y) < 8, 0] for part in _mediastinum(patient, z)]
        x = side * (np.concatenate(near).max() + 0.25 * radius)
        return Lesion((x, y, z), radius, 0.9, 0.85, air, lobes * (0.06, 1), (0, count))
    small = label == "adenocarcinoma"
    radius = rng.uniform(11, 15) if small else rng.uniform(24, 34)
    way = rng.uniform(-0.95, 0.95)
    cage = _cavity(patient, z)
    edge = cage[round((way if side > 0 else np.pi - way) / (2 * np.pi) * len(cage)) % len(cage)]
    inward = (side * 62, -5) - edge
    x, y = edge + inward / np.linalg.norm(inward) * (radius * rng.uniform(0.7, 1.0) + (5 if small else 0))
    if small:
        opacity, core = rng.uniform(0.45, 0.65), rng.uniform(0.5, 0.65)
        return Lesion((x, y, z), radius, opacity, core, 0, lobes * (0.08, 1), (2.5, count))
    return Lesion((x, y, z), radius, 0.9, 0.9, 0, lobes * (0.1, 1), (rng.uniform(3, 8), count))
