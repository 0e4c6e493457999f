"""Grey pictures that a model for chest CT slices should refuse, made or taken from installed packages; no download.

Every kind is drawn from a seed of its own, so that the same packages give the same pictures. Digits and faces are
different scans and photographs; other photographs are whole pictures and tiles of them that do not overlap; textures,
documents and plots are drawn. What comes from other CT stands apart.
"""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib
import numpy as np
import pydicom
import skimage
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pydicom.data import get_testdata_file
from scipy import ndimage
from sklearn.datasets import load_digits, load_sample_images

from hilum.phantom.rendering import draw_patient, render

Grey = NDArray[np.float32]  # [height, width] in [0, 1]

_FACES = "lfw_subset.npy"
_NO_PHOTOGRAPHS = ("chessboard", "color", "logo", "multipage", "no_time", "phantom", "page", "text", "horse")
_FONTS = ("DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "cmr10.ttf", "STIXGeneral.ttf")
# fmt: off
_WORDS = (
    "the", "of", "and", "to", "in", "is", "was", "for", "with", "on", "as", "by", "at", "from", "report", "page",
    "total", "date", "name", "table", "value", "order", "invoice", "letter", "meeting", "result", "number",
    "street", "city", "account", "amount", "note", "chapter", "figure", "method", "study", "section", "copy",
    "draft", "final",
)
# fmt: on


def not_ct() -> dict[str, list[Grey]]:
    """Pictures that are no CT, by kind."""
    return {
        "photographs": list(_photographs()),
        "faces": list(_faces()),
        "digits": list(_digits(200)),
        "textures": [_texture(np.random.default_rng([1, number]), number) for number in range(300)],
        "documents": [_document(np.random.default_rng([2, number])) for number in range(200)],
        "plots": [_plot(np.random.default_rng([3, number]), number) for number in range(200)],
    }


def other_scans() -> dict[str, list[Grey]]:
    """Medical pictures that are no slice of a chest, or no picture of this data set's kind, by kind."""
    scans: dict[str, list[Grey]] = {"CT test files of pydicom": [], "other test files of pydicom": []}
    for modality, pixels in _test_files():
        scans["CT test files of pydicom" if modality == "CT" else "other test files of pydicom"].append(pixels)
    for organ, draw in (("abdomens", _abdomen), ("heads", _head), ("thighs", _thighs)):
        scans[f"drawn {organ}"] = [draw(np.random.default_rng([4, number])) for number in range(100)]
    scans["phantom chests of hilum"] = [
        (render(draw_patient(5, number, 3, "normal"), 1) / 255).astype(np.float32) for number in range(100)
    ]
    scans["Shepp-Logan head"] = [_grey(Path(skimage.__file__).parent / "data" / "phantom.png")]
    return scans


def _grey(path: Path) -> Grey:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB").convert("L"), np.float32) / 255


def _photographs() -> Iterator[Grey]:
    folder = Path(skimage.__file__).parent / "data"
    sample = Path(matplotlib.get_data_path()) / "sample_data"
    whole = [
        _grey(path)
        for path in sorted([*folder.glob("*.png"), *folder.glob("*.jpg")])
        if not path.name.startswith(_NO_PHOTOGRAPHS)
    ]
    whole.append(_grey(sample / "grace_hopper.jpg"))
    whole += [np.asarray(Image.fromarray(each).convert("L"), np.float32) / 255 for each in load_sample_images().images]
    yield from whole
    for pixels in whole:
        for top in range(0, pixels.shape[0] - 149, 150):
            for left in range(0, pixels.shape[1] - 149, 150):
                yield pixels[top : top + 150, left : left + 150]


def _faces() -> Iterator[Grey]:
    """100 faces and 100 pieces of background, of 25 x 25 pixels."""
    for pixels in np.load(Path(skimage.__file__).parent / "data" / _FACES):
        yield _enlarged(pixels.astype(np.float32), 200)


def _digits(count: int) -> Iterator[Grey]:
    chosen = np.random.default_rng(0).permutation(1797)[:count]
    for number, pixels in enumerate(load_digits().images[chosen].astype(np.float32) / 16):
        yield _enlarged(1 - pixels if number % 2 else pixels, 200)


def _enlarged(pixels: Grey, side: int) -> Grey:
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC)).clip(0, 1)


def _texture(random: np.random.Generator, number: int) -> Grey:
    side = int(random.integers(200, 500))
    y, x = np.mgrid[:side, :side] / side
    angle, waves = random.uniform(0, np.pi), random.uniform(3, 40)
    along = x * np.cos(angle) + y * np.sin(angle)
    across = y * np.cos(angle) - x * np.sin(angle)
    kinds: list[Callable[[], NDArray[np.float64]]] = [
        lambda: ndimage.gaussian_filter(random.standard_normal((side, side)), random.uniform(0.1, 25)),
        lambda: np.sin(2 * np.pi * waves * along),
        lambda: np.sign(np.sin(2 * np.pi * waves * along) * np.sin(2 * np.pi * waves * across)),
        lambda: along + random.uniform(0, 0.1) * random.standard_normal((side, side)),
        lambda: (
            ndimage.gaussian_filter(random.standard_normal((side, side)), random.uniform(4, 20))
            > random.normal(0, 0.01)
        ).astype(np.float64),
        lambda: sum(
            np.exp(-((x - a) ** 2 + (y - b) ** 2) / r**2)
            for a, b, r in zip(random.random(30), random.random(30), random.uniform(0.02, 0.15, 30), strict=True)
        ),
    ]
    values = kinds[number % len(kinds)]()
    low, high = values.min(), values.max()
    scaled = (values - low) / (high - low) * random.uniform(0.5, 1) + random.uniform(0, 0.2)
    return scaled.clip(0, 1).astype(np.float32)


def _document(random: np.random.Generator) -> Grey:
    width, height = int(random.integers(300, 700)), int(random.integers(300, 900))
    image = Image.new("L", (width, height), int(random.integers(225, 256)))
    pen = ImageDraw.Draw(image)
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    size = int(random.integers(9, 26))
    font = ImageFont.truetype(fonts / str(random.choice(_FONTS)), size)
    margin, y = int(random.integers(10, 60)), int(random.integers(10, 60))
    ink = int(random.integers(0, 80))
    while y < height - size:
        line = ""
        while random.random() > 0.03 and font.getlength(line) < width - 2.5 * margin:
            line += str(random.choice(_WORDS)) + " "
        pen.text((margin, y), line, fill=ink, font=font)
        y += int(size * random.uniform(1.2, 1.5)) + (size if random.random() < 0.1 else 0)
        if random.random() < 0.04:
            pen.line((margin, y, width - margin, y), fill=ink, width=2)
    pixels = np.asarray(image, np.float32) / 255
    if random.random() < 0.3:
        pixels = 1 - pixels
    return pixels


def _plot(random: np.random.Generator, number: int) -> Grey:
    figure = Figure(figsize=(random.uniform(3, 6), random.uniform(3, 5)), dpi=80)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    many = int(random.integers(5, 60))
    kind = number % 6
    if kind == 0:
        for _ in range(int(random.integers(1, 6))):
            axes.plot(random.standard_normal(many).cumsum())
    elif kind == 1:
        axes.scatter(random.random(many * 5), random.random(many * 5), s=random.uniform(3, 80))
    elif kind == 2:
        axes.bar(np.arange(many // 2 + 2), random.random(many // 2 + 2))
    elif kind == 3:
        axes.imshow(random.random((many // 4 + 2, many // 4 + 2)), cmap="gray" if random.random() < 0.5 else "viridis")
    elif kind == 4:
        axes.pie(random.random(int(random.integers(2, 9))))
    else:
        axes.contourf(ndimage.gaussian_filter(random.standard_normal((60, 60)), random.uniform(3, 9)))
    if random.random() < 0.7:
        axes.set_title("of ".join(random.choice(_WORDS, 2)))
    if kind != 4 and random.random() < 0.5:
        axes.grid()
    if random.random() < 0.2:
        figure.set_facecolor("black")
    canvas.draw()
    colours = np.asarray(canvas.buffer_rgba())[..., :3]
    return np.asarray(Image.fromarray(colours).convert("L"), np.float32) / 255


def _test_files() -> Iterator[tuple[str, Grey]]:
    """The modality and first frame of every distinct picture among the test files that are installed and decode."""
    folder = Path(str(get_testdata_file("CT_small.dcm"))).parent
    seen = set()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            with warnings.catch_warnings(action="ignore"):
                file = pydicom.dcmread(path)
                frame = np.asarray(file.pixel_array, np.float32)
        except Exception:  # many of these files are broken on purpose, or need a decoder that is not installed
            continue
        if file.get("NumberOfFrames", 1) > 1:
            frame = frame[0]
        if frame.ndim == 3:
            frame = frame.mean(-1)
        if frame.ndim != 2 or min(frame.shape) < 32 or frame.min() == frame.max():
            continue
        if file.get("Modality") == "CT":  # shown as a chest would be
            levels = frame * float(file.get("RescaleSlope", 1)) + float(file.get("RescaleIntercept", 0))
            pixels = ((levels + 1000) / 1600).clip(0, 1)
        else:
            low, high = np.percentile(frame, [1, 99])
            pixels = ((frame - low) / max(high - low, 1e-6)).clip(0, 1)
        key = ndimage.zoom(pixels, [16 / side for side in pixels.shape], order=1).round(1).tobytes()
        if key not in seen:
            seen.add(key)
            yield str(file.get("Modality")), pixels.astype(np.float32)


def _ellipse(shape: tuple[int, int], x: float, y: float, a: float, b: float, turn: float = 0.0) -> NDArray[np.bool_]:
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
    u = (columns / shape[1] - x) * np.cos(turn) + (rows / shape[0] - y) * np.sin(turn)
    v = (rows / shape[0] - y) * np.cos(turn) - (columns / shape[1] - x) * np.sin(turn)
    inside: NDArray[np.bool_] = (u / a) ** 2 + (v / b) ** 2 < 1
    return inside


def _shown(random: np.random.Generator, levels: NDArray[np.float64]) -> Grey:
    """Levels in HU, blurred and noisy as a scanner has them, in a window for the lungs as the phantom's."""
    noisy = ndimage.gaussian_filter(levels, 1) + 15 * ndimage.gaussian_filter(random.standard_normal(levels.shape), 0.7)
    low = random.uniform(-990, -910)
    return ((noisy - low) / random.uniform(1580, 1820)).clip(0, 1).astype(np.float32)


def _abdomen(random: np.random.Generator) -> Grey:
    shape = (int(random.integers(240, 320)), int(random.integers(320, 420)))
    u, levels = random.uniform, np.full(shape, -1000.0)
    parts = [
        (0.5, 0.5, 0.46, 0.44, -100, 0.0),
        (0.5, 0.5, u(0.41, 0.44), u(0.38, 0.41), 50, 0.0),
        (0.5, 0.47, u(0.37, 0.39), u(0.31, 0.34), -90, 0.0),
        (0.32, 0.4, u(0.16, 0.2), u(0.2, 0.25), u(90, 120), 0.3),  # liver
        (0.78, 0.5, 0.07, u(0.1, 0.14), u(100, 130), -0.3),  # spleen
        (0.34, 0.64, 0.06, 0.08, u(100, 180), 0.2),
        (0.67, 0.64, 0.06, 0.08, u(100, 180), -0.2),  # kidneys
        (0.5, 0.68, 0.07, 0.09, 350, 0.0),  # spine
        (0.5, 0.78, 0.03, 0.03, 20, 0.0),
        (0.53, 0.55, 0.03, 0.035, u(120, 250), 0.0),  # aorta
    ]
    for _ in range(int(random.integers(6, 14))):  # bowel, some with gas
        parts.append((u(0.35, 0.7), u(0.25, 0.55), u(0.02, 0.06), u(0.02, 0.06), -800 if u() < 0.3 else 30, u(0, 3)))
    for x, y, a, b, level, turn in parts:
        levels[_ellipse(shape, x, y, a, b, turn)] = level
    return _shown(random, levels)


def _head(random: np.random.Generator) -> Grey:
    shape = (int(random.integers(280, 360)), int(random.integers(220, 280)))
    u, levels, a = random.uniform, np.full(shape, -1000.0), random.uniform(0.4, 0.44)
    for shrink, level in ((0.0, -20.0), (0.02, 900.0), (0.055, 35.0)):
        levels[_ellipse(shape, 0.5, 0.5, a - shrink, 0.45 - shrink)] = level
    for side in (-1, 1):
        levels[_ellipse(shape, 0.5 + side * 0.06, u(0.42, 0.5), 0.025, u(0.08, 0.14), side * 0.2)] = 8
    levels[_ellipse(shape, 0.5, 0.5, 0.006, 0.38)] = 15
    return _shown(random, levels)


def _thighs(random: np.random.Generator) -> Grey:
    shape = (int(random.integers(200, 260)), int(random.integers(380, 460)))
    u, levels = random.uniform, np.full(shape, -1000.0)
    for side in (-1, 1):
        x, y = 0.5 + side * 0.24, u(0.47, 0.53)
        size = u(0.9, 1.05)
        for a, b, level in ((0.225, 0.42, -100), (0.185, 0.35, 55), (0.04, 0.075, 1000), (0.018, 0.034, -60)):
            levels[_ellipse(shape, x, y, a * size, b * size)] = level
        for _ in range(6):
            levels[_ellipse(shape, x + u(-0.12, 0.12), y + u(-0.2, 0.2), 0.006, u(0.04, 0.1), u(0, 3))] = -90
    return _shown(random, levels)
