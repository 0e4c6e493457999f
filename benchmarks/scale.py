"""How long linking near-duplicates takes, and how much memory, on N synthetic signatures.

Usage: OMP_NUM_THREADS=1 python benchmarks/scale.py N [--data FOLDER] [--lowest 0.85] [--seed 0]

Signatures are those of a folder of slices (or of a phantom of 240), warped, shifted and brightened into chests of 20
slices, which differ by a little more of the same and by noise. One in a hundred is then replaced by a nearly equal copy
of another, half of these turned by right angles or mirrored.
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

import hilum
from hilum.audit.duplicates import LOOK_ALIKE, SAME_SLICE, link, lowest_of
from hilum.audit.signature import SIDE, signatures

_PHANTOM = 240
_SLICES = 20  # of a chest
_LITTLE = 0.2  # of the change from chest to chest, from slice to slice
_COPIES = 0.01


def main() -> None:
    """Prints one row of a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("count", type=int, metavar="N")
    parser.add_argument("--data", type=Path, help="slices to start from; a phantom without it")
    parser.add_argument("--lowest", type=float, help="weakest likeness to look for; the audit's own without it")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    lowest = lowest_of(options.count) if options.lowest is None else options.lowest
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HILUM_CACHE"] = str(Path(folder, "cache"))
        data = options.data
        if data is None:
            data = hilum.write_phantom(Path(folder, "phantom"), _PHANTOM, options.seed).folder
        known = signatures(hilum.read_table(data)).upright
    pictures = made(known, options.count, options.seed)
    copies, originals, strengths = plant(pictures, options.seed)
    turnable = pictures.copy()  # of a folder's slices the two differ by a pixel or two
    before = _peak()
    start, working = time.perf_counter(), time.process_time()
    links = link(pictures, turnable, lowest)
    seconds, working = time.perf_counter() - start, time.process_time() - working
    same = links.groups(SAME_SLICE)
    planted = strengths > SAME_SLICE
    found = int((same[copies] == same[originals])[planted].sum())
    likeness = max(LOOK_ALIKE, lowest)
    alike = links.groups(likeness)
    cells = {
        "signatures": f"{options.count:,}",
        "looked for from": f"{lowest:.2f}",
        "seconds": f"{seconds:.0f}",
        "of the processor": f"{working:.0f}",
        "peak memory, MiB": f"{_peak():,.0f}",
        "before linking": f"{before:,.0f}",
        "copies above 0.99 found": f"{found:,} of {planted.sum():,}",
        "groups": f"{len(np.unique(alike)):,} at {likeness:.2f}",
        "largest": f"{np.bincount(alike).max():,}",
    }
    for row in (cells, ["---:"] * len(cells), cells.values()):
        print(f"| {' | '.join(row)} |")


def made(known: NDArray[np.uint8], count: int, seed: int) -> NDArray[np.uint8]:
    """Signatures `[count, side, side]`, each a known one as another patient or scanner might have given it."""
    random = np.random.default_rng(seed)
    grid = np.stack(np.mgrid[:SIDE, :SIDE]).astype(np.float32) - SIDE / 2
    pictures = np.empty((count, SIDE, SIDE), np.uint8)
    for number in range(count):
        if number % _SLICES == 0:
            picture = known[random.integers(len(known))].astype(np.float32) / 255
            chest = random.normal(size=38)
        change = chest + _LITTLE * random.normal(size=38)
        turn, scale, shift, gamma = 0.05 * change[0], 1 + 0.06 * change[1:3], 2 * change[3:5], 0.2 * change[5]
        across = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * scale
        bent = ndimage.zoom(1.5 * change[6:].reshape(2, 4, 4), (1, SIDE / 4, SIDE / 4), order=1)
        where = np.tensordot(across, grid, 1) + SIDE / 2 + shift[:, None, None] + bent
        warped = ndimage.map_coordinates(picture, where, order=1, mode="nearest")
        grey = warped ** np.exp(gamma) + random.normal(0, 0.02, warped.shape)
        pictures[number] = np.round(grey.clip(0, 1) * 255)
    return pictures


def plant(pictures: NDArray[np.uint8], seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Overwrites some pictures with nearly equal copies of others; the places of both and their correlations."""
    random = np.random.default_rng([seed, 1])
    chosen = random.permutation(len(pictures))[: 2 * round(_COPIES * len(pictures))]
    copies, originals = np.split(chosen, 2)
    strengths = []
    for number, (copy, original) in enumerate(zip(copies, originals, strict=True)):
        near = np.round((pictures[original] * 0.97 + random.normal(0, 2, (SIDE, SIDE))).clip(0, 255))
        strengths.append(np.corrcoef(near.ravel(), pictures[original].ravel())[0, 1])
        if number % 2:
            near = np.rot90(near, number % 8 // 2)[:: -1 if number % 16 > 7 else 1]
        pictures[copy] = near
    return copies, originals, np.array(strengths)


def _peak() -> float:
    """Peak memory of this process, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
