import numpy as np
import pytest

from hilum.phantom.canvas import AIR, Canvas
from hilum.phantom.rendering import draw_patient
from hilum.phantom.thorax import cavity, draw_middle, draw_wall, grow_vessels, mediastinum


@pytest.fixture(scope="module")
def patient():
    return draw_patient(1, 0, 5, "normal")


def test_the_rib_cage_is_narrower_towards_the_apex_and_inside_the_body(patient):
    apex, base = (np.ptp(cavity(patient, z), axis=0) for z in (-40.0, 40.0))
    assert (apex < base).all()
    assert (base < 2 * np.array(patient.half)).all()


def test_the_heart_appears_below_the_place_where_the_trachea_divides(patient):
    assert [len(mediastinum(patient, z)) for z in (-40.0, 0.0, 30.0)] == [1, 1, 2]
    heart, lower = (np.ptp(mediastinum(patient, z)[1], axis=0) for z in (20.0, 50.0))
    assert (lower > heart).all()


def test_the_body_is_drawn_around_the_mediastinum(patient):
    wall, middle = Canvas(patient.view, AIR), Canvas(patient.view, AIR)
    draw_wall(wall, patient, 10)
    draw_middle(middle, patient, 10)
    body, inner = wall.average() > -500, middle.average() > -500
    assert body.mean() > 0.2
    assert 0.02 < inner.mean() < body.mean()


def test_vessels_grow_thinner_away_from_the_hila():
    pieces = grow_vessels(np.random.default_rng(0))
    away = np.abs(pieces[:, 0])
    thick = pieces[:, 6] > np.median(pieces[:, 6])
    assert away[thick].mean() < away[~thick].mean()
    assert {*np.sign(pieces[:, 0])} == {-1, 1}
