"""Lesions of the phantom: where they lie, and what tells the classes apart."""

from dataclasses import replace

import numpy as np
import pytest

from hilum.phantom.canvas import turn
from hilum.phantom.rendering import draw_patient, render
from hilum.slices.labels import CLASSES

CANCERS = tuple(label for label in CLASSES if label != "normal")


def lesion_pixels(patient, index):
    """What the lesion changed by more than a few grey levels, as a mask."""
    return np.abs(render(patient, index).astype(int) - render(replace(patient, lesion=None), index)) > 6


@pytest.mark.parametrize("label", CANCERS)
def test_every_slice_of_a_patient_shows_its_lesion_in_one_place(label):
    for number in range(3):
        patient = draw_patient(11, number, 6, label)
        radius = patient.lesion.radius / patient.view.pixel
        reach = (4.0 if patient.lesion.shadow else 3.2) * radius
        for index in (0, 3, 5):
            rows, columns = np.nonzero(lesion_pixels(patient, index))
            assert len(rows) > 0.25 * radius**2
            assert np.ptp(rows) < 3.2 * radius
            assert np.ptp(columns) < reach


def solid_share(patient, index=1):
    """How much of what a lesion changed is as dense as soft tissue."""
    low, high = patient.window
    dense = render(patient, index) > (-200 - low) / (high - low) * 255
    mask = lesion_pixels(patient, index)
    return (dense & mask).sum() / mask.sum()


def test_large_cell_masses_are_solid_and_adenocarcinomas_mostly_haze():
    share = {label: np.array([solid_share(draw_patient(2, n, 3, label)) for n in range(6)]) for label in CANCERS}
    hazy, solid, _ = share.values()

    assert hazy.max() < solid.min() - 0.1
    assert solid.min() > 0.6


def test_squamous_lesions_hold_air_and_lie_at_the_hilum():
    def off_centre(patient):
        return abs(patient.lesion.centre[0])

    for number in range(10):
        adenocarcinoma, large_cell, squamous = (draw_patient(2, number, 3, label) for label in CANCERS)
        low, high = squamous.window
        hole = (-800 - low) / (high - low) * 255
        turned = np.array(squamous.lesion.centre[:2]) @ turn(squamous.view.tilt) + squamous.view.shift
        x, y = (turned / squamous.view.pixel + squamous.view.size / 2).round().astype(int)
        assert render(squamous, 1)[y - 1 : y + 2, x - 1 : x + 2].mean() < hole
        assert off_centre(squamous) < min(off_centre(adenocarcinoma), off_centre(large_cell))
