"""Maps on trial: whether each method finds planted lesions, and points at what the model needs, better than controls.

Usage: python benchmarks/maps.py MODEL [FOLDER] [--weights FOLDER] [--slices 40] [--faithful 30] [--out FILE.json]

MODEL is a folder of `hilum train`. With FOLDER, lesions are planted in normal slices of its train and valid, one slice
a look-alike group; a model of a phantom needs none, for its lesions are known. A method passes if it leads over every
control in both trials with an interval over groups that is clear of zero.
"""

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from held_out import open_bench
from lesions import phantom, planted
from numpy.typing import NDArray
from trials import Lead, beats, centre_map, edge_map, faithfulness, found, lead, noise_map, share_inside

from hilum.explain.evidence import Regions, evidence_of, regions_of
from hilum.explain.gradients import gradient_mapper
from hilum.explain.methods import METHODS, default_method
from hilum.explain.placing import seen_box
from hilum.model.open import open_reader
from hilum.model.reader import Reader
from hilum.records.model import ModelRecord
from hilum.scoring.protocols import development_rows
from hilum.slices.pixels import pixels_of
from hilum.slices.resize import crop_and_resize

Greys = NDArray[np.float32]
Mask = NDArray[np.bool_]

EDGES, CENTRE, LUNGS, NOISE = "edges", "centre", "lungs", "noise"
BEFORE = "before "  # a method's map of the same slice without the lesion
_SEED = 1_000_003  # of phantom patients that no model was trained on
_BATCH = 16


@dataclass(frozen=True)
class Case:
    """A slice with a lesion, and without it, as the model sees them."""

    square: Greys
    without: Greys
    lesion: Mask


class Maps:
    """The maps of a model by all its methods, and the controls.

    Args:
        model: Model folder.
        weights: Folder of weights, for a model without bundled weights.
        names: Methods besides the model's own.
        draws: Number of maps of noise.
    """

    def __init__(self, model: Path, weights: Path | None, names: list[str], draws: int) -> None:
        self.reader: Reader = open_reader(model, weights)
        self.facts: ModelRecord = self.reader.facts
        self.own, self._draws = default_method(self.facts), draws
        self._mappers = {name: gradient_mapper(model, weights, name) for name in names if name != self.own}

    @property
    def methods(self) -> list[str]:
        """The methods, the model's own first."""
        return [self.own, *self._mappers]

    def probabilities(self, squares: Greys) -> NDArray[np.float32]:
        """Probabilities of squares `[n, size, size]`, `[n, classes]`."""
        parts = [squares[start : start + _BATCH] for start in range(0, len(squares), _BATCH)]
        return np.concatenate([self.reader.read(part).probabilities for part in parts])

    def of(self, square: Greys, number: int, seen: Regions) -> dict[str, Greys]:
        """Maps of a class by method, cut to the body as they are drawn."""
        makers: dict[str, Callable[[], Greys]] = {
            self.own: lambda: self.reader.read(square[None]).maps[0, number],
            **{name: lambda mapper=mapper: mapper(square, number) for name, mapper in self._mappers.items()},
        }
        return {name: evidence_of(make(), seen, "").drawn for name, make in makers.items()}

    def controls(self, square: Greys, seen: Regions, seed: int) -> dict[str, list[Greys]]:
        """Maps that know no model, cut to the body."""
        size = len(square)
        made = {
            EDGES: [edge_map(square)],
            CENTRE: [centre_map(size)],
            LUNGS: [seen.lungs.astype(np.float32)],
            NOISE: [noise_map(size, self._draws * seed + draw) for draw in range(self._draws)],
        }
        return {name: [np.where(seen.body, one, np.float32(0)) for one in maps] for name, maps in made.items()}


def main() -> None:
    """Prints the tables and the verdicts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--slices", type=int, default=40, help="with lesions")
    parser.add_argument("--faithful", type=int, default=30, help="for insertion and deletion")
    parser.add_argument("--draws", type=int, default=2, help="lesions a slice, and maps of noise")
    parser.add_argument("--methods", default=",".join(name for name in METHODS if name not in ("linear", "scorecam")))
    parser.add_argument("--out", type=Path, help="JSON file of the verdicts")
    chosen = parser.parse_args()
    maps = Maps(chosen.model, chosen.weights, chosen.methods.split(","), chosen.draws)
    known, whole = _slices(maps.facts, chosen.folder, chosen.slices, chosen.faithful, chosen.draws)
    hits, inside, noticed = _lesion_trial(maps, known)
    faithful = _faithfulness_trial(maps, whole)
    tables = {
        "Lesions found, per cent": (_leads(hits, maps), len(known)),
        "Positive part inside the lesion, per cent": (_leads(inside, maps), len(known)),
        "Insertion less deletion, points of probability": (_leads(faithful, maps), len(whole)),
    }
    for title, (leads, groups) in tables.items():
        _table(f"{title} ({groups} groups)", leads)
    first, second, last = (leads for leads, _ in tables.values())
    verdicts = {name: {"finds_lesions": beats(first[name]), "faithful": beats(last[name])} for name in maps.methods}
    for verdict in verdicts.values():
        verdict["passes"] = all(verdict.values())
    print("\n| method | found, % | lead over the hardest control | inside, % | lead | faithful | lead | passes |")
    print(f"|---|{'---:|' * 6}---|")
    for name, verdict in verdicts.items():
        cells = [cell for leads in (first, second, last) for cell in _hardest(leads[name])]
        print(f"| {name} | {' | '.join(cells)} | {'yes' if verdict['passes'] else 'no'} |")
    if chosen.out:
        figures = {
            title: {name: {control: asdict(one) for control, one in of.items()} for name, of in leads.items()}
            for title, (leads, _) in tables.items()
        }
        record = {"model": maps.facts.digest, "backbone": maps.facts.backbone.name, "own": maps.own, **noticed}
        chosen.out.write_text(
            json.dumps({**record, "verdicts": verdicts, "figures": figures}, indent=1) + "\n", "utf-8"
        )


def _slices(
    facts: ModelRecord, folder: Path | None, most: int, faithful: int, draws: int
) -> tuple[list[list[Case]], list[Greys]]:
    """Slices with lesions, a list a group, and slices for insertion and deletion, one a group."""
    how = facts.preparation

    def square(pixels: NDArray[np.floating], of: Greys) -> Greys:
        return crop_and_resize(pixels.astype(np.float32), seen_box(of, how.crop), how.size, how.interpolation)

    def case(with_: Greys, without: Greys, lesion: Mask) -> Case:
        return Case(square(with_, with_), square(without, with_), square(lesion, with_) > 0.5)

    if folder is None:
        cases = [case(*phantom(number, _SEED)) for number in range(most)]
        return [[one] for one in cases], [one.square for one in cases[:faithful]]
    bench = open_bench(folder, None)
    rows = np.random.default_rng(0).permutation(development_rows(bench.slices))
    groups, labels = bench.slices.strict, bench.slices.labels
    firsts = rows[np.sort(np.unique(groups[rows], return_index=True)[1])]
    normal = bench.table.classes.index(facts.negative) if facts.negative else -1
    known = []
    for row in firsts[labels[firsts] == normal][:most]:
        pixels = pixels_of(bench.table, bench.table.rows[row])
        made = [planted(pixels, np.random.default_rng([row, draw])) for draw in range(draws)]
        cases = [case(one[0], pixels, one[1]) for one in made if one is not None]
        if cases:
            known.append(cases)
    turns = np.zeros(len(firsts), np.intp)
    for number in range(len(bench.table.classes)):
        own = labels[firsts] == number
        turns[own] = np.arange(own.sum())
    chosen = firsts[np.argsort(turns, kind="stable")[:faithful]]
    greys = [pixels_of(bench.table, bench.table.rows[row]) for row in chosen]
    return known, [square(one, one) for one in greys]


Figures = Mapping[str, NDArray[np.float64]]  # by map, `[groups]`


def _lesion_trial(maps: Maps, known: list[list[Case]]) -> tuple[Figures, Figures, dict[str, float]]:
    """How often maps of the likeliest cancer find the lesions, their share inside, and what the model notices."""
    cancers = [number for number, name in enumerate(maps.facts.classes) if name != maps.facts.negative]
    hits, inside, odds = [], [], []
    for number, cases in enumerate(known):
        of_group: list[tuple[dict[str, float], dict[str, float]]] = []
        for one in cases:
            shares = maps.probabilities(np.stack([one.without, one.square])).astype(np.float64)
            best = max(cancers, key=lambda each: shares[1, each])
            cancer = shares[:, cancers].sum(1).clip(1e-6, 1 - 1e-6)
            odds.append(cancer / (1 - cancer))
            seen, before = regions_of(one.square), regions_of(one.without)
            drawn = {name: [values] for name, values in maps.of(one.square, best, seen).items()}
            drawn |= {BEFORE + name: [values] for name, values in maps.of(one.without, best, before).items()}
            drawn |= maps.controls(one.square, Regions(seen.body, before.lungs, before.found), number)
            measured = [
                {name: 100 * float(np.mean([measure(each, one.lesion) for each in of])) for name, of in drawn.items()}
                for measure in (found, share_inside)
            ]
            of_group.append((measured[0], measured[1]))
        hits.append(_means([one[0] for one in of_group]))
        inside.append(_means([one[1] for one in of_group]))
    before, after = np.array(odds).T
    noticed = {
        "cancer_before": float((before > 1).mean()),
        "cancer_after": float((after > 1).mean()),
        "odds_times": float(np.exp(np.log(after / before).mean())),
    }
    print(
        f"{len(odds)} slices with a lesion in {len(known)} groups: the model calls {noticed['cancer_after']:.0%} of "
        f"them a cancer, {noticed['cancer_before']:.0%} without the lesion; it multiplies the odds by "
        f"{noticed['odds_times']:.1f} (geometric mean)",
        flush=True,
    )
    return _joined(hits), _joined(inside), noticed


def _faithfulness_trial(maps: Maps, squares: list[Greys]) -> Figures:
    """Insertion less deletion of the maps of the answer, in points of probability."""
    scores = []
    for number, square in enumerate(squares):
        best, seen = int(maps.probabilities(square[None])[0].argmax()), regions_of(square)

        def answer(greys: Greys, best: int = best) -> NDArray[np.float32]:
            return maps.probabilities(greys)[:, best]

        def score(drawn: Greys, square: Greys = square, answer: Callable[[Greys], Greys] = answer) -> float:
            insertion, deletion = faithfulness(answer, square, drawn)
            return 100 * float(insertion - deletion)

        own: dict[str, float] = {}
        earlier: list[tuple[Greys, float]] = []  # with a linear head several methods give one map
        for name, drawn in maps.of(square, best, seen).items():
            again = [known for one, known in earlier if np.allclose(one, drawn, atol=1e-4)]
            own[name] = again[0] if again else score(drawn)
            earlier.append((drawn, own[name]))
        controls = maps.controls(square, seen, number)
        scores.append(own | {name: float(np.mean([score(one) for one in of])) for name, of in controls.items()})
    return _joined(scores)


def _means(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def _joined(rows: list[dict[str, float]]) -> Figures:
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _leads(figures: Figures, maps: Maps) -> dict[str, dict[str, Lead]]:
    """The leads of each method over each control, and over its own map before planting."""
    found = {}
    for name in maps.methods:
        controls = {other: figures[other] for other in (EDGES, CENTRE, LUNGS, NOISE)}
        if BEFORE + name in figures:
            controls["itself before"] = figures[BEFORE + name]
        found[name] = {other: lead(figures[name], values) for other, values in controls.items()}
    return found


def _hardest(leads: Mapping[str, Lead]) -> tuple[str, str]:
    """The mean of a figure, and its lead over the control that it is the least sure to beat."""
    control = min(leads, key=lambda name: leads[name].low)
    one = leads[control]
    return f"{one.mean:.1f}", f"{_spelt(one)} {control}"


def _spelt(one: Lead) -> str:
    return f"{one.lead:+.1f} [{one.low:.1f} to {one.high:.1f}]"


def _table(title: str, leads: Mapping[str, Mapping[str, Lead]]) -> None:
    controls = list(next(iter(leads.values())))
    print(f"\n### {title}\n\n| method | mean | {' | '.join(f'lead over {name}' for name in controls)} |")
    print(f"|---|---:|{'---:|' * len(controls)}")
    for name, of in leads.items():
        cells = [_spelt(one) for one in of.values()]
        print(f"| {name} | {of[controls[0]].mean:.1f} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
