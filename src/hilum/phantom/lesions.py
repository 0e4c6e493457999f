"""Lesions of the phantom, which distinguish its classes."""

import numpy as np

from hilum.phantom.canvas import AIR, LUNG, SOFT, Canvas, outline
from hilum.phantom.thorax import Lesion, Patient, cavity, mediastinum


def grow_lesion(rng: np.random.Generator, label: str, patient: Patient) -> Lesion | None:
    """The lesion of a class: a hazy or a solid mass near the ribs, a cavity at the hilum with haze behind, or None."""
    side, z, count = int(rng.choice((-1, 1))), float(patient.levels.mean()), int(rng.integers(7, 13))
    lobes = np.column_stack([rng.uniform(0.4, 1, 5), rng.uniform(0, 2 * np.pi, 5)])
    if label == "normal":
        return None
    if label == "squamous_cell_carcinoma":
        radius, y, air = rng.uniform(23, 30), rng.uniform(-14, 16), rng.uniform(0.35, 0.5)
        near = [side * part[np.abs(part[:, 1] - y) < 8, 0] for part in mediastinum(patient, z)]
        x = side * (np.concatenate(near).max() + 0.3 * radius)
        return Lesion((x, y, z), radius, 0.9, 0.95, air, lobes * (0.06, 1), (0, count), rng.uniform(0.35, 0.6))
    hazy = label == "adenocarcinoma"
    radius = rng.uniform(33, 42) if hazy else rng.uniform(28, 36)
    way = rng.uniform(-0.95, 0.95)
    cage = cavity(patient, z)
    edge = cage[round((way if side > 0 else np.pi - way) / (2 * np.pi) * len(cage)) % len(cage)]
    inward = (side * 62, -5) - edge
    x, y = edge + inward / np.linalg.norm(inward) * radius * rng.uniform(0.85, 1.2)
    if hazy:
        opacity, core = rng.uniform(0.6, 0.8), rng.uniform(0.25, 0.4)
        return Lesion((x, y, z), radius, opacity, core, 0, lobes * (0.1, 1), (6, count))
    return Lesion((x, y, z), radius, 0.9, 0.95, 0, lobes * (0.12, 1), (rng.uniform(3, 8), count))


def draw_lesion(canvas: Canvas, haze: Canvas, patient: Patient, lesion: Lesion, z: float) -> None:
    """Draws the core on the lungs' canvas and, around it, opacities from 0 to 1 on the canvas of haze."""
    away = np.abs(patient.levels - lesion.centre[2]).max()
    height = max(1.3 * lesion.radius, 1.8 * away)  # every slice of the patient shows it
    radius = lesion.radius * float(np.sqrt(1 - ((z - lesion.centre[2]) / height) ** 2))
    angle = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    length, count = lesion.spikes
    bent = angle + 0.5 * np.sin(angle + count) + 0.3 * np.sin(2 * angle)
    spikes = length * np.abs(np.cos(count * bent / 2)) ** 14 * (0.5 + 0.5 * np.cos(2 * angle - count))
    shape = outline(radius, radius, waves=lesion.lobes + (0, z / 25)) * (1 + spikes[:, None] / radius)
    middle = np.array(lesion.centre[:2])
    if lesion.shadow:
        side = np.sign(middle[0])
        for n in range(3):
            fan = np.linspace(-1, 1, 20) * lesion.shadow * (1 - 0.2 * n)
            edge = np.stack([side * np.cos(fan), np.sin(fan)], axis=1) * radius * (2.6 - 0.3 * n)
            haze.shape(np.concatenate([[middle], middle + edge]), 0.22 * (n + 1))
    for n in range(4):
        haze.shape(middle + shape * (1 - 0.07 * n), lesion.opacity * (n + 1) / 4)
    for share, opacity in ((lesion.core + 0.05, (1 + lesion.opacity) / 2), (lesion.core, 1.0)):
        canvas.shape(middle + shape * share, LUNG + (SOFT - 10 - LUNG) * opacity)
    haze.shape(middle + shape * (lesion.core + 0.05), 0)
    if lesion.air:
        canvas.shape(middle + shape * lesion.air, AIR + 40)
