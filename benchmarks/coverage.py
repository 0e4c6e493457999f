"""How often 95 % intervals hold the truth, in populations drawn from real features with real group sizes.

Usage: OMP_NUM_THREADS=1 python benchmarks/coverage.py FOLDER --weights FOLDER [--models a,b] [--groups 30,100,300]
       [--draws 1000] [--fold-draws 400] [--resamples 500]

A new group is a smoothed bootstrap of the groups of look-alikes (above 0.87) of its class: the class mean, plus cos t
of the centre of one group and sin t of another's, plus how the slices of a third lie around theirs. So no group comes
twice, while groups vary, and their slices resemble each other, as in the features. Classes keep their shares of the
groups. `split` scores fitted heads on fresh populations; its truth is their score on 20,000 groups. `folds` fits heads
anew in five group folds of each population; its truth is the mean score of all these heads on other groups.

A Markdown table, a row for each way of scoring, number of groups and figure, a column for each model, and one for the
difference between it and the next on the same groups: how often the interval of `hilum.scoring.limits` holds the truth,
and in brackets how often the old percentile interval does, and the true spread by that of the resamples.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hilum
from hilum.audit.groups import find_groups
from hilum.heads.multinomial import fit_strengths, probabilities_of
from hilum.records.figures import Estimate
from hilum.scoring.folds import group_folds
from hilum.scoring.intervals import Draws, Scored, figures_and_draws
from hilum.scoring.limits import GAP, estimate
from hilum.scoring.metrics import counted, ranked
from hilum.scoring.protocols import FOLDS, distinct_rows
from hilum.scoring.resamples import draw_resamples

_LIKENESS = 0.87
_COMPONENTS, _STRENGTH = 64, 0.03  # principal components of the features; with them scores are those of strict folds
_HEADS = 10  # fitted heads of `split`, each trained on as many groups as the real set has
_LARGE, _OTHERS = 20_000, 1_000  # groups that truths come from, for each fitted head and each draw of `folds`
_FIGURES = ("accuracy", "f1_macro", "auc_macro")

_Indices = NDArray[np.intp]
_Floats = NDArray[np.float64]
_Head = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True)
class Drawn:
    """A population: features of each backbone, `[n, components]`, classes and groups, `[n]`."""

    features: list[_Floats]
    labels: _Indices
    groups: _Indices


class Population:
    """An infinite population like some slices."""

    def __init__(self, features: Sequence[_Floats], labels: _Indices, groups: _Indices) -> None:
        cells, members = np.unique(np.stack([labels, groups]), axis=1, return_inverse=True)
        self.labels, self.sizes = cells[0], np.bincount(members)
        self.order, self.starts = np.argsort(members, kind="stable"), np.cumsum(self.sizes) - self.sizes
        self.of_class = [np.flatnonzero(self.labels == label) for label in np.unique(labels)]
        centres = [np.add.reduceat(one[self.order], self.starts) / self.sizes[:, None] for one in features]
        self.means = [np.stack([one[rows].mean(0) for rows in self.of_class]) for one in centres]
        self.away = [one - mean[self.labels] for one, mean in zip(centres, self.means, strict=True)]
        self.around = [one - centre[members] for one, centre in zip(features, centres, strict=True)]

    def counts(self, groups: int) -> list[int]:
        """The number of groups of each class, by largest remainders."""
        wanted = np.array([len(rows) for rows in self.of_class]) * groups / len(self.labels)
        counts = np.floor(wanted).astype(int)
        counts[np.argsort(counts - wanted)[: groups - counts.sum()]] += 1
        return [int(count) for count in counts]

    def draw(self, groups: int, random: np.random.Generator) -> Drawn:
        """New groups and their slices."""
        counts = self.counts(groups)
        labels = np.repeat(np.arange(len(counts)), counts)
        one, other, third = (
            np.concatenate([random.choice(rows, count) for rows, count in zip(self.of_class, counts, strict=True)])
            for _ in range(3)
        )
        angle = random.uniform(0, np.pi / 2, groups)[:, None]
        sizes = self.sizes[third]
        members = np.repeat(np.arange(groups), sizes)
        within = np.arange(len(members)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        slices = self.order[self.starts[third][members] + within]
        features = [
            (mean[labels] + np.cos(angle) * away[one] + np.sin(angle) * away[other])[members] + around[slices]
            for mean, away, around in zip(self.means, self.away, self.around, strict=True)
        ]
        return Drawn(features, labels[members], members)


class Tally:
    """The intervals of one figure over all draws, and the truths."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, ...]] = []
        self.truths: list[float] = []

    def add(self, draws: _Floats, found: Estimate, truth: float) -> None:
        """Adds the intervals of one population."""
        old = np.nanquantile(draws[1:], [0.025, 0.975])
        limits = np.array([found.low, found.high, found.value], np.float64)
        self.rows.append((*old, *limits, float(np.nanstd(draws[1:]))))
        self.truths.append(truth)

    def averaged(self) -> "Tally":
        """The same intervals, with the mean truth as the truth of each."""
        found = Tally()
        found.rows, found.truths = self.rows, [float(np.mean(self.truths))] * len(self.rows)
        return found

    def __str__(self) -> str:
        low, high, lower, upper, values, spreads = np.array(self.rows).T
        truths = np.array(self.truths)
        old, new = (
            100 * ((below <= truths) & (truths <= above)).mean() for below, above in ((low, high), (lower, upper))
        )
        by = (values - truths).std() / np.sqrt(np.square(spreads).mean())
        return f"{new:.1f} % ({old:.1f} %; {by:.2f})"


@dataclass(frozen=True)
class Setting:
    """One way of scoring at one number of groups."""

    population: Population
    groups: int
    draws: int
    resamples: int

    def split(self) -> dict[tuple[int, str], Tally]:
        """Fitted heads on fresh populations."""
        random = np.random.default_rng(self.groups)
        tallies = _tallies(len(self.population.means))
        for number in range(self.draws):
            if number % max(1, self.draws // _HEADS) == 0:
                trained = self.population.draw(len(self.population.labels), random)
                heads = [_fit(one, trained.labels) for one in trained.features]
                large = self.population.draw(_LARGE, random)
                truths = [_truth(large, place, head) for place, head in enumerate(heads)]
            drawn = self.population.draw(self.groups, random)
            chances = [_chances(one, head) for one, head in zip(drawn.features, heads, strict=True)]
            self._add(tallies, drawn, chances, None, truths, int(random.integers(1 << 32)))
        return tallies

    def folds(self) -> dict[tuple[int, str], Tally]:
        """Heads that are fitted anew in five folds of each population."""
        random = np.random.default_rng(self.groups + 1)
        tallies = _tallies(len(self.population.means))
        count = min(FOLDS, *self.population.counts(self.groups))
        for number in range(self.draws):
            drawn = self.population.draw(self.groups, random)
            chances = [np.zeros((len(drawn.labels), len(self.population.of_class))) for _ in drawn.features]
            folds, truths = np.zeros((1, len(drawn.labels)), np.intp), []
            others = self.population.draw(_OTHERS, random)
            for fold, (train, score) in enumerate(group_folds(drawn.labels, drawn.groups, count, number)):
                folds[0, score] = fold
                heads = [_fit(one[train], drawn.labels[train]) for one in drawn.features]
                for one, own, head in zip(drawn.features, chances, heads, strict=True):
                    own[score] = _chances(one[score], head)
                truths.append([_truth(others, place, head) for place, head in enumerate(heads)])
            self._add(tallies, drawn, chances, folds, list(np.mean(truths, axis=0)), int(random.integers(1 << 32)))
        return {key: tally.averaged() for key, tally in tallies.items()}

    def _add(
        self,
        tallies: dict[tuple[int, str], Tally],
        drawn: Drawn,
        chances: Sequence[_Floats],
        folds: _Indices | None,
        truths: Sequence[_Floats],
        seed: int,
    ) -> None:
        labels, names = drawn.labels, [str(label) for label in range(len(self.population.of_class))]
        resamples = draw_resamples(labels, drawn.groups, self.resamples, seed, refitted=folds is not None)
        of: list[Draws] = []
        for place, own in enumerate(chances):
            figures, draws = figures_and_draws(Scored(labels, own[None], drawn.groups, folds), names, None, resamples)
            of.append(draws)
            for number, name in enumerate(_FIGURES):
                tallies[place, name].add(draws[name], getattr(figures, name), truths[place][number])
        for place, (draws, after) in enumerate(pairwise(of)):
            for number, name in enumerate(_FIGURES):
                basis = resamples.basis(macro=name != "accuracy", ranked=name == "auc_macro")
                gap, truth = draws[name] - after[name], truths[place][number] - truths[place + 1][number]
                tallies[len(of) + place, name].add(gap, estimate(gap, basis, GAP), truth)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--models", default="densenet169,xception")
    parser.add_argument("--groups", default="30,100,300")
    parser.add_argument("--draws", type=int, default=1000, help="populations of split")
    parser.add_argument("--fold-draws", type=int, default=400, help="populations of folds")
    parser.add_argument("--resamples", type=int, default=500)
    options = parser.parse_args()
    table, models = hilum.read_table(options.folder), options.models.split(",")
    groups = find_groups(table)
    rows = distinct_rows(groups.slices_of(table))
    features = [
        _components(hilum.extract_features(table, name, weights=options.weights)[rows].astype(np.float64))
        for name in models
    ]
    population = Population(features, table.labels[rows], groups.at(_LIKENESS)[rows])
    titles = [*models, *(f"{one} - {other}" for one, other in pairwise(models))]
    print(f"| scored | groups | figure | {' | '.join(titles)} |\n|---|---:|---|{'---:|' * len(titles)}", flush=True)
    for way, draws in (("split", options.draws), ("folds", options.fold_draws)):
        for count in map(int, options.groups.split(",")):
            setting = Setting(population, count, draws, options.resamples)
            tallies = setting.split() if way == "split" else setting.folds()
            for name in _FIGURES:
                cells = (str(tallies[column, name]) for column in range(len(titles)))
                print(f"| {way} | {count} | {name} | {' | '.join(cells)} |", flush=True)


def _tallies(models: int) -> dict[tuple[int, str], Tally]:
    """One for each figure of each model, then of each difference between one and the next."""
    return {(column, name): Tally() for column in range(2 * models - 1) for name in _FIGURES}


def _components(values: _Floats) -> _Floats:
    scaled = (values - values.mean(0)) / np.maximum(values.std(0), 1e-9)
    left, sizes, _ = np.linalg.svd(scaled, full_matrices=False)
    return left[:, :_COMPONENTS] * sizes[:_COMPONENTS]


def _fit(features: _Floats, labels: _Indices) -> _Head:
    weights, offsets = fit_strengths(features, labels, int(labels.max()) + 1, (_STRENGTH,))
    return weights[0, 0], offsets[0, 0]


def _chances(features: _Floats, head: _Head) -> _Floats:
    return probabilities_of(features @ head[0].T.astype(np.float64) + head[1])


def _truth(drawn: Drawn, place: int, head: _Head) -> _Floats:
    """Accuracy, macro-F1 and macro AUC of a head on a large population."""
    chances, ones = _chances(drawn.features[place], head), np.ones((len(drawn.labels), 1))
    figures = counted(drawn.labels, chances, ones)
    auc = ranked(drawn.labels, chances, ones).mean()
    return np.array([figures["accuracy"][0], figures["f1_macro"][0], auc])


if __name__ == "__main__":
    main()
