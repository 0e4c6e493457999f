"""How often the 95 % interval of the accuracy contains the truth, drawing groups and drawing single slices.

Usage: OMP_NUM_THREADS=1 python benchmarks/coverage.py [--sets 1000] [--resamples 500] [--seed 0]

A simulated group has one of 3 classes and 1 to 6 slices. Whether they are called correctly is beta-binomial:
each group has its own accuracy, 0.85 on average, such that two of its slices correlate as the table says.
"""

import argparse
import math

import numpy as np
from numpy.typing import NDArray

from hilum.scoring.intervals import draw_resamples
from hilum.scoring.metrics import chunks, counted

_ACCURACY = 0.85
_CLASSES = 3
_SIZES = [0.25, 0.22, 0.18, 0.15, 0.1, 0.1]  # of 1 to 6 slices, 2.93 on average


def main() -> None:
    """Prints a Markdown table, a row for each number of groups and correlation."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sets", type=int, default=1000, help="simulated sets a row")
    parser.add_argument("--resamples", type=int, default=500, help="resamples a set")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    error = 100 * math.sqrt(0.95 * 0.05 / options.sets)
    print(
        f"{options.sets} sets a row, {options.resamples} resamples a set; standard error {error:.1f} points at 95 %\n"
    )
    print("| groups | correlation | coverage, groups drawn | coverage, slices drawn |")
    print("|---:|---:|---:|---:|")
    random = np.random.default_rng(options.seed)
    for groups in (30, 100, 400):
        for correlation in (0.0, 0.3, 0.8):
            hits = np.array([_covered(random, groups, correlation, options.resamples) for _ in range(options.sets)])
            by_group, by_slice = 100 * hits.mean(0)
            print(f"| {groups} | {correlation} | {by_group:.1f} % | {by_slice:.1f} % |", flush=True)


def _covered(random: np.random.Generator, groups: int, correlation: float, resamples: int) -> list[bool]:
    """Whether the interval of one simulated set contains the truth, drawing groups and drawing slices."""
    sizes = random.choice(np.arange(1, 7), groups, p=_SIZES)
    spread = (1 - correlation) / correlation if correlation else np.inf
    own = (
        random.beta(_ACCURACY * spread, (1 - _ACCURACY) * spread, groups) if correlation else np.full(groups, _ACCURACY)
    )
    members = np.repeat(np.arange(groups), sizes)
    labels = np.arange(groups)[members] % _CLASSES
    correct = random.random(len(members)) < own[members]
    seed = int(random.integers(1 << 32))
    return [
        _contains(labels, correct, drawn, resamples, seed)
        for drawn in (members, np.arange(len(members), dtype=np.intp))
    ]


def _contains(
    labels: NDArray[np.intp], correct: NDArray[np.bool_], drawn: NDArray[np.intp], resamples: int, seed: int
) -> bool:
    probabilities = np.eye(_CLASSES)[np.where(correct, labels, (labels + 1) % _CLASSES)]
    _, *parts = chunks(draw_resamples(labels, drawn, resamples, seed))
    accuracies = np.concatenate([counted(labels, probabilities, part)["accuracy"] for part in parts])
    low, high = np.quantile(accuracies, [0.025, 0.975])
    return bool(low <= _ACCURACY <= high)


if __name__ == "__main__":
    main()
