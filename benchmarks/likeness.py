"""Why slices are kept together above 0.87: how often look-alikes differ in class, and what scores do.

Usage: OMP_NUM_THREADS=1 python benchmarks/likeness.py DATA [--weights FOLDER] [--models densenet169]

Prints the purity table of the audit; macro-F1 in folds that keep slices together above each likeness; and the control:
groups of 0.90 joined at random, within their class, into blocs of the sizes of the groups at the likeness of strict. A
fall that the control does not share is one of kept-apart chests, not of larger groups.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from held_out import options
from numpy.typing import NDArray

from hilum.audit.groups import Groups, find_groups
from hilum.backbones.weights import obtain_weights
from hilum.backbones.zoo import backbone
from hilum.features.extract import extract
from hilum.heads.options import HeadOptions
from hilum.heads.run import Labelled, run_heads
from hilum.options import FeatureOptions
from hilum.records.audit import Purity, PurityBin
from hilum.records.figures import Estimate
from hilum.report.words import with_interval
from hilum.scoring.intervals import shares_with_intervals
from hilum.scoring.protocols import Slices, distinct_rows, folds
from hilum.scoring.resamples import draw_resamples
from hilum.scoring.scoring import scored_as
from hilum.slices.table import SliceTable, read_table

_AT = (0.95, 0.90, 0.89, 0.88, 0.87, 0.86, 0.85)
_FINE = 0.90  # groups that the control joins
_REPEATS, _DRAWS = 2, 5


def main() -> None:
    """Prints the tables, in Markdown."""
    parser = options(__doc__)
    parser.set_defaults(models="densenet169")
    parser.add_argument("--negative", default="normal")
    given = parser.parse_args()
    table = read_table(given.folder)
    groups = find_groups(table, negative=given.negative)
    if groups.purity:
        show_purity(groups.purity)
    for name in given.models.split(","):
        show_scores(table, groups, name, given.weights)


def show_purity(purity: Purity) -> None:
    """The purity table."""
    print(f"{purity.slices} slices of {purity.of}; of random pairs {purity.random:.1%} differ in class.\n")
    print("| likeness | pairs | of two classes | share |\n|---|---:|---:|---:|")
    for one in reversed(purity.bins):
        print(f"| {one.low:.2f}–{one.high:.2f} | {_cells(one)} |")
    print(f"| above {purity.above.low:.2f} | {_cells(purity.above)} |\n")
    print(f"Surely pure above {purity.pure_above}, surely false below {purity.false_below}.\n")


def _cells(one: PurityBin) -> str:
    share = one.share
    shares = "" if share.value is None else f"{share.value:.1%} [{share.low:.1%}–{share.high:.1%}]"
    return f"{one.pairs} | {one.crossing} | {shares}"


def show_scores(table: SliceTable, groups: Groups, name: str, weights: Path | None) -> None:
    """Macro-F1 of a backbone by likeness, and in the control."""
    row = backbone(name)
    features = extract(table, row, obtain_weights(row, weights), FeatureOptions()).values
    data, slices = Labelled.of(features, table.labels, table.classes, "normal"), groups.slices_of(table)
    rows = distinct_rows(slices)
    print(f"| {row.title}: kept together | groups | largest | macro-F1 |\n|---|---:|---:|---:|")
    for likeness in _AT:
        if likeness >= groups.links.lowest:
            joined = groups.at(likeness)
            show_row(f"above {likeness:.2f}", joined[rows], with_interval(score(data, slices, joined)))
    fine, blocs = groups.at(_FINE), groups.at(groups.likeness)
    draws = [join_at_random(fine, blocs, rows, slices.labels, seed) for seed in range(_DRAWS)]
    found = np.array([score(data, slices, joined).value for joined in draws], float)
    text = f"{found.mean():.3f} ({found.min():.3f}–{found.max():.3f} of {_DRAWS} draws)"
    show_row(f"groups of {_FINE:.2f}, joined at random to the sizes at {groups.likeness:.2f}", draws[0][rows], text)
    print()


def show_row(kept: str, joined: NDArray[np.intp], text: str) -> None:
    """A row of the table of scores."""
    sizes = np.unique(joined, return_counts=True)[1]
    print(f"| {kept} | {len(sizes)} | {sizes.max()} | {text} |")


def score(data: Labelled, slices: Slices, joined: NDArray[np.intp]) -> Estimate:
    """Macro-F1 in folds that keep these groups `[rows]` together, with an interval over them."""
    apart = replace(slices, strict=joined)
    plan = folds("strict", apart, distinct_rows(apart), joined, repeats=_REPEATS)
    assert plan is not None
    predicted = run_heads(data, plan, HeadOptions())
    resamples = draw_resamples(apart.labels[plan.scored], joined[plan.scored], refitted=True)
    return shares_with_intervals(scored_as(predicted, apart), resamples)["f1_macro"]


def join_at_random(
    fine: NDArray[np.intp],
    blocs: NDArray[np.intp],
    rows: NDArray[np.intp],
    labels: NDArray[np.intp],
    seed: int,
) -> NDArray[np.intp]:
    """Joins fine groups at random, the largest first, into blocs of the sizes of given ones, within each class.

    A group or bloc counts to the class that most of its slices have, and goes where there is room for it.

    Args:
        fine: Groups to join, `[n]`.
        blocs: Groups whose sizes are wanted, `[n]`.
        rows: Rows that count.
        labels: Classes, `[n]`.
        seed: Random seed.

    Returns:
        The new groups, `[n]`.
    """
    random, joined = np.random.default_rng(seed), np.empty(fine.max() + 1, np.intp)
    joined[:] = blocs.max() + 1 + np.arange(len(joined))
    classes = {kind: _classes(of, rows, labels) for kind, of in (("fine", fine), ("bloc", blocs))}
    sizes = np.bincount(fine[rows], minlength=len(joined))
    for label in np.unique(labels[rows]):
        mine = np.array([group for group, of in classes["fine"].items() if of == label])
        left = {bloc: int((blocs[rows] == bloc).sum()) for bloc, of in classes["bloc"].items() if of == label}
        for group in sorted(random.permutation(mine), key=lambda group: -sizes[group]):
            room = [bloc for bloc, gap in left.items() if gap >= sizes[group]] or [max(left, key=left.__getitem__)]
            gaps = np.array([max(left[bloc], 1) for bloc in room])
            joined[group] = bloc = random.choice(room, p=gaps / gaps.sum())
            left[bloc] -= sizes[group]
    return joined[fine]


def _classes(groups: NDArray[np.intp], rows: NDArray[np.intp], labels: NDArray[np.intp]) -> dict[int, int]:
    """The class of most slices of each group."""
    return {group: int(np.bincount(labels[rows][groups[rows] == group]).argmax()) for group in np.unique(groups[rows])}


if __name__ == "__main__":
    main()
