"""Drawing one synthetic axial slice of a thorax.

A slice is drawn finer than the file and averaged, as a scanner averages within a voxel. The label decides only on the
lesion: anatomy, window, noise and position come from random streams that do not depend on it.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from hilum.phantom.canvas import AIR, LUNG, SOFT, Array, Canvas, View
from hilum.phantom.lesions import draw_lesion, grow_lesion
from hilum.phantom.thorax import (
    SPINE,
    Patient,
    cavity,
    draw_middle,
    draw_vessels,
    draw_wall,
    grow_vessels,
    mediastinum,
)


def _field(rng: np.random.Generator, size: int, cell: float) -> Array:
    """Smooth noise [size, size] of about unit variance, with grains `cell` pixels wide."""
    rough = Image.fromarray(rng.standard_normal((round(size / cell), round(size / cell)), dtype=np.float32))
    return np.asarray(rough.resize((size, size), Image.Resampling.BICUBIC), dtype=np.float64)


def _lungs(patient: Patient, z: float) -> Array:
    """Density inside the rib cage [size, size], in HU; the haze of a lesion fills the remaining air."""
    lungs = Canvas(patient.view, LUNG)
    draw_vessels(lungs, patient, z)
    if patient.lesion is None:
        return lungs.average()
    haze, grain = Canvas(patient.view, 0), np.random.default_rng([*patient.key, 4])
    draw_lesion(lungs, haze, patient, patient.lesion, z)
    size = patient.view.size
    density = lungs.average()
    mottle = 1 + 0.4 * _field(grain, size, 3) + 0.3 * _field(grain, size, 7)
    covered: Array = (SOFT - density).clip(0) * haze.average() * mottle.clip(0.2, 1.4)
    return density + covered


def render(patient: Patient, index: int) -> NDArray[np.uint8]:
    """One slice of a patient as grey levels [size, size], through the patient's window."""
    z, size = float(patient.levels[index]), patient.view.size
    body, inside = Canvas(patient.view, AIR), Canvas(patient.view, 0)
    draw_wall(body, patient, z)
    draw_middle(body, patient, z)
    inside.shape(cavity(patient, z), 1)
    for part in mediastinum(patient, z):
        inside.shape(part, 0)
    inside.shape(SPINE, 0)
    own, shared = (np.random.default_rng([*patient.key, *more]) for more in ((2, index), (3,)))
    texture = 6 * _field(shared, size, 6) + inside.average() * (
        14 * _field(shared, size, 22) + 10 * _field(own, size, 5)
    )
    density = body.average() + (_lungs(patient, z) - body.average()) * inside.average() + texture
    for axis in (0, 1):  # the scanner's point spread
        density = (np.roll(density, 1, axis) + np.roll(density, -1, axis) + 2.4 * density) / 4.4
    density += patient.noise * (0.8 * _field(own, size, 2.2) + 0.5 * own.standard_normal((size, size)))
    low, high = patient.window
    return ((density - low) / (high - low) * 255).clip(0, 255).round().astype(np.uint8)


def save(image: Image.Image, path: Path) -> None:
    """Writes a picture whose file says that it is synthetic."""
    info = PngInfo()
    info.add_text("Synthetic", "hilum phantom")
    image.save(path, pnginfo=info, compress_level=1)


def draw_patient(seed: int, number: int, n_slices: int, label: str) -> Patient:
    """Draws the anatomy of a phantom patient; the label, one of `labels.CLASSES`, changes only the lesion."""
    rng = np.random.default_rng([seed, number])
    u = rng.uniform
    half, darkest, step = (u(146, 174), u(108, 132)), u(-1040, -900), u(3, 5)
    size, zoom = int(rng.integers(220, 281)), u(1.03, 1.3)
    free = half[0] * (zoom - 1) + 6  # beside the body, which may be cut a little
    patient = Patient(
        key=(seed, number),
        view=View(size, 2 * half[0] * zoom / size, (free * u(-1, 1), u(-36, 36)), rng.normal(0, 0.05)),
        window=(darkest, darkest + u(1250, 2000)),
        noise=u(10, 20),
        half=half,
        waves=np.column_stack([rng.normal(0, (0.008, 0.005, 0.005, 0.004)), u(0, 2 * np.pi, 4)]),
        fat=u(9, 13.5),
        wall=u(20.5, 24.5),
        blood=u(45, 120),
        ribs=u(0, 3),
        table=u(5, 12) if rng.random() < 0.6 else None,
        levels=u(-26, 50 - step * (n_slices - 1)) + step * np.arange(n_slices, dtype=np.float64),
        vessels=grow_vessels(rng),
        lesion=None,
    )
    return replace(patient, lesion=grow_lesion(np.random.default_rng([seed, number, 1]), label, patient))
