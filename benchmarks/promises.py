"""How often the promise of a model's answers is kept, where the truth is known.

Usage: OMP_NUM_THREADS=1 python benchmarks/promises.py FOLDER --weights FOLDER [--models densenet169] [--head HEAD]
       [--scales SCALES] [--groups 45,100,200] [--draws 400]

Groups of slices are drawn from a population; temperature and threshold are fitted on each draw, and judged on the whole
population: of what they answer there, each group counting once, at least 95 % should be right. Populations:

- `made`: 20,000 groups of made-up slices with honest probabilities, as many slices in each as in real ones. Slices of a
  group share most of their luck. They are of several accuracies.
- a model: the look-alike groups of train and valid with its predictions under strict, drawn with replacement.

A Markdown table, a row for each population and number of groups: the share of draws with a promise, those of all draws
whose promise was broken (at most 10 % by the error rate), those of promises that were kept, and the share of the
population that promised thresholds answer. A draw without a promise does not count as kept. Beside it the old rule, the
lowest threshold at which 95 % of the draw's own answers were right: how often it held, each slice counting once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from held_out import Bench, head_options, open_bench, options
from numpy.typing import NDArray

from hilum.scoring.protocols import development_rows, folds
from hilum.trust.abstention import threshold_for_accuracy
from hilum.trust.calibration import sure_and_right, with_temperature
from hilum.trust.measure import once_a_group, pooled_temperature
from hilum.trust.promises import ACCURACY, answer_threshold

_MADE = 20_000  # groups of a made-up population
_EASES = (2.0, 3.0, 4.0, 5.0)  # mean logit of being right
_BETWEEN, _WITHIN = 1.5, 0.7  # its spread between groups, and within

_Floats = NDArray[np.float64]
_Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Population:
    """Slices, by ascending group: logits `[repeats, n, k]`, true classes and groups `[n]`."""

    name: str
    logits: _Floats
    labels: _Indices
    groups: _Indices

    def draw(self, count: int, random: np.random.Generator) -> tuple[_Indices, _Indices]:
        """Rows of groups drawn with replacement, and their groups; a group that is drawn twice counts as two."""
        ends = np.append(np.flatnonzero(np.diff(self.groups)) + 1, len(self.groups))
        starts = np.append(0, ends[:-1])
        drawn = random.integers(0, len(ends), count)
        rows = [np.arange(starts[group], ends[group]) for group in drawn]
        return np.concatenate(rows), np.repeat(np.arange(count), [len(one) for one in rows])

    def answers(self, temperature: float, threshold: float, weights: _Floats) -> tuple[float, float]:
        """The share of the population that is answered, and the share of the answers that is right."""
        top, right = sure_and_right(self.labels, with_temperature(self.logits, temperature))
        answered = top >= threshold
        whole, part = (float((of.mean(0) * weights).sum() / weights.sum()) for of in (answered, answered & right))
        return whole, part / whole if whole else 0.0


def main() -> None:
    """Prints the table."""
    parser = head_options(options(__doc__))
    parser.add_argument("--groups", default="45,100,200")
    parser.add_argument("--draws", type=int, default=400)
    chosen = parser.parse_args()
    bench = open_bench(chosen.folder, chosen.weights, chosen.head, chosen.scales)
    print("| population | accuracy of all | groups | promised | broken | kept of promised | answered | old rule kept |")
    print(f"|---|{'---:|' * 7}", flush=True)
    for population in _populations(bench, chosen.models.split(",")):
        accuracy = population.answers(1.0, 0.0, once_a_group(population.groups))[1]
        for count in map(int, chosen.groups.split(",")):
            cells = simulated(population, count, chosen.draws)
            print(f"| {population.name} | {100 * accuracy:.1f} % | {count} | {' | '.join(cells)} |", flush=True)


def simulated(population: Population, count: int, draws: int) -> list[str]:
    """The cells of a row, from draws of a number of groups."""
    random, once = np.random.default_rng(count), once_a_group(population.groups)
    every, kept, answered, old = np.ones(len(once)), [], [], 0
    for seed in range(draws):
        rows, groups = population.draw(count, random)
        labels, logits = population.labels[rows], population.logits[:, rows]
        temperature = pooled_temperature(logits, labels)
        probabilities = with_temperature(logits, temperature)
        threshold, promise = answer_threshold(labels, groups, probabilities, seed)
        if promise.shown:
            coverage, accuracy = population.answers(temperature, threshold, once)
            kept.append(accuracy >= ACCURACY)
            answered.append(coverage)
        threshold = threshold_for_accuracy(labels, probabilities, ACCURACY)
        old += population.answers(temperature, threshold, every)[1] >= ACCURACY
    broken = len(kept) - sum(kept)
    of_promised = [f"{100 * np.mean(kept):.1f} %", f"{100 * np.mean(answered):.0f} %"] if kept else ["–", "–"]
    return (
        [f"{100 * part / draws:.1f} %" for part in (len(kept), broken)] + of_promised + [f"{100 * old / draws:.1f} %"]
    )


def _populations(bench: Bench, models: list[str]) -> Iterator[Population]:
    slices, rows = bench.slices, development_rows(bench.slices)
    plan = folds("strict", slices, rows, slices.strict)
    assert plan is not None
    order = np.argsort(slices.strict[plan.scored], kind="stable")
    labels, groups = slices.labels[plan.scored][order], slices.strict[plan.scored][order]
    sizes = np.unique(groups, return_counts=True)[1]
    for ease in _EASES:
        yield made(ease, sizes, np.random.default_rng(0))
    for name in models:
        yield Population(name, bench.logits(bench.features(name), plan)[:, order], labels, groups)


def made(ease: float, sizes: _Indices, random: np.random.Generator) -> Population:
    """Slices of two classes that are what they are with the probability that their logit says."""
    groups = np.repeat(np.arange(_MADE), random.choice(sizes, _MADE))
    logit = ease + _BETWEEN * random.normal(size=_MADE)[groups] + _WITHIN * random.normal(size=len(groups))
    labels = np.where(random.random(len(groups)) < 1 / (1 + np.exp(-logit)), 0, 1)
    return Population("made", np.stack([logit, np.zeros_like(logit)], 1)[None], labels, groups)


if __name__ == "__main__":
    main()
