"""A synthetic thorax data set, with which the first command works without a download."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
from PIL import Image

from hilum.errors import HilumError
from hilum.outputs import OutputFolder, write_text
from hilum.phantom.faults import Fault, plant
from hilum.phantom.rendering import draw_patient, render, save
from hilum.progress import Advance
from hilum.slices.labels import CLASSES, SPLITS, SYNTHETIC_PREFIX, Split
from hilum.slices.layout import SliceFile

FEWEST = len(CLASSES) * len(SPLITS) * 3  # a patient has three slices or more


@dataclass(frozen=True)
class PhantomSet:
    """What was written: the folder, and the numbers of slices, phantom patients and planted faults."""

    folder: Path
    n_slices: int
    patients: int
    faults: int = 0


def _plan(n_slices: int, seed: int) -> list[tuple[str, Split, int]]:
    """Label, split and number of slices of each patient; the number of a patient reveals none of them."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[str, Split, int]] = []
    for place, label in enumerate(rng.permutation(CLASSES).tolist()):
        files = n_slices // len(CLASSES) + (place < n_slices % len(CLASSES))
        shown = [3] * max(len(SPLITS), round(files / 4))
        for _ in range(files - sum(shown)):
            shown[rng.choice([n for n, many in enumerate(shown) if many < 6])] += 1
        valid, test = max(1, round(len(shown) * 0.1)), max(1, round(len(shown) * 0.2))
        many_of: dict[Split, int] = {"valid": valid, "test": test, "train": len(shown) - valid - test}
        splits = [split for split, patients in many_of.items() for _ in range(patients)]
        rows += [(label, split, many) for split, many in zip(splits, shown, strict=True)]
    return [rows[n] for n in rng.permutation(len(rows))]


def write_phantom(
    folder: str | Path, n_slices: int = 400, seed: int = 0, advance: Advance = lambda: None, *, faults: bool = False
) -> PhantomSet:
    """Writes a labelled set of synthetic slices as `<split>/<class>/synthetic-p<patient>-s<slice>.png`.

    The classes have about equal shares. About 70, 10 and 20 % of the patients of each class are in train, valid and
    test, and each patient is in only one split. `table.csv` (path, label, split, group) lists the files, and
    `SYNTHETIC.txt` says what they are. The same arguments give the same bytes. An interrupted run leaves no files.

    Args:
        folder: Folder to write, which must be empty or not exist yet.
        n_slices: Number of slices, at least 36.
        seed: Random seed, 0 or more.
        advance: Called after every slice, for a progress bar.
        faults: Whether faults are planted for the audit to find: a leaked patient, exact copies, a label conflict, a
            mark that gives a class away, and files that are not slices. `faults.csv` (fault, path, other, sentence)
            lists them. Some are files in addition to the number of slices.

    Raises:
        HilumError: The folder is not empty or cannot be written, there are too few slices, or the seed is negative.

    Example:
        >>> hilum.write_phantom("drawn", 36).n_slices
        36
    """
    folder = Path(folder).resolve()
    if n_slices < FEWEST:
        raise HilumError(
            f"--slices {n_slices} is too few. Ask for {FEWEST} or more, to have every class in every split."
        )
    if seed < 0:
        raise HilumError(f"The seed must be 0 or more, not {seed}.")
    plan = _plan(n_slices, seed)
    with OutputFolder(folder, None, option="folder") as out, out.writing() as made:
        files = _draw_slices(made, plan, seed, advance)
        added, planted = plant(made, files, seed) if faults else ([], [])
        files += added
        rows = sorted((file.path, file.label, file.split, file.group) for file in files)
        _write_rows(made / "table.csv", ("path", "label", "split", "group"), rows)
        text = (
            f"These {len(files)} pictures are synthetic phantom slices made by hilum (seed {seed}), not patients.\n"
            "They show that hilum works, and a score on them says nothing about real slices.\n"
        )
        if planted:
            names = [field.name for field in fields(Fault)]
            _write_rows(made / "faults.csv", names, map(astuple, planted))
            text += f"{len(planted)} faults were planted among them for the audit to find; faults.csv lists them.\n"
        write_text(made / "SYNTHETIC.txt", text)
    return PhantomSet(folder, n_slices, len(plan), len(planted))


def _draw_slices(folder: Path, plan: list[tuple[str, Split, int]], seed: int, advance: Advance) -> list[SliceFile]:
    files = []
    for number, (label, split, shown) in enumerate(plan):
        patient, group = draw_patient(seed, number, shown, label), f"p{number:03d}"
        (folder / split / label).mkdir(parents=True, exist_ok=True)
        for index in range(shown):
            path = f"{split}/{label}/{SYNTHETIC_PREFIX}{group}-s{index}.png"
            files.append(SliceFile(path, label, split, group))
            save(Image.fromarray(render(patient, index)), folder / path)
            advance()
    return files


def _write_rows(path: Path, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows([names, *rows])
    write_text(path, table.getvalue())
