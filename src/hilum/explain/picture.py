"""An explanation as one picture: the answer, the slice, its map, the probabilities, the nearest training slices."""

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hilum.explain.explanation import Explained
from hilum.explain.neighbours import Shown
from hilum.explain.placing import AGAINST, FOR, placed
from hilum.explain.sheet import INK, NIGHT, RULE, SOFT, Sheet, grey_picture
from hilum.report.words import readable
from hilum.trust.abstention import Limits

WIDTH = 1400
_MARGIN, _GAP, _PANEL, _CARD, _BAR = 40, 30, 450, 200, 330
_LINE = 26
_OTHER = "#9a9a9a"
_CHIPS = {"class": ("ANSWER", "#00795a"), "abstain": ("ABSTAINS", "#9c6200"), "outlier": ("OUTLIER", "#a33c74")}
_STRONGEST = 0.7  # maximum opacity of a map
_MOST_BARS = 6
_NOTICE = "Research use only. A map shows what moved the model, not where a lesion is."


def draw(explanation: Explained, limits: Limits, pictures: Sequence[Shown], warnings: Sequence[str] = ()) -> bytes:
    """Draws an explanation.

    Args:
        explanation: Explanation to draw.
        limits: Thresholds of the decision.
        pictures: Pictures of the neighbours, in order.
        warnings: Warnings about the model, such as random weights.

    Returns:
        A PNG file, `WIDTH` pixels wide.
    """
    top = 150
    remarks = top + _PANEL + 60
    below = remarks + 35 + _LINE * len(explanation.remarks)
    cards = below + 25 + (_CARD + 15 if any(one.pixels is not None for one in pictures) else 0)
    sheet = Sheet(WIDTH, cards + 130)
    _heading(sheet, explanation, warnings)
    _panels(sheet, explanation, top)
    for number, line in enumerate(explanation.remarks):
        sheet.text(_MARGIN, remarks + _LINE * number, line, 18, INK, WIDTH - 2 * _MARGIN)
    _bars(sheet, explanation, limits, _MARGIN + 2 * (_PANEL + _GAP) + 10, top)
    _neighbours(sheet, explanation, pictures, below, cards)
    sheet.text(_MARGIN, sheet.image.height - 24, _NOTICE, 16, SOFT)
    file = io.BytesIO()
    sheet.image.save(file, "PNG")
    return file.getvalue()


def overlaid(pixels: NDArray[np.float32], intensity: NDArray[np.float32]) -> NDArray[np.float32]:
    """A slice in colour with a map laid over it, orange for the class and blue against it.

    Args:
        pixels: Grey levels `[height, width]` in `[0, 1]`.
        intensity: Map in `[-1, 1]`, `[height, width]`.

    Returns:
        Colours `[height, width, 3]` in `[0, 1]`. Pixels with a intensity of 0 are unchanged.
    """
    opacity = (_STRONGEST * np.abs(intensity))[..., None]
    colours = np.where((intensity > 0)[..., None], FOR, AGAINST).astype(np.float32) / 255
    return (pixels[..., None] * (1 - opacity) + colours * opacity).astype(np.float32)


def _heading(sheet: Sheet, explanation: Explained, warnings: Sequence[str]) -> None:
    row = explanation.row
    word, colour = _CHIPS[row.decision]
    x = _MARGIN + sheet.chip(_MARGIN, 62, word, 24, colour) + 20
    sheet.text(x, 64, readable(row.label) if row.label else "no answer", 36, INK)
    file = row.path if row.frame is None else f"{row.path}, frame {row.frame}"
    x = _MARGIN + sheet.text(_MARGIN, 102, row.reason, 19, INK, 640)
    sheet.text(x + 25, 102, file, 19, SOFT, WIDTH - _MARGIN - x - 25)
    if warnings:
        sheet.text(WIDTH - _MARGIN, 62, ". ".join(warnings), 19, _CHIPS["outlier"][1], anchor="rs")


def _panels(sheet: Sheet, explanation: Explained, top: int) -> None:
    pixels, drawn = explanation.pixels, explanation.map
    height, width = pixels.shape
    strongest = float(np.abs(drawn.evidence.drawn).max()) or 1.0
    intensity = placed(drawn.evidence.drawn / np.float32(strongest), drawn.box, (height, width))
    scale = _PANEL / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    slice_ = Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)
    over = Image.fromarray(intensity).resize(size, Image.Resampling.BILINEAR)
    mapped = overlaid(np.asarray(slice_).clip(0, 1), np.asarray(over).clip(-1, 1))
    seen = Image.fromarray((mapped * 255).round().astype(np.uint8))
    left, middle = _MARGIN, _MARGIN + _PANEL + _GAP
    for x, title, picture in (
        (left, "The slice", grey_picture(np.asarray(slice_))),
        (middle, f"What speaks for {readable(drawn.label)}", seen),
    ):
        sheet.text(x, top - 10, title, 19, SOFT, _PANEL)
        sheet.draw.rectangle((x, top, x + _PANEL - 1, top + _PANEL - 1), NIGHT)
        sheet.picture(x + (_PANEL - size[0]) // 2, top + (_PANEL - size[1]) // 2, picture)
    x, y = middle + (_PANEL - size[0]) // 2, top + (_PANEL - size[1]) // 2
    if drawn.box != (0, 0, width, height):
        corners = (x + drawn.box.left * scale, y + drawn.box.top * scale, x + drawn.box.right * scale - 1)
        sheet.draw.rectangle((*corners, y + drawn.box.bottom * scale - 1), outline="#8a8a8a")
    _legend(sheet, middle, top + _PANEL + 28, explanation)


def _legend(sheet: Sheet, x: int, y: int, explanation: Explained) -> None:
    signed = bool((explanation.map.values < 0).any())
    sheet.text(x, y, "against" if signed else "nothing", 16, SOFT)
    ramp = np.linspace(-1 if signed else 0, 1, 160, dtype=np.float32)[None].repeat(12, 0)
    colours = overlaid(np.full(ramp.shape, 0.35, np.float32), ramp)
    sheet.picture(x + 70, y - 11, Image.fromarray((colours * 255).round().astype(np.uint8)))
    sheet.text(x + 240, y, "for", 16, SOFT)
    sheet.text(x + _PANEL, y, f"map: {explanation.map.method}", 16, SOFT, anchor="rs")


def _bars(sheet: Sheet, explanation: Explained, limits: Limits, x: int, top: int) -> None:
    row, likeliest = explanation.row, explanation.map.label
    shares = row.probabilities or {}
    names = sorted(sorted(shares, key=lambda name: -shares[name])[:_MOST_BARS], key=list(shares).index)
    sheet.text(x, top - 10, "Probabilities, calibrated", 19, SOFT)
    y = top + 18
    for name in names:
        sheet.text(x, y, readable(name), 18, INK, _BAR - 60)
        sheet.text(x + _BAR, y, f"{shares[name]:.3f}", 18, INK, anchor="rs")
        colour = _CHIPS[row.decision][1] if name == likeliest else _OTHER
        sheet.bar(x, y + 9, _BAR, shares[name], colour, limits.answer)
        y += 56
    rest = f"; {len(shares) - len(names)} classes more" if len(shares) > len(names) else ""
    sheet.text(x, y, f"| below {limits.answer:.2f} the model abstains{rest}", 16, SOFT)
    score = row.outlier_score or 0.0
    end = max(1.25 * score, 1.5 * limits.outlier) or 1.0
    y += 48
    sheet.text(x, y, "Outlier score", 18, INK)
    sheet.text(x + _BAR, y, f"{score:.3f}", 18, INK, anchor="rs")
    colour = _CHIPS["outlier"][1] if row.decision == "outlier" else _OTHER
    sheet.bar(x, y + 9, _BAR, score / end, colour, limits.outlier / end)
    sheet.text(x, y + 48, f"| above {limits.outlier:.2f} a slice is an outlier", 16, SOFT)


def _neighbours(sheet: Sheet, explanation: Explained, pictures: Sequence[Shown], y: int, text: int) -> None:
    sheet.draw.line((_MARGIN, y - 38, WIDTH - _MARGIN, y - 38), RULE)
    sheet.text(_MARGIN, y, "Nearest training slices", 19, SOFT)
    step = (WIDTH - 2 * _MARGIN + _GAP) // max(5, len(pictures))
    room = step - _GAP
    for number, (one, shown) in enumerate(zip(explanation.neighbours, pictures, strict=True)):
        x = _MARGIN + number * step
        if shown.pixels is not None:
            sheet.picture(x, y + 18, grey_picture(shown.pixels).resize((_CARD, _CARD), Image.Resampling.BICUBIC))
        elif text > y + _CARD:
            sheet.draw.rectangle((x, y + 18, x + _CARD - 1, y + 17 + _CARD), "#f2f2f2")
            sheet.text(x + _CARD / 2, y + 18 + _CARD / 2, shown.reason, 16, SOFT, _CARD, "ms")
        agrees = one.label == explanation.map.label
        sheet.draw.ellipse((x, text + 3, x + 12, text + 15), _CHIPS[explanation.row.decision][1] if agrees else _OTHER)
        sheet.text(x + 20, text + 16, readable(one.label), 18, INK, room - 20)
        sheet.text(x, text + 40, f"distance {one.distance:.3f}", 16, SOFT, room)
        sheet.text(x, text + 62, one.path, 14, SOFT, room)
