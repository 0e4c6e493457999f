import dataclasses
import io

import numpy as np
import pytest
from helpers.answers import Fixed, body, facts_for
from PIL import Image

from hilum.explain.explanation import explain
from hilum.explain.neighbours import Shown
from hilum.explain.picture import WIDTH, draw, overlaid
from hilum.slices.frames import Frame
from hilum.trust.abstention import Limits

NONE = [Shown(None)] * 5
LIMITS = Limits(0.6, 0.5)


def _drawn(frame=None, limits=LIMITS, pictures=NONE, warnings=(), facts=None, **options):
    found = explain(Fixed(facts or facts_for(), **options), frame or body(), "slice.png", limits)
    with Image.open(io.BytesIO(draw(found, limits, pictures, warnings))) as image:
        assert (image.format, image.mode) == ("PNG", "RGB")
        return np.asarray(image).astype(int)


def _has(drawn, colour, tolerance=3):
    return int((np.abs(drawn - colour).max(2) <= tolerance).sum())


def test_the_picture_has_the_slice_and_the_map_over_it():
    drawn = _drawn()
    assert drawn.shape[1] == WIDTH
    # The body of 60 x 40 pixels fills 300 x 200, grey in the one panel; in the other the map covers all of it.
    assert _has(drawn[:, :490], [204] * 3) == pytest.approx(300 * 200, rel=0.1)
    assert _has(drawn[:, 500:980], [204] * 3) < 500
    orange = (drawn[..., 0] - drawn[..., 2] > 60) & (drawn[..., 0] > 150)
    assert orange[:, 500:980].sum() > 40_000
    # Twice as strong in the first quarter as in the last.
    quarter = np.abs(drawn[:, 500:980] - drawn[:, 500:980].mean(2, keepdims=True)).sum(2)
    rows = np.flatnonzero((quarter > 60).sum(1) > 200)
    middle = (rows[0] + rows[-1]) // 2
    assert quarter[rows[0] : middle, 130:180].mean() > 1.2 * quarter[middle : rows[-1], 330:380].mean()


def test_where_the_map_is_nothing_the_slice_stays_as_it_is():
    pixels = np.float32([[0.1, 0.5, 0.5]])
    mixed = overlaid(pixels, np.float32([[0, 1, -1]]))
    np.testing.assert_allclose(mixed[0, 0], 0.1)
    assert mixed[0, 1, 0] > mixed[0, 1, 2]  # for the class: orange
    assert mixed[0, 2, 2] > mixed[0, 2, 0]  # against it: blue
    assert mixed.min() >= 0
    assert mixed.max() <= 1


def test_decisions_have_colours_of_their_own():
    chips = {tuple(_drawn(limits=limits)[45, 50]) for limits in (Limits(0.6, 0.5), Limits(0.8, 0.5), Limits(0.6, 0.2))}
    assert len(chips) == 3
    assert (255, 255, 255) not in chips


def test_bars_are_as_long_as_the_probabilities():
    grey, coloured = (0x9A, 0x9A, 0x9A), tuple(_drawn()[45, 50])
    right = _drawn(probabilities=(0.25, 0.75, 0.0))[100:380, 1000:]
    lengths = [max((np.abs(line - colour).max(1) <= 3).sum() for line in right) for colour in (grey, coloured)]
    assert lengths[1] / lengths[0] == pytest.approx(3, abs=0.1)


def test_pictures_of_neighbours_are_drawn_where_there_are_some():
    without = _drawn()
    shown = [Shown(np.full((96, 96), 0.4, np.float32)), *NONE[:3], Shown(None, "another file now")]
    drawn = _drawn(pictures=shown)
    assert drawn.shape[0] > without.shape[0] + 150
    assert _has(drawn, [102] * 3) > 190 * 190 > _has(without, [102] * 3)


def test_warnings_of_the_model_are_written():
    plainly, warned = _drawn(), _drawn(warnings=["Synthetic phantom slices"])
    assert plainly.shape == warned.shape
    assert (plainly != warned).any(2)[:90, 900:].any()
    assert not (plainly != warned)[120:].any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (7, 5), (900, 600)])
def test_slices_of_any_shape_are_drawn(shape):
    assert _drawn(Frame(np.full(shape, 0.5, np.float32), "PNG", "L", False)).shape[1] == WIDTH


def test_a_map_that_is_nothing_leaves_the_slice_grey():
    class Nothing(Fixed):
        def read(self, greys):
            reading = super().read(greys)
            reading.maps[:] = 0
            return reading

    found = explain(Nothing(facts_for()), body(), "slice.png", Limits(0.6, 0.5))
    drawn = np.asarray(Image.open(io.BytesIO(draw(found, Limits(0.6, 0.5), NONE)))).astype(int)
    assert _has(drawn[:, 500:980], [204] * 3) == pytest.approx(300 * 200, rel=0.1)


def test_a_map_is_cut_to_the_body_and_its_remarks_are_written():
    pixels = np.zeros((60, 90), np.float32)
    rows, columns = np.ogrid[:60, :90]
    pixels[((rows - 30) / 28) ** 2 + ((columns - 45) / 40) ** 2 <= 1] = 0.8
    found = explain(Fixed(facts_for()), Frame(pixels, "PNG", "L", False), "slice.png", LIMITS)
    drawn = np.asarray(Image.open(io.BytesIO(draw(found, LIMITS, NONE)))).astype(int)
    orange = (drawn[..., 0] - drawn[..., 2] > 60)[150:600, 500:950]  # of the panel with the map
    rows, columns = np.flatnonzero(orange.any(1)), np.flatnonzero(orange.any(0))
    corner = np.s_[rows[0] : rows[0] + 30, columns[0] : columns[0] + 40]
    assert orange[225, 225]
    assert not orange[corner].any()
    evidence = dataclasses.replace(found.map.evidence, remarks=("One.", "Two.", "Three."))
    longer = dataclasses.replace(found, map=dataclasses.replace(found.map, evidence=evidence))
    height = Image.open(io.BytesIO(draw(longer, LIMITS, NONE))).height
    assert height - len(drawn) == 26 * (len(longer.remarks) - len(found.remarks)) > 0
