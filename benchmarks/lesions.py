"""Slices with a lesion whose place is known: drawn into real slices, or told apart in a phantom's."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hilum.audit.anatomy import anatomy, body_mask, box_around, lungs
from hilum.phantom.canvas import LUNG, SOFT, Canvas, View
from hilum.phantom.lesions import draw_lesion
from hilum.phantom.rendering import draw_patient, render
from hilum.phantom.thorax import Lesion
from hilum.slices.body import otsu
from hilum.slices.labels import CLASSES

Greys = NDArray[np.float32]
Mask = NDArray[np.bool_]

_CHEST = 350.0  # width of a body in mm
_RADIUS = (15.0, 35.0)  # mm, as masses of stage T2 and T3
_DIFFERS = 0.08  # grey levels by which a lesion changes a phantom


def planted(pixels: Greys, random: np.random.Generator) -> tuple[Greys, Mask] | None:
    """A slice with a lesion of the phantom, solid or hazy, somewhere in its lungs.

    Args:
        pixels: Grey levels `[height, width]` in `[0, 1]`.
        random: Source of place, size and kind.

    Returns:
        The slice and the mask of the lesion, or None if the slice has no lungs.
    """
    seen = anatomy(pixels)
    air, body = lungs(pixels, seen), body_mask(pixels, seen)
    inner = ndimage.binary_erosion(air, iterations=max(1, round(0.02 * max(pixels.shape))))
    places, box = np.argwhere(inner), box_around(body)
    if not len(places) or box is None:
        return None
    y, x = places[random.integers(len(places))]
    side, pixel = max(pixels.shape), _CHEST / (box.right - box.left)
    opacity = _opacity(random, ((x - side / 2) * pixel, (y - side / 2) * pixel), View(side, pixel, (0, 0), 0))
    opacity = opacity[: pixels.shape[0], : pixels.shape[1]] * body
    grain = 0.02 * ndimage.gaussian_filter(random.standard_normal(pixels.shape), 1)
    tissue = np.median(pixels[body & (pixels > (otsu(pixels) or 0))]) + grain
    drawn = pixels * (1 - opacity) + tissue * opacity
    return drawn.clip(0, 1).astype(np.float32), opacity > 0.5


def _opacity(random: np.random.Generator, centre: tuple[float, float], view: View) -> NDArray[np.float64]:
    """The opacity of a lesion, `[side, side]`, from 0 of lung to 1 of soft tissue."""
    hazy, radius = random.random() < 0.5, random.uniform(*_RADIUS)
    lobes = np.column_stack([random.uniform(0.4, 1, 5), random.uniform(0, 2 * np.pi, 5)]) * (0.1, 1)
    haze, core = (random.uniform(0.6, 0.8), random.uniform(0.25, 0.4)) if hazy else (0.9, 0.95)
    spikes = (radius * random.uniform(0.1, 0.25), int(random.integers(7, 13)))
    patient = replace(draw_patient(0, 0, 1, "normal"), view=view, levels=np.zeros(1))
    solid, around = Canvas(view, LUNG), Canvas(view, 0)
    draw_lesion(solid, around, patient, Lesion((*centre, 0.0), radius, haze, core, 0, lobes, spikes), 0.0)
    core_opacity = (solid.average() - LUNG) / (SOFT - 10 - LUNG)
    opacity: NDArray[np.float64] = np.maximum(core_opacity, around.average()).clip(0, 1)
    return opacity


def phantom(number: int, seed: int) -> tuple[Greys, Greys, Mask]:
    """A slice of a phantom patient with cancer, the same slice without the lesion, and the mask of the lesion.

    Args:
        number: Number of the patient; the cancers take turns.
        seed: Seed of the phantom; that of the training shows patients that the model knows.
    """
    cancers = [name for name in CLASSES if name != "normal"]
    patient = draw_patient(seed, number, 3, cancers[number % len(cancers)])
    with_, without = (render(one, 1).astype(np.float32) / 255 for one in (patient, replace(patient, lesion=None)))
    differs = ndimage.gaussian_filter(np.abs(with_ - without), 1.5) > _DIFFERS
    return with_, without, ndimage.binary_opening(differs, iterations=2)
