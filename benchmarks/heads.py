"""What every head, scale, size, view and ensemble is worth, on the two yardsticks that hilum's defaults are chosen by.

Usage: python benchmarks/heads.py FOLDER OUTSIDE --weights FOLDER --out heads.csv [--only WORD,...]

FOLDER is the public set, OUTSIDE a folder of slices of another hospital with the classes malignant, normal and benign.
The first yardstick is macro-F1 of the development slices (train and valid) under strict, three repeats, with its lead
over the same trial on blanked pictures; the second the AUC of malignant against normal outside, trained on all distinct
slices of FOLDER. Test slices are never scored. Each row is written as soon as it is known, and a row that OUT has
already is not run again. What the best row would have promised is estimated at the end on halves of the outside slices:
chosen on the look-alike groups of one half, scored on those of the other.
"""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from hilum.audit.audit import Audit, first_look
from hilum.backbones.weights import weights_folder
from hilum.backbones.zoo import backbone
from hilum.comparison.external import External
from hilum.comparison.models import learnt_from
from hilum.comparison.options import RunOptions
from hilum.comparison.outside import Outside, outside_of
from hilum.heads.options import HeadOptions
from hilum.heads.run import Head, Labelled, averaged, fit_head, run_all
from hilum.options import VIEWS
from hilum.progress import silent
from hilum.scoring.intervals import figures_and_draws
from hilum.scoring.protocols import Fit, Plan, development_rows, folds
from hilum.scoring.scoring import Predictions, resamples_of, scored_as
from hilum.slices.table import SliceTable, read_labelled, read_table
from hilum.trust.calibration import calibration_error

NETWORKS = ("efficientnet_lite0", "densenet169", "xception")
NEGATIVE, REPEATS, HALVINGS = "normal", 3, 200
_ANSWERS = Path(__file__).with_name(".scratch") / "heads.npz"  # of every row outside, for the nested estimate
Found = Mapping[str, Predictions]


@dataclass(frozen=True)
class Trial:
    """Settings to try: networks, each with a size of its input (None is its own), whose probabilities are averaged."""

    networks: tuple[tuple[str, int | None], ...]
    scales: str = "earlier"
    head: str = "hierarchical"
    class_weight: str = "none"
    views: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """A name that no other trial has."""
        networks = "+".join(name if size is None else f"{name}@{size}" for name, size in self.networks)
        others = [*(["balanced"] if self.class_weight == "balanced" else []), *(["views"] if self.views else [])]
        return " ".join([networks, self.scales, self.head, *others, *(self.views if len(self.views) < 5 else ())])

    def alone(self) -> list["Trial"]:
        """The trial of each of its networks."""
        return [replace(self, networks=(network,)) for network in self.networks]


def trials() -> list[Trial]:
    """All trials, each once: heads and scales of each network; then one change of the default, or several."""
    lite0, densenet, xception = ((name, None) for name in NETWORKS)
    found = []
    for network in (lite0, densenet, xception):
        for scales in ("last", "earlier", "both"):
            found += [Trial((network,), scales, head) for head in ("logistic", "kernel", "both", "hierarchical")]
        found += [Trial((network,), head=head, class_weight="balanced") for head in ("logistic", "hierarchical")]
        found.append(Trial((network,), head="softmax"))
    moved = VIEWS[1:]
    for network in (lite0, densenet):
        larger = (network[0], 288)
        found += [Trial((network,), views=views) for views in (VIEWS[:1], moved, VIEWS)]
        found += [Trial((larger,)), Trial((larger,), views=VIEWS[:1]), Trial((network, larger))]
        found += [Trial((network, larger), views=VIEWS[:1])]
    for networks in ((lite0, densenet), (lite0, xception), (lite0, densenet, xception)):
        found += [Trial(networks), Trial(networks, head="both")]
    found += [Trial((lite0, densenet), views=views) for views in (VIEWS[:1], VIEWS)]
    found.append(Trial((lite0, densenet, (lite0[0], 288), (densenet[0], 288))))
    return found


class Bench:
    """The slices, and what was predicted of them by each network of the trials so far."""

    def __init__(self, table: SliceTable, outside: SliceTable, weights: Path | None) -> None:
        self.table, self.weights = table, weights_folder(weights)
        self.audit: Audit = first_look(table, negative=NEGATIVE)
        slices = self.audit.slices
        strict = folds("strict", slices, development_rows(slices), slices.strict, repeats=REPEATS)
        assert strict is not None
        # Benign is no class of the training: against malignant it is read as if it were normal.
        sides = {other: _only(outside, "malignant", other) for other in ("normal", "benign")}
        asked = {other: External(of, {"malignant": "cancer", other: NEGATIVE}) for other, of in sides.items()}
        self.outside: Outside = outside_of(self.audit, asked, RunOptions(repeats=1))
        self.plans: dict[str, Plan] = {"strict": strict, **self.outside.plans}
        self.resamples = resamples_of(strict, slices, 0)
        self._known: dict[Trial, tuple[Found, Found, str]] = {}

    def run(self, trial: Trial) -> tuple[Found, Found, str]:
        """Predictions of a trial, those of its floor, and the strengths that it chose on all distinct slices."""
        if len(trial.networks) > 1:
            members = [self.run(one) for one in trial.alone()]
            found, floors = (
                {name: averaged([member[side][name] for member in members]) for name in self.plans} for side in (0, 1)
            )
            return found, floors, " | ".join(member[2] for member in members)
        if trial not in self._known:
            self._known[trial] = self._trained(trial)
        return self._known[trial]

    def _trained(self, trial: Trial) -> tuple[Found, Found, str]:
        ((name, size),) = trial.networks
        weighted = {} if trial.class_weight == "none" else {"class_weight": trial.class_weight}
        options = RunOptions(head=trial.head, scales=trial.scales, size=size, views=trial.views, **weighted)
        known, heads = backbone(name), list[Head]()
        every = next(iter(self.outside.plans.values())).repeats[0][0]

        def train(data: Labelled, fit: Fit, inner: NDArray[np.intp], options: HeadOptions, seed: int) -> Head:
            head = fit_head(data, fit, inner, options, seed)
            if fit is every:
                heads.append(head)
            return head

        parts = [(self.table, self.audit.looks), *self.outside.parts]
        _, data, blanked = learnt_from(parts, known, options.weights_of(known, self.weights), options, silent)
        assert blanked is not None
        found = run_all(data, self.plans, options, train)
        chosen = "; ".join(_said(one) for one in heads[0].chosen_)
        floors = run_all(blanked, self.plans, options)
        return self._apart(found), self._apart(floors), chosen

    def _apart(self, found: Found) -> Found:
        return {"strict": found["strict"], **{name: found[name] for name in self.outside.plans}}

    def row(self, trial: Trial) -> tuple[dict[str, Any], NDArray[np.float64]]:
        """The row of a trial, and its probabilities of malignant for the outside slices without benign ones."""
        found, floors, chosen = self.run(trial)
        f1, floor = (self._f1(of["strict"]) for of in (found, floors))
        row: dict[str, Any] = {
            "trial": trial.name,
            "networks": "+".join(name for name, _ in trial.networks),
            "size": "+".join(str(size or backbone(name).size) for name, size in trial.networks),
            "scales": trial.scales,
            "head": trial.head,
            "class_weight": trial.class_weight,
            "views": " ".join(trial.views),
            "chosen": chosen,
            **estimate("strict_f1", f1),
            **estimate("strict_lead", f1 - floor),
        }
        (normal, cancer), (benign, other) = (self._outside(found, name) for name in ("normal", "benign"))
        row["outside_auc"] = roc_auc_score(normal, cancer)
        row["outside_floor"] = roc_auc_score(*self._outside(floors, "normal"))
        row["outside_calibration"] = calibration_error(normal, np.stack([1 - cancer, cancer], 1))
        row["outside_benign_auc"] = roc_auc_score(benign, other)
        row["passes"] = len(trial.networks)
        row["passes_training"] = len(trial.networks) * (1 + len(trial.views))
        return row, cancer

    def _f1(self, predictions: Predictions) -> NDArray[np.float64]:
        scored = scored_as(predictions, self.audit.slices)
        return figures_and_draws(scored, self.table.classes, NEGATIVE, self.resamples)[1]["f1_macro"]

    def _outside(self, found: Found, name: str) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Whether each outside slice of a side is malignant, and its probability of that."""
        of = next(of for of in self.outside.sets if of.name == name)
        every = next(found[plan] for plan in self.outside.plans)
        read = of.read(self.outside.apart(every)[of.plan.name], self.table.classes)
        cancer = of.reading.classes.index("cancer")
        return (of.slices.labels == cancer).astype(np.intp), read.probabilities[0][:, cancer]


def _only(table: SliceTable, *labels: str) -> SliceTable:
    return replace(table, rows=tuple(row for row in table.rows if row.label in labels))


def _said(one: Any) -> str:  # noqa: ANN401 - a ChosenScorer
    gamma = "" if one.gamma is None else f", gamma {one.gamma:g}"
    edge = ", at the edge" if one.at_edge else ""
    return f"{one.question}: {one.kind} {one.strength:g}{gamma}{edge}"


def estimate(name: str, draws: NDArray[np.float64]) -> dict[str, float]:
    """A figure of the sample, and its 95 % interval over resamples, from `[1 + count]`."""
    low, high = np.nanquantile(draws[1:], [0.025, 0.975])
    return {name: float(draws[0]), f"{name}_low": float(low), f"{name}_high": float(high)}


def nested(
    labels: NDArray[np.intp],
    groups: NDArray[np.intp],
    answers: NDArray[np.float64],
    strict: NDArray[np.float64],
    halvings: int = HALVINGS,
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The AUC of the row that is best on one half of the groups, on the other half.

    A row is best by the mean of its two yardsticks.

    Args:
        labels: Whether each outside slice is malignant, `[n]`.
        groups: Groups of look-alikes, `[n]`.
        answers: Probability of malignant by each row, `[rows, n]`.
        strict: Macro-F1 under strict of each row, `[rows]`, which knows nothing of the outside slices.
        halvings: Number of random halvings; each half chooses once.

    Returns:
        The row chosen and its AUC on the other half, both `[at most 2 * halvings]`: halves of one class are left out.
    """
    generator, names = np.random.default_rng(0), np.unique(groups)
    chosen, scored = [], []
    for _ in range(halvings):
        first = np.isin(groups, generator.permutation(names)[: len(names) // 2])
        for half in (first, ~first):
            if min(len(np.unique(labels[part])) for part in (half, ~half)) < 2:
                continue
            aucs = [roc_auc_score(labels[half], row[half]) for row in answers]
            best = int(np.argmax((np.array(aucs) + strict) / 2))
            chosen.append(best)
            scored.append(roc_auc_score(labels[~half], answers[best][~half]))
    return np.array(chosen, np.intp), np.array(scored)


def main() -> None:
    """Runs the trials that are lacking, and the nested estimate over all rows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("outside", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", default="", help="comma-separated words, all of which a trial's name has")
    options = parser.parse_args()
    words = [word.strip() for word in options.only.split(",") if word.strip()]
    wanted = [trial for trial in trials() if all(word in trial.name for word in words)]
    rows = pd.read_csv(options.out).to_dict("records") if options.out.exists() else []
    answers = dict(np.load(_ANSWERS)) if _ANSWERS.exists() else {}
    _ANSWERS.parent.mkdir(exist_ok=True)
    bench = Bench(read_table(options.folder), read_labelled(options.outside), options.weights)
    done = {row["trial"] for row in rows} & answers.keys()
    lacking = [trial for trial in wanted if trial.name not in done]
    for number, trial in enumerate(lacking, 1):
        row, answers[trial.name] = bench.row(trial)
        rows = [*(one for one in rows if one["trial"] != trial.name), row]
        pd.DataFrame(rows).to_csv(options.out, index=False, float_format="%.4f")
        np.savez(_ANSWERS, **answers)
        shown = {name: round(row[name], 3) for name in ("strict_f1", "strict_lead", "outside_auc", "outside_floor")}
        print(f"{number} of {len(lacking)}: {trial.name}: {shown}", flush=True)
    _show_nested(bench, [row for row in rows if row["trial"] in answers], answers)


def _show_nested(bench: Bench, rows: Sequence[Mapping[str, Any]], answers: Mapping[str, NDArray[np.float64]]) -> None:
    of = next(of for of in bench.outside.sets if of.name == "normal")
    labels = (of.slices.labels == of.reading.classes.index("cancer")).astype(np.intp)
    strict = np.array([row["strict_f1"] for row in rows])
    chosen, scored = nested(labels, of.slices.strict, np.stack([answers[row["trial"]] for row in rows]), strict)
    low, high = np.quantile(scored, [0.025, 0.975])
    print(f"Chosen on one half of the outside groups, scored on the other: AUC {scored.mean():.3f}, in 95 % of")
    print(f"the halves from {low:.3f} to {high:.3f}. Chosen most often:")
    for best, times in Counter(chosen.tolist()).most_common(3):
        print(f"  {times / len(chosen):.0%}: {rows[best]['trial']}")


if __name__ == "__main__":
    main()
