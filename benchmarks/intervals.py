"""How long the figures with intervals of a comparison take, by protocol.

Usage: OMP_NUM_THREADS=1 python benchmarks/intervals.py DATA [--models 5]

Plans, groups and the 2,000 resamples are those of DATA; predictions are drawn at random, five repeats of the folds,
since the time does not depend on what they are.
"""

import argparse
import time
from pathlib import Path

import numpy as np

import hilum
from hilum.audit.groups import find_groups
from hilum.comparison.result import ModelResult, Seconds
from hilum.comparison.scores import score_models
from hilum.scoring.options import ScoringOptions
from hilum.scoring.protocols import PROTOCOLS, REPEATS, Plan, Protocol, Slices
from hilum.scoring.scoring import Predictions, plans_for


def main() -> None:
    """Prints a Markdown table, a row a protocol."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--models", type=int, default=5)
    options = parser.parse_args()
    table = hilum.read_table(options.data)
    slices = find_groups(table).slices_of(table)
    plans, notes = plans_for(slices, PROTOCOLS, repeats=REPEATS, seed=0)
    print(*notes, f"{options.models} models\n", "| protocol | slices | seconds | of the processor |", sep="\n")
    print("|---|---:|---:|---:|")
    random = np.random.default_rng(0)
    results = [_result(f"model {number}", plans, slices, random) for number in range(options.models)]
    scoring = ScoringOptions(negative="normal" if "normal" in table.classes else None)
    totals = np.zeros(2)
    for name, plan in plans.items():
        start = np.array([time.perf_counter(), time.process_time()])
        score_models(results, "model 0", {name: plan}, slices, scoring, {})
        took = np.array([time.perf_counter(), time.process_time()]) - start
        totals += took
        print(f"| {name} | {len(plan.scored)} | {took[0]:.1f} | {took[1]:.1f} |")
    print(f"| together | | {totals[0]:.1f} | {totals[1]:.1f} |")


def _result(name: str, plans: dict[Protocol, Plan], slices: Slices, random: np.random.Generator) -> ModelResult:
    predictions = {protocol: _drawn(plan, slices, random) for protocol, plan in plans.items()}
    return ModelResult(
        name=name,
        title=name,
        facts={},
        history=(),
        best_epoch=0,
        probabilities=np.empty((0, 0)),
        valid={},
        seconds=Seconds(0.0, 0.0, cached=False),
        predictions=predictions,
    )


def _drawn(plan: Plan, slices: Slices, random: np.random.Generator) -> Predictions:
    """Predictions of a model that is right about four times in five."""
    labels, classes = slices.labels[plan.scored], int(slices.labels.max()) + 1
    repeats = 1 if plan.folds is None else len(plan.repeats)
    scores = np.exp(random.normal(size=(repeats, len(labels), classes)) + 2.5 * np.eye(classes)[labels])
    probabilities = scores / scores.sum(2, keepdims=True)
    return Predictions(plan, probabilities, probabilities)


if __name__ == "__main__":
    main()
