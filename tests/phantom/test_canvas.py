import numpy as np
import pytest

from hilum.phantom.canvas import Canvas, View, outline, turn


def canvas(pixel=1.0, shift=(0.0, 0.0), tilt=0.0):
    return Canvas(View(100, pixel, shift, tilt), -1000)


def centre(canvas):
    """Where the brighter part of a painting lies, in pixels from the middle, and its area."""
    y, x = np.nonzero(canvas.average() > -500)
    return x.mean() - 49.5, y.mean() - 49.5, len(x)


def test_a_shape_lies_where_its_millimetres_say():
    painted = canvas(pixel=0.5)
    painted.oval(10, -5, 8, 4, 40)
    x, y, area = centre(painted)
    assert (x, y) == pytest.approx((20, -10), abs=0.5)
    assert area == pytest.approx(np.pi * 16 * 8, rel=0.05)
    assert painted.average().max() == 40


def test_shift_and_tilt_move_everything():
    moved = canvas(shift=(7, 0))
    moved.oval(0, 0, 5, 5, 40)
    assert centre(moved)[:2] == pytest.approx((7, 0), abs=0.5)
    tilted = canvas(tilt=np.pi / 2)
    tilted.oval(20, 0, 5, 5, 40)
    assert np.hypot(*centre(tilted)[:2]) == pytest.approx(20, abs=0.5)
    assert abs(centre(tilted)[0]) < 0.5


def test_what_comes_later_lies_on_top_and_a_bone_has_marrow_inside():
    painted = canvas()
    painted.bone([(-20, 0), (20, 0)], 12)
    column = painted.average()[:, 50]
    assert column[50] < column[45] == column.max()
    painted.oval(0, 0, 30, 30, -100)
    assert painted.average()[50, 50] == -100


def test_an_outline_is_an_ellipse_unless_it_wobbles():
    plain = outline(3, 2)
    np.testing.assert_allclose((plain[:, 0] / 3) ** 2 + (plain[:, 1] / 2) ** 2, 1)
    wavy = np.linalg.norm(outline(1, 1, waves=np.array([[0.1, 0.0]])), axis=1)
    assert wavy.max() == pytest.approx(1.1)
    assert wavy.min() == pytest.approx(0.9)


def test_turning_back_undoes_a_turn():
    np.testing.assert_allclose(turn(0.7) @ turn(-0.7), np.eye(2), atol=1e-12)
