"""A canvas for shapes in millimetres and Hounsfield units, finer than the pixels of the file."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Array = NDArray[np.float64]
Points = Array | Sequence[tuple[float, float]]

AIR, LUNG, FAT, SOFT, MARROW, CORTEX = -1000.0, -865.0, -105.0, 45.0, 220.0, 600.0
FINER = 3


@dataclass(frozen=True)
class View:
    """How a patient lies in the picture: side in pixels, millimetres per pixel, shift in mm, tilt in radians."""

    size: int
    pixel: float
    shift: tuple[float, float]
    tilt: float


def outline(a: float, b: float, power: float = 2.0, waves: Array | None = None, points: int = 180) -> Array:
    """Points [n, 2] of a superellipse whose radius varies by `waves` [k, 2] (share, phase), from two periods up."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    x, y = np.cos(angle), np.sin(angle)
    radius = (np.abs(x / a) ** power + np.abs(y / b) ** power) ** (-1 / power)
    for periods, (share, phase) in enumerate(() if waves is None else waves, start=2):
        radius = radius * (1 + share * np.cos(periods * angle + phase))
    return np.stack([x * radius, y * radius], axis=1)


def turn(angle: float) -> Array:
    """The matrix [2, 2] that turns row vectors by an angle in radians."""
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


class Canvas:
    """Paints shapes given in millimetres, each on top of the earlier ones."""

    def __init__(self, view: View, fill: float) -> None:
        side, self._zoom = view.size * FINER, FINER / view.pixel
        self._image = Image.new("F", (side, side), fill)
        self._pen = ImageDraw.Draw(self._image)
        self._axes, self._middle = turn(view.tilt) * self._zoom, side / 2 + np.array(view.shift) * self._zoom

    def shape(self, points: Points, value: float) -> None:
        """Paints a filled polygon."""
        self._pen.polygon((np.asarray(points) @ self._axes + self._middle).ravel().tolist(), fill=value)

    def oval(self, x: float, y: float, a: float, b: float, value: float, angle: float = 0.0) -> None:
        """Paints a filled ellipse with half axes `a` and `b`."""
        self.shape(np.add(outline(a, b, points=28) @ turn(angle), (x, y)), value)

    def line(self, points: Points, width: float, value: float) -> None:
        """Paints a line with round ends."""
        self.lines(np.asarray(points)[None], [width], [value])

    def lines(self, points: Array, widths: Sequence[float] | Array, values: Sequence[float] | Array) -> None:
        """Paints lines [n, points, 2] with round ends, the last on top."""
        flat = (points @ self._axes + self._middle).reshape(len(points), -1).tolist()
        for line, width, value in zip(flat, widths, values, strict=True):
            wide = max(1, round(width * self._zoom))
            self._pen.line(line, fill=value, width=wide)
            for x, y in (line[:2], line[-2:]) if wide > 2 else ():  # round ends
                self._pen.ellipse((x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2), fill=value)

    def bone(self, points: Points, width: float) -> None:
        """Paints a bone: a line of cortex around marrow."""
        self.line(points, width, CORTEX)
        self.line(points, width * 0.5, MARROW)

    def average(self) -> Array:
        """The painting, averaged to pixels [size, size]."""
        return np.asarray(self._image.reduce(FINER), dtype=np.float64)
