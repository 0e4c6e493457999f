"""Synthetic axial thorax slices, so that the first command works without any download.

Everything is drawn in millimetres and Hounsfield units, three times finer than the file, and averaged down as a
scanner averages what lies in a voxel. The label decides on the lesion alone: anatomy, window, noise and position
come from random streams that never see it.
"""

import csv
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from hilum.errors import HilumError

Array = npt.NDArray[np.float64]
Points = Array | Sequence[tuple[float, float]]

CLASSES = ("adenocarcinoma", "large_cell_carcinoma", "normal", "squamous_cell_carcinoma")
SPLITS = ("train", "valid", "test")
FEWEST = len(CLASSES) * len(SPLITS) * 3  # a patient has three slices or more
AIR, LUNG, FAT, SOFT, MARROW, CORTEX = -1000.0, -870.0, -105.0, 45.0, 220.0, 750.0
FINER = 3
SLAB = 4.0  # half the slice thickness
SPINE = ((-17, 34), (17, 34), (24, 52), (44, 80), (50, 108), (-50, 108), (-44, 80), (-24, 52))
HILUM = (38.0, 0.0, 12.0)  # to the side, to the back, to the feet; z = 0 is where the trachea parts


@dataclass(frozen=True)
class PhantomSet:
    """What was written: the folder, the number of slices (files) and of phantom patients."""

    folder: Path
    slices: int
    patients: int


@dataclass(frozen=True)
class Lesion:
    """One lesion; lengths in millimetres, `core` and `cavity` as shares of the radius."""

    centre: tuple[float, float, float]
    radius: float
    rim_opacity: float
    core: float
    cavity: float
    waves: Array
    spikes: tuple[float, float, float]


@dataclass(frozen=True)
class Patient:
    """The anatomy of one phantom patient; lengths in millimetres of a standard body, densities in HU."""

    key: tuple[int, int]
    size: int
    pixel: float
    shift: tuple[float, float]
    tilt: float
    window: tuple[float, float]
    noise: float
    half: tuple[float, float]
    power: float
    waves: Array
    fat: float
    breast: float
    wall: float
    heart: float
    blood: float
    lung: float
    haze: float
    ribs: float
    table: float | None
    levels: Array
    vessels: Array
    lesion: Lesion | None


def outline(a: float, b: float, power: float = 2.0, waves: Array | None = None, points: int = 96) -> Array:
    """Points [n, 2] round a superellipse whose radius wobbles by `waves` [k, 2] (share, phase; from the 2nd on)."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    x, y = np.cos(angle), np.sin(angle)
    radius = (np.abs(x / a) ** power + np.abs(y / b) ** power) ** (-1 / power)
    for order, (share, phase) in enumerate(() if waves is None else waves, start=2):
        radius = radius * (1 + share * np.cos(order * angle + phase))
    return np.stack([x * radius, y * radius], axis=1)


def ramp(value: float, start: float, end: float) -> float:
    """From 0 at `start` to 1 at `end`, smoothly."""
    share = min(max((value - start) / (end - start), 0.0), 1.0)
    return share * share * (3 - 2 * share)


class Canvas:
    """Paints shapes given in a patient's millimetres, finer than the file; what comes later lies on top."""

    def __init__(self, patient: Patient, fill: float) -> None:
        side = patient.size * FINER
        self.image = Image.new("F", (side, side), fill)
        self._pen = ImageDraw.Draw(self.image)
        self._zoom = FINER / patient.pixel
        turn = np.array([[np.cos(patient.tilt), np.sin(patient.tilt)], [-np.sin(patient.tilt), np.cos(patient.tilt)]])
        self._turn, self._middle = turn * self._zoom, side / 2 + np.array(patient.shift) * self._zoom

    def pixels(self, points: Points) -> list[float]:
        flat: list[float] = (np.asarray(points) @ self._turn + self._middle).ravel().tolist()
        return flat

    def shape(self, points: Points, value: float) -> None:
        self._pen.polygon(self.pixels(points), fill=value)

    def oval(self, x: float, y: float, a: float, b: float, value: float, turn: float = 0.0) -> None:
        c, s = np.cos(turn), np.sin(turn)
        self.shape(outline(a, b, points=28) @ np.array([[c, s], [-s, c]]) + (x, y), value)

    def average(self) -> Array:
        """The canvas [size, size] at the file's resolution."""
        return np.asarray(self.image.reduce(FINER), dtype=np.float64)

    def millimetres(self, x: float, y: float) -> tuple[Array, Array]:
        """How far every pixel [size, size] of the file lies from a point, along both axes."""
        steps = np.arange(self.image.width // FINER) * FINER + FINER / 2
        grid = np.stack(np.meshgrid(steps, steps), axis=-1) - self._middle
        away = grid @ np.linalg.inv(self._turn) - (x, y)
        return away[..., 0], away[..., 1]

    def line(self, points: Points, width: float, value: float) -> None:
        """A tube with round ends."""
        flat, wide = self.pixels(points), max(1, round(width * self._zoom))
        self._pen.line(flat, fill=value, width=wide)
        for x, y in (flat[:2], flat[-2:]) if wide > 2 else ():
            self._pen.ellipse((x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2), fill=value)


def cavity(patient: Patient, z: float) -> Array:
    """The inside of the rib cage [n, 2] at a level: narrower towards the apex."""
    growth = 0.93 + 0.07 * ramp(z, -50, 40)
    a, b = patient.half[0] - patient.fat - patient.wall, patient.half[1] - 25
    return outline(a * growth, b * growth, 2.25, patient.waves * 0.8) + (0, -7)


def mediastinum(patient: Patient, z: float) -> list[Array]:
    """Outlines [n, 2] of what lies between the lungs at a level: a column, and the heart below z = 0."""
    y = np.linspace(-108, 60, 60)
    knots, sides = (-108, -94, -74, -45, -15, 8, 30, 45, 60), []
    for n, widths in enumerate(((24, 15, 5, 23, 33, 28, 20, 19, 19), (24, 14, 5, 23, 30, 27, 35, 34, 22))):
        wobble = 1 + 7 * patient.waves[:, :1] * np.cos(y / (16 + 3 * n) + z / 30 + patient.waves[:, 1:] + n)
        even = np.convolve(np.interp(y, knots, widths), np.full(7, 1 / 7), "same")
        sides.append(np.stack([even * wobble.mean(axis=0) * (2 * n - 1), y], axis=1)[:: 1 - 2 * n])
    parts = [np.concatenate(sides)]
    if (size := ramp(z, 0, 55) * patient.heart) > 0.05:
        c, s = np.cos(0.5), np.sin(0.5)
        blob = outline(36 + 27 * size, 28 + 17 * size, 2.2, patient.waves * 2)
        parts.append(blob @ np.array([[c, s], [-s, c]]) + (8 + 9 * size, -36 + 4 * size))
    return parts


def _table(canvas: Canvas, patient: Patient) -> None:
    if patient.table is not None:
        x = np.linspace(-230, 230, 40)
        for depth, value in ((0.0, -150.0), (14.0, -600.0)):
            y = patient.half[1] + patient.table + depth - (x / 230) ** 2 * (26 - depth / 2)
            canvas.line(np.stack([x, y], 1), 2.5, value)


def _wall(canvas: Canvas, patient: Patient, z: float) -> None:
    """Skin, fat, muscle with fat clefts, scapulae, ribs and sternum."""
    a, b = patient.half
    for inset, value in ((0.0, -20.0), (2.0, FAT), (patient.fat, SOFT)):
        if patient.breast and inset < patient.fat:
            for side in (-1, 1):
                swell = patient.breast - inset
                canvas.oval(side * a * 0.5, -b * 0.58, a * 0.4 - inset, b * 0.36 + swell, value, side * 0.3)
        canvas.shape(outline(a - inset, b - inset * 0.8, patient.power, patient.waves), value)
    cage = cavity(patient, z)
    angles = np.arange(len(cage)) / len(cage) * 2 * np.pi
    beyond = cage - (0, -7)
    beyond = beyond / np.hypot(beyond[:, :1], beyond[:, 1:])
    for part in (slice(2, 19), slice(30, 47), slice(55, 66), slice(79, 90)):
        canvas.line((cage + beyond * (patient.wall * 0.62))[part], 2.6, FAT)
    for side in (-1, 1):
        if z < 22:
            edge = a - patient.fat - 6
            blade = [(side * (edge - 2), 10 + z / 3), (side * (edge - 7), 34), (side * (edge - 33), 68)]
            for bone, width in (
                (blade, 4.6),
                ([blade[1], (side * (edge + 3), 44 + z / 3)], 4.0),
                (blade[:1] * 2, 8.0),
            ):
                canvas.line(bone, width, CORTEX - 150)
                canvas.line(bone, width * 0.4, MARROW)
        for rib in range(5):
            middle = -1.35 + (rib * 0.5 + patient.ribs + side * 0.05 + z * 0.016) % 2.5
            way, span = (
                middle if side > 0 else np.pi - middle,
                0.12 + 0.06 * np.sin(5 * patient.ribs + rib * 2),
            )
            off = (angles - way + np.pi) % (2 * np.pi) - np.pi
            near = np.flatnonzero(np.abs(off) < span)
            near = near[np.argsort(off[near])]
            tilt = np.linspace(-2.5, 2.5, len(near))[:, None] * side  # ribs run down and forward
            bone = cage[near] + beyond[near] * (6.0 + tilt)
            stuff = (130.0, 110.0) if middle < -0.95 else (CORTEX - 150, MARROW)  # in front, ribs are cartilage
            canvas.line(bone, 6.6, stuff[0])
            canvas.line(bone, 3.6, stuff[1])


def _middle(canvas: Canvas, patient: Patient, z: float) -> None:
    """Great vessels, airways, gullet and heart, in the fat between the lungs."""
    blood = patient.blood
    column, *heart = mediastinum(patient, z)
    canvas.shape(column, -70)
    canvas.oval(-28, -30, 8, 9, blood + 15)
    if z < -16:
        arch = [(-9, -36), (3, -28), (17, -8), (25, 12), (26, 26)]
        canvas.line(arch, 21.0, blood)
    else:
        canvas.oval(-10, -36, 15, 15.5, blood)
        canvas.oval(15, -44, 12, 11, blood - 10)
    if abs(z - 6) < 11:
        canvas.line([(16, -40), (8, -22), (-34, -12)], 13.0, blood - 10)
        canvas.line([(18, -38), (34, -10)], 13.0, blood - 10)
    for part in heart:
        inner = part.mean(axis=0)
        for share, value in ((1.0, FAT + 40), (0.95, SOFT + 5)):
            canvas.shape(inner + (part - inner) * share, value)
        size = float(np.ptp(part[:, 0])) / 126
        for x, y, a, b in ((-24, -2, 17, 24), (22, 14, 22, 15), (8, -18, 26, 13), (-4, 24, 24, 11)):
            canvas.oval(inner[0] + x * size, inner[1] + y * size, a * size, b * size, blood - 8, 0.5)
    canvas.oval(26, 30, 12, 12, blood)
    canvas.oval(5, 19, 8, 5, SOFT)
    for x, radius in ((0.0, 9.0),) if z < 0 else ((-8 - z, 7.6 - z / 14), (8 + z, 7.2 - z / 14)):
        if z < 28:
            canvas.oval(x, 2 + z / 8, radius * 1.25, radius * 1.15, 10)
            canvas.oval(x, 2 + z / 8, radius, radius * 0.9, -985)


def _midline_bones(canvas: Canvas, front: float) -> None:
    canvas.oval(0, front - 5, 21, 7.5, 480)
    canvas.oval(0, front - 5, 18.5, 5, 130)
    for x in (-1, 1):
        for width, value in ((8.0, CORTEX - 150), (4.0, MARROW)):
            canvas.line([(x * 13, 62), (x * 22, 70), (x * 38, 76)], width, value)
        canvas.line([(x * 13, 64), (x * 10, 80), (0, 87)], 4.5, CORTEX - 100)
    canvas.line([(0, 87), (0, 106)], 5.0, CORTEX - 200)
    canvas.shape(outline(20, 16, 2.4) + (0, 47), CORTEX - 100)
    canvas.shape(outline(17.8, 13.8, 2.4) + (0, 47), MARROW)
    canvas.oval(0, 71, 9.5, 8.5, SOFT - 20)


def _vessels(canvas: Canvas, patient: Patient, z: float) -> None:
    """The pieces of the vessel trees within the slab, faint ones first; the thick ones lead an airway along."""
    start, end, radius = patient.vessels[:, :3], patient.vessels[:, 3:6], patient.vessels[:, 6]
    rise = end[:, 2] - start[:, 2]
    rise = np.where(np.abs(rise) < 1e-3, 1e-3, rise)
    ways = np.sort([(z - SLAB - start[:, 2]) / rise, (z + SLAB - start[:, 2]) / rise], axis=0).clip(0, 1)
    full = (0.8 * radius / SLAB + 0.12 * (ways[1] - ways[0]) * np.abs(rise) / SLAB).clip(0.12, 0.8)
    for n in sorted(np.flatnonzero(ways[1] > ways[0]).tolist(), key=full.__getitem__):
        piece = start[n, :2] + ways[:, n, None] * (end[n, :2] - start[n, :2])
        if radius[n] > 1.35 and n % 3 == 0:
            beside = piece + (0.0, radius[n] * 2.1)
            canvas.line(beside, radius[n] * 2.2, -350)
            canvas.line(beside, radius[n] * 1.4, -970)
        canvas.line(piece, radius[n] * 2, patient.lung + (patient.blood - patient.lung) * full[n])


def _lesion(canvas: Canvas, patient: Patient, z: float, lungs: Array) -> Array:
    """Densities with the lesion in them: a rim of some opacity round a solid core, or round an air core."""
    lesion = patient.lesion
    if lesion is None:
        return lungs
    x, y = canvas.millimetres(lesion.centre[0], lesion.centre[1])
    angle, distance = np.arctan2(y, x), np.hypot(x, y)
    reach = np.abs(patient.levels - lesion.centre[2]).max()
    height = max(1.3 * lesion.radius, 1.8 * reach)  # so that every slice of the patient shows it
    radius = lesion.radius * np.sqrt(1 - ((z - lesion.centre[2]) / height) ** 2)
    edge = np.full_like(angle, radius)
    for order, (share, phase) in enumerate(lesion.waves, start=2):
        edge += radius * share * np.cos(order * angle + phase + z / 25)
    length, count, phase = lesion.spikes
    bent = angle + 0.5 * np.sin(angle + phase) + 0.3 * np.sin(2 * angle)
    edge += length * np.abs(np.cos(count * bent / 2 + phase)) ** 14 * (0.5 + 0.5 * np.cos(2 * angle - phase))
    soft = 2.0 + 4 * (1 - lesion.rim_opacity)
    opacity = lesion.rim_opacity * ((edge - distance) / soft + 0.5).clip(0, 1)
    opacity = np.maximum(opacity, ((edge * lesion.core - distance) / 2.5 + 0.5).clip(0, 1))
    hollow = ((edge * lesion.cavity - distance) / 2 + 0.5).clip(0, 1) if lesion.cavity else 0.0
    tissue = SOFT - 10 + 0.25 * (lungs - SOFT + 10).clip(0)
    filled = lungs + (tissue - lungs) * opacity
    return filled + (-960 - filled) * hollow


def _field(rng: np.random.Generator, size: int, cell: float) -> Array:
    """Smooth noise [size, size] of about unit variance whose grains are `cell` pixels wide."""
    few = max(4, round(size / cell))
    rough = Image.fromarray(rng.standard_normal((few, few), dtype=np.float32))
    return np.asarray(rough.resize((size, size), Image.Resampling.BICUBIC), dtype=np.float64)


def render(patient: Patient, index: int) -> npt.NDArray[np.uint8]:
    """One slice [size, size] of a patient, as the grey levels of the patient's window."""
    z, size = float(patient.levels[index]), patient.size
    body, lungs, mask = Canvas(patient, AIR), Canvas(patient, patient.lung), Canvas(patient, 0)
    _table(body, patient)
    _wall(body, patient, z)
    mask.shape(cavity(patient, z), 1)
    for part in mediastinum(patient, z):
        mask.shape(part, 0)
    mask.shape(SPINE, 0)
    _middle(body, patient, z)
    _midline_bones(body, float(cavity(patient, z)[:, 1].min()))
    _vessels(lungs, patient, z)
    rng = np.random.default_rng([*patient.key, 2, index])
    steady = np.random.default_rng([*patient.key, 3])  # texture that neighbouring slices share
    inside = mask.average()
    texture = patient.haze * _field(steady, size, 22) + 10 * _field(rng, size, 5)
    air = _lesion(lungs, patient, z, lungs.average() + texture)
    density = body.average() + 6 * _field(steady, size, 6)
    density += (air - density) * inside
    for axis in (0, 1):  # the scanner's point spread
        density = (np.roll(density, 1, axis) + np.roll(density, -1, axis) + 2.4 * density) / 4.4
    density += patient.noise * (0.8 * _field(rng, size, 2.2) + 0.5 * rng.standard_normal((size, size)))
    low, high = patient.window
    return ((density - low) / (high - low) * 255).clip(0, 255).round().astype(np.uint8)


def _grow_vessels(rng: np.random.Generator) -> Array:
    """Pieces [n, 7] (start, end, radius) of trees that fan out from both hila, each piece thinner than its parent."""
    rows = []
    for side in (-1, 1):
        n, length = 20, 21.0
        at = np.array(HILUM) * (side, 1, 1) + rng.normal(0, (3, 9, 9), (n, 3))
        fan = np.linspace(-1.25, 1.2, n) + rng.normal(0, 0.15, n)
        heading = np.stack([side * np.cos(fan), np.sin(fan), rng.uniform(-0.8, 0.8, n)], axis=1)
        radius = rng.uniform(1.1, 1.6, n)
        for _ in range(6):
            end = at + heading * (length * rng.uniform(0.6, 1.2, (n, 1)))
            rows.append(np.column_stack([at, end, radius]))
            n, length = 2 * n, length * 0.83
            at, heading = (
                np.repeat(end, 2, axis=0),
                np.repeat(heading, 2, axis=0) + rng.normal(0, 0.36, (n, 3)),
            )
            heading /= np.linalg.norm(heading, axis=1, keepdims=True)
            radius = np.repeat(radius, 2) * rng.uniform(0.62, 0.9, n)
    return np.concatenate(rows)


def _draw_lesion(rng: np.random.Generator, label: str, patient: Patient) -> Lesion | None:
    """What a class adds to a patient: nothing, a part-solid nodule, a lobulated mass or a mass at the hilum."""
    side, z = float(rng.choice((-1, 1))), float(patient.levels.mean() + rng.normal(0, 1))
    waves, phases = rng.uniform(0.4, 1, 5), rng.uniform(0, 2 * np.pi, 6)
    shape = np.column_stack([waves, phases[:5]])
    if label == "normal":
        return None
    if label == "squamous_cell_carcinoma":
        radius, y = rng.uniform(19, 27), HILUM[1] + rng.uniform(-14, 16)
        near = [float((side * part[np.abs(part[:, 1] - y) < 8, 0]).max(initial=0)) for part in mediastinum(patient, z)]
        centre = (side * (max(near) + 0.25 * radius), y, z)
        cavity_share = rng.uniform(0.35, 0.6) if rng.random() < 0.6 else 0.0
        return Lesion(centre, radius, 1.0, 0.9, cavity_share, shape * (0.06, 1), (0.0, 0.0, 0.0))
    small = label == "adenocarcinoma"
    radius = rng.uniform(11.0, 15.0) if small else rng.uniform(24, 34)
    way = rng.uniform(-0.95, 0.95)
    ring = cavity(patient, z)
    x, y = ring[round((way if side > 0 else np.pi - way) / (2 * np.pi) * len(ring)) % len(ring)]
    inward = np.array([side * 62 - x, -5 - y])
    x, y = (x, y) + inward / np.hypot(*inward) * (radius * rng.uniform(0.7, 1.0) + (5 if small else 0))
    if small:
        rim, core = rng.uniform(0.45, 0.65), rng.uniform(0.5, 0.65)
        return Lesion((x, y, z), radius, rim, core, 0.0, shape * (0.08, 1), (6.0, 9.0, phases[5]))
    spikes = (rng.uniform(3, 8), float(rng.integers(7, 13)), phases[5])
    return Lesion((x, y, z), radius, 1.0, 0.95, 0.0, shape * (0.1, 1), spikes)


def draw_patient(seed: int, number: int, slices: int, label: str) -> Patient:
    """The anatomy of one phantom patient; the label changes nothing but the lesion.

    Args:
        seed: Seed of the set.
        number: Number of the patient within it.
        slices: How many levels the patient is shown at.
        label: One of `CLASSES`.
    """
    rng = np.random.default_rng([seed, number])
    u = rng.uniform
    size, half = int(rng.integers(220, 281)), (u(154, 167), u(114, 122))
    darkest, width, step = u(-990, -910), u(1580, 1820), u(3.0, 5.0)
    patient = Patient(
        key=(seed, number),
        size=size,
        pixel=2 * half[0] * u(1.03, 1.12) / size,
        shift=(u(-6, 6), u(-8, 8)),
        tilt=rng.normal(0, 0.025),
        window=(darkest, darkest + width),
        noise=u(10, 20),
        half=half,
        power=u(2.2, 2.7),
        waves=np.column_stack([rng.normal(0, (0.008, 0.005, 0.005, 0.004)), u(0, 2 * np.pi, 4)]),
        fat=u(8.5, 14),
        breast=u(3, 9) if rng.random() < 0.15 else 0.0,
        wall=u(20, 25.5),
        heart=u(0.8, 1.1),
        blood=u(45, 120),
        lung=u(-900, -830),
        haze=u(8, 20),
        ribs=u(0, 3),
        table=u(3, 12) if rng.random() < 0.6 else None,
        levels=u(-26, 50 - step * (slices - 1)) + step * np.arange(slices),
        vessels=_grow_vessels(rng),
        lesion=None,
    )
    return replace(patient, lesion=_draw_lesion(np.random.default_rng([seed, number, 1]), label, patient))


def _plan(slices: int, seed: int) -> list[tuple[str, str, int]]:
    """Label, split and number of slices of every patient; the patients' order says nothing about either."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[str, str, int]] = []
    for extra, label in enumerate(rng.permutation(CLASSES).tolist()):
        files = slices // len(CLASSES) + (extra < slices % len(CLASSES))
        patients = max(len(SPLITS), round(files / 4))
        shown = [3] * patients
        for _ in range(files - sum(shown)):
            shown[rng.choice([n for n, many in enumerate(shown) if many < 6])] += 1
        valid, test = max(1, round(patients * 0.1)), max(1, round(patients * 0.2))
        splits = ["valid"] * valid + ["test"] * test + ["train"] * (patients - valid - test)
        rows += zip([label] * patients, splits, shown, strict=True)
    return [rows[n] for n in rng.permutation(len(rows))]


def write_phantom(folder: Path, slices: int, seed: int, advance: Callable[[], None] = lambda: None) -> PhantomSet:
    """Write a labelled set of synthetic slices: `<split>/<class>/synthetic-p<patient>-s<slice>.png`.

    The classes have about equal shares; about 70, 10 and 20 % of the patients of each are in train, valid and test,
    and a patient is in one of them. `table.csv` (path, label, split, group) lists the files, `SYNTHETIC.txt`
    says what they are. The same arguments give the same bytes. Nothing is left behind by an interrupted run.

    Args:
        folder: A folder that does not exist yet, or is empty.
        slices: How many files to write, at least 36.
        seed: Seed of everything random, 0 or more.
        advance: Called after every file, for a progress bar.

    Raises:
        HilumError: The folder holds something or cannot be written, or there are too few slices.
    """
    folder = folder.resolve()
    if slices < FEWEST:
        raise HilumError(f"{slices} slices are too few for every class in every split: ask for {FEWEST} or more.")
    if seed < 0:
        raise HilumError(f"The seed is {seed}: give 0 or a positive number.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise HilumError(f"{folder} is there already and not an empty folder: name another, or remove it first.")
    partial = folder.with_name(f".{folder.name}-partial-{secrets.token_hex(4)}")
    try:
        partial.mkdir(parents=True)
        plan = _plan(slices, seed)
        _write_files(partial, plan, seed, advance)
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    except OSError as error:
        raise HilumError(f"{folder} cannot be written ({error.strerror}): name another folder.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return PhantomSet(folder, slices, len(plan))


def _write_files(folder: Path, plan: list[tuple[str, str, int]], seed: int, advance: Callable[[], None]) -> None:
    info = PngInfo()
    info.add_text("Synthetic", "hilum phantom")
    rows = []
    for number, (label, split, shown) in enumerate(plan):
        patient = draw_patient(seed, number, shown, label)
        (folder / split / label).mkdir(parents=True, exist_ok=True)
        for index in range(shown):
            path = f"{split}/{label}/synthetic-p{number:03d}-s{index}.png"
            Image.fromarray(render(patient, index)).save(folder / path, pnginfo=info)
            rows.append((path, label, split, f"p{number:03d}"))
            advance()
    with (folder / "table.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerows([("path", "label", "split", "group"), *sorted(rows)])
    (folder / "SYNTHETIC.txt").write_text(
        f"These {len(rows)} pictures are synthetic phantom slices drawn by hilum (seed {seed}), not patients.\n"
        "They show that the software works and say nothing about how well it does on real slices.\n",
        encoding="utf-8",
    )
