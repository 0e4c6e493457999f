"""How long judging predictions on N slices takes beside reading and auditing them, and how much memory.

Usage: OMP_NUM_THREADS=1 python benchmarks/judging.py N [--models 1] [--seed 0]

Slices and their audit are put together in memory: groups of look-alikes of random sizes, some slices that are the same,
and some copies. What was trained on is of one class, so that there are no floors, whose work is that of the audit.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from hilum.audit.audit import Audit
from hilum.audit.conflicts import Conflicts
from hilum.audit.duplicates import LOOK_ALIKE, SAME_SLICE, Links
from hilum.audit.groups import Groups, labels_conflict
from hilum.audit.picture_checks import Look
from hilum.judging.judge import Judgement, judge
from hilum.slices.file_info import SliceFacts
from hilum.slices.labels import CLASSES
from hilum.slices.rows import SliceRow
from hilum.slices.table import SliceTable

_TRAINED = 4  # test slices for a training slice
_GROUP = 5  # slices of a group of look-alikes, on average
_SAME, _COPIES = 0.05, 0.02


def main() -> None:
    """Prints the processor seconds and the memory of each part."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("count", type=int, metavar="N")
    parser.add_argument("--models", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    table, audit = made(options.count, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "predictions.csv"
        frame = pd.concat(
            [predictions(table, options.seed + one).assign(model=f"model {one}") for one in range(options.models)]
        )
        frame.to_csv(file, index=False)
        del frame
        before, start = _peak(), time.process_time()
        judgement: Judgement = judge(file, table, audited=audit, seed=options.seed)
        middle, judged = time.process_time(), _peak()
        judgement.save(Path(folder) / "run")
        end, saved = time.process_time(), _peak()
    protocols = judgement.record.protocols
    print(f"{len(judgement.results)} models; slices: {', '.join(f'{of.title} {of.scored:,}' for of in protocols)}")
    print(f"judging: {middle - start:.1f} s, {judged - before:.0f} MB")
    print(f"writing the run folder: {end - middle:.1f} s, {saved - judged:.0f} MB more")


def made(count: int, seed: int = 0) -> tuple[SliceTable, Audit]:
    """A table with so many slices of test, which is on no disk, and its audit."""
    random = np.random.default_rng(seed)
    n = count + count // _TRAINED
    split = np.where(np.arange(n) < count // _TRAINED, "train", "test")
    chest = random.integers(0, n // _GROUP, n)
    labels = np.where(split == "train", 0, chest % len(CLASSES))
    first = np.unique(chest, return_index=True)[1][np.unique(chest, return_inverse=True)[1]]
    copied = (random.random(n) < _COPIES) & (first < np.arange(n)) & (split == "test")
    picture = np.unique(np.where(copied, first, np.arange(n)), return_inverse=True)[1]
    ends = np.stack([picture[first], picture], 1)[~copied & (first < np.arange(n))]
    alike = np.where(random.random(len(ends)) < _SAME, 0.995, 0.9)
    links = Links(int(picture.max()) + 1, LOOK_ALIKE - 0.02, ends, alike, np.zeros(len(ends), np.bool_))
    rows = tuple(
        SliceRow(
            f"{of}/{CLASSES[label]}/{number:07}.png",
            CLASSES[label],
            of,
            None,
            SliceFacts(f"{number:064x}", f"{one:064x}", 64, 64, "PNG", "L", False, 999, None, 0.0),
        )
        for number, (of, label, one) in enumerate(zip(split.tolist(), labels.tolist(), picture.tolist(), strict=True))
    )
    table = SliceTable(Path("nowhere"), rows, CLASSES, (), ())
    same, look_alike = (links.groups(at)[picture] for at in (SAME_SLICE, LOOK_ALIKE))
    none = Conflicts(np.empty((0, 2), np.intp), np.empty(0), 0)
    groups = Groups(
        *(picture, links, same, look_alike, LOOK_ALIKE, "default", None, None, labels_conflict(labels, same), none)
    )
    looks = tuple(Look(row.facts.content, None, False, False, False, 0.0, 0.5, 0.1, 0.3, None) for row in rows)
    return table, Audit(table, groups, groups.slices_of(table), looks, {}, {}, seed, (), "normal", None)


def predictions(table: SliceTable, seed: int = 0, sure: float = 1.0) -> pd.DataFrame:
    """Probabilities for the slices of test that know the class a little, or with a sureness of 0 nothing of it."""
    rows = np.flatnonzero(table.in_split("test"))
    random = np.random.default_rng(seed)
    logits = random.normal(size=(len(rows), len(table.classes))) + sure * np.eye(len(table.classes))[table.labels[rows]]
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return pd.DataFrame(shares, columns=list(table.classes)).assign(path=[table.rows[row].path for row in rows])


def _peak() -> float:
    """The largest memory that the process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
