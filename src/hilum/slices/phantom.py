"""A synthetic thorax data set, so that the first command works without any download."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from hilum.errors import HilumError
from hilum.outputs import OutputFolder, write_text
from hilum.progress import Advance
from hilum.slices.labels import CLASSES, SPLITS, SYNTHETIC_PREFIX
from hilum.slices.phantom_slice import draw_patient, render

FEWEST = len(CLASSES) * len(SPLITS) * 3  # a patient has three slices or more


@dataclass(frozen=True)
class PhantomSet:
    """What was written: the folder, the number of slices (files) and of phantom patients."""

    folder: Path
    slices: int
    patients: int


def _plan(slices: int, seed: int) -> list[tuple[str, str, int]]:
    """Label, split and number of slices of every patient; a patient's number says nothing about either."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[str, str, int]] = []
    for place, label in enumerate(rng.permutation(CLASSES).tolist()):
        files = slices // len(CLASSES) + (place < slices % len(CLASSES))
        shown = [3] * max(len(SPLITS), round(files / 4))
        for _ in range(files - sum(shown)):
            shown[rng.choice([n for n, many in enumerate(shown) if many < 6])] += 1
        valid, test = max(1, round(len(shown) * 0.1)), max(1, round(len(shown) * 0.2))
        splits = ["valid"] * valid + ["test"] * test + ["train"] * (len(shown) - valid - test)
        rows += [(label, split, many) for split, many in zip(splits, shown, strict=True)]
    return [rows[n] for n in rng.permutation(len(rows))]


def write_phantom(folder: str | Path, slices: int, seed: int, advance: Advance = lambda: None) -> PhantomSet:
    """Writes a labelled set of synthetic slices as `<split>/<class>/synthetic-p<patient>-s<slice>.png`.

    The classes have about equal shares; about 70, 10 and 20 % of the patients of each are in train, valid and test, and
    a patient is in one of them only. `table.csv` (path, label, split, group) lists the files, `SYNTHETIC.txt` says what
    they are. The same arguments give the same bytes. An interrupted run leaves nothing half-made.

    Args:
        folder: A folder that does not exist yet, or is empty.
        slices: How many files to write, at least 36.
        seed: Of everything random, 0 or more.
        advance: Called after every file, for a progress bar.

    Raises:
        HilumError: The folder holds something or cannot be written, there are too few slices, or the seed is negative.
    """
    folder = Path(folder).resolve()
    if slices < FEWEST:
        raise HilumError(f"{slices} slices are too few for every class in every split. Ask for {FEWEST} or more.")
    if seed < 0:
        raise HilumError(f"The seed is {seed}. Give 0 or a positive number.")
    plan = _plan(slices, seed)
    with OutputFolder(folder, None, option="FOLDER") as out, out.writing() as made:
        _write_files(made, plan, seed, advance)
    return PhantomSet(folder, slices, len(plan))


def _write_files(folder: Path, plan: list[tuple[str, str, int]], seed: int, advance: Advance) -> None:
    info, rows = PngInfo(), []
    info.add_text("Synthetic", "hilum phantom")
    for number, (label, split, shown) in enumerate(plan):
        patient, group = draw_patient(seed, number, shown, label), f"p{number:03d}"
        (folder / split / label).mkdir(parents=True, exist_ok=True)
        for index in range(shown):
            rows.append((f"{split}/{label}/{SYNTHETIC_PREFIX}{group}-s{index}.png", label, split, group))
            Image.fromarray(render(patient, index)).save(folder / rows[-1][0], pnginfo=info)
            advance()
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows([("path", "label", "split", "group"), *sorted(rows)])
    write_text(folder / "table.csv", table.getvalue())
    text = (
        f"These {len(rows)} pictures are synthetic phantom slices made by hilum (seed {seed}), not patients.\n"
        "They show that hilum works, and a score on them says nothing about real slices.\n"
    )
    write_text(folder / "SYNTHETIC.txt", text)
