"""Faults of real data sets, planted in a phantom set for the audit to find."""

import shutil
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hilum.phantom.rendering import draw_patient, render, save
from hilum.slices.labels import CLASSES, SYNTHETIC_PREFIX
from hilum.slices.layout import SliceFile

LEAKED, COPY, CONFLICT, MARK, NO_SLICE = "leaked patient", "exact copy", "label conflict", "shortcut", "no slice"
_LEAKED_SLICES, _COPIES = 3, 4
_MARKED = 12  # number of slices, or a third of the class if it has few
_EDGE = 3  # pixels between writing and the picture's edge
_SIDE = 256  # side in pixels of a picture that is not a slice
_PAGE = (
    "This page was drawn by hilum. It stands for a letter or a report that lies among the slices of a class by "
    "mistake, as happens when a folder is exported whole. It shows no chest, and it speaks of no patient. A model "
    "that is trained on it learns that a white page is a sign of the class."
)


@dataclass(frozen=True)
class Fault:
    """One planted file.

    Attributes:
        fault: Kind of the fault.
        path: Path of the file in the set.
        other: Path of the file that it copies or belongs to, or an empty text.
        sentence: Sentence that says what is wrong with the file.
    """

    fault: str
    path: str
    other: str
    sentence: str


def plant(folder: Path, files: Sequence[SliceFile], seed: int) -> tuple[list[SliceFile], list[Fault]]:
    """Plants the faults among the slices of a phantom set; the same arguments give the same bytes.

    Args:
        folder: The folder of the set.
        files: Its slices, with their groups.
        seed: Seed of the set.

    Returns:
        The files that were added, and all faults: those of added files and those of marked slices.
    """
    planter = _Planter(folder, files, seed)
    leaked, confused, marked = planter.random.permutation([label for label in CLASSES if label != "normal"]).tolist()
    faults = [
        *planter.leak(leaked),
        *planter.copy("normal"),
        planter.confuse(confused, leaked),
        *planter.mark(marked),
        *planter.add_no_slices(),
    ]
    return planter.added, faults


class _Planter:
    """A set and the files that were added to it; no slice gets two faults."""

    def __init__(self, folder: Path, files: Sequence[SliceFile], seed: int) -> None:
        self.random = np.random.default_rng([*b"faults", seed])
        self.added: list[SliceFile] = []
        self._folder, self._seed = folder, seed
        self._shown = Counter(str(file.group) for file in files)
        self._free = [file for file in files if file.split == "train"]

    def leak(self, label: str) -> Iterator[Fault]:
        """Adds slices of a training patient to test, from between the levels that train shows."""
        (seen,) = self._take(label, 1)
        group = str(seen.group)
        shown = self._shown[group]
        patient = draw_patient(self._seed, int(group[1:]), shown, label)
        between = (patient.levels[1:] + patient.levels[:-1])[:_LEAKED_SLICES] / 2
        patient = replace(patient, levels=np.concatenate([patient.levels, between]))
        for index in range(shown, len(patient.levels)):
            path = self._add("test", label, group, index)
            save(Image.fromarray(render(patient, index)), self._folder / path)
            yield Fault(LEAKED, path, seen.path, f"A slice of patient {group}, whose other slices are in train.")

    def copy(self, label: str) -> Iterator[Fault]:
        """Copies training files to test, under other names and patient ids."""
        for file in self._take(label, _COPIES):
            path = self._add("test", label)
            shutil.copyfile(self._folder / file.path, self._folder / path)
            yield Fault(COPY, path, file.path, f"The same file as {file.path}, under another name and patient id.")

    def confuse(self, label: str, other: str) -> Fault:
        """Copies a training file to another class."""
        (file,) = self._take(label, 1)
        path = self._add("train", other)
        shutil.copyfile(self._folder / file.path, self._folder / path)
        return Fault(CONFLICT, path, file.path, f"The same picture as {file.path}, under another class.")

    def mark(self, label: str) -> Iterator[Fault]:
        """Burns writing into training slices of one class only."""
        many = sum(file.label == label for file in self._free)
        for file in self._take(label, min(_MARKED, many // 3)):
            with Image.open(self._folder / file.path) as image:
                marked = _written_on(image.convert("L"), self.random)
            save(marked, self._folder / file.path)
            yield Fault(MARK, file.path, "", f"Burnt-in writing, which only training slices of {label} carry.")

    def add_no_slices(self) -> Iterator[Fault]:
        """Adds a photograph and a page of text to the training slices of two classes."""
        classes = self.random.permutation(CLASSES).tolist()
        for label, draw, what in zip(classes, (_photograph, _page), ("photograph", "page of text"), strict=False):
            path = self._add("train", label)
            save(draw(self.random), self._folder / path)
            yield Fault(NO_SLICE, path, "", f"A drawn {what}, not a slice of a chest.")

    def _take(self, label: str, many: int) -> list[SliceFile]:
        """Up to `many` training slices of a class that have no fault yet."""
        free = [file for file in self._free if file.label == label]
        taken = [free[place] for place in self.random.permutation(len(free))[:many].tolist()]
        self._free = [file for file in self._free if file not in taken]
        return taken

    def _add(self, split: str, label: str, group: str | None = None, index: int = 0) -> str:
        """The path of a new file of a patient; None is a new patient."""
        if group is None:
            group = f"p{len(self._shown):03d}"
            self._shown[group] = 1
        path = f"{split}/{label}/{SYNTHETIC_PREFIX}{group}-s{index}.png"
        self.added.append(SliceFile(path, label, "test" if split == "test" else "train", group))
        return path


def _written_on(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """A slice with series and image number in its darkest corner, as scanners write them."""
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(12)
    text = f"SE {random.integers(1, 10)} IM {random.integers(10, 100)}"
    left, top, right, bottom = pen.textbbox((0, 0), text, font)
    across, down = image.width - _EDGE - right, image.height - _EDGE - bottom
    corners = [(x, y) for y in (_EDGE - top, down) for x in (_EDGE - left, across)]
    grey = np.asarray(image)

    def brightness(corner: tuple[float, float]) -> float:
        x, y = round(corner[0] + left), round(corner[1] + top)
        return float(grey[y : y + round(bottom - top), x : x + round(right - left)].mean())

    pen.text(min(corners, key=brightness), text, fill=255, font=font)
    return image


def _photograph(random: np.random.Generator) -> Image.Image:
    """A bright sky with a sun over three dark ranges of hills."""
    x, y = np.meshgrid(np.linspace(0, 1, _SIDE), np.linspace(0, 1, _SIDE))
    grey: NDArray[np.float64] = 235 - 70 * y
    sun_x, sun_y = random.uniform(0.2, 0.8), random.uniform(0.1, 0.25)
    grey = np.where(np.hypot(x - sun_x, y - sun_y) < 0.07, 255, grey)
    for height, shade in ((0.5, 120), (0.65, 80), (0.8, 45)):
        waves = sum(np.sin(x * rate + random.uniform(0, 6)) / rate for rate in random.uniform(4, 30, 5))
        grey = np.where(y > height + 0.3 * waves, shade, grey)
    return Image.fromarray((grey + random.normal(0, 4, grey.shape)).clip(0, 255).round().astype(np.uint8))


def _page(random: np.random.Generator) -> Image.Image:
    """Black lines of words on a white page."""
    image = Image.new("L", (_SIDE, round(_SIDE * 1.41)), 250)
    lines = [f"Report {random.integers(1000, 10000)}", "", *textwrap.wrap(_PAGE, 34)]
    ImageDraw.Draw(image).multiline_text((24, 28), "\n".join(lines), 20, ImageFont.load_default(12), spacing=6)
    return image
