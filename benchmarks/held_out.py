"""What the benchmarks of trust share: features, and held-out logits of the logistic head."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hilum.audit.groups import find_groups
from hilum.backbones.facts import Backbone
from hilum.backbones.weights import Weights, obtain_weights
from hilum.backbones.zoo import backbone
from hilum.features.extract import extract
from hilum.heads.logistic import LogisticHead
from hilum.options import FeatureOptions
from hilum.progress import silent
from hilum.scoring.protocols import Fit, Plan, Slices
from hilum.scoring.scoring import run_plan
from hilum.slices.table import SliceTable, read_table


@dataclass(frozen=True)
class Bench:
    """A data set, its groups, and where weights are."""

    table: SliceTable
    slices: Slices
    weights_folder: Path | None

    def backbone(self, name: str) -> tuple[Backbone, Weights]:
        """A row of the zoo and its weights."""
        row = backbone(name)
        return row, obtain_weights(row, self.weights_folder, silent)

    def features(self, name: str) -> NDArray[np.float32]:
        """Features of every row of the table that a model's head sees, the last scale's behind, `[rows, width]`."""
        row, weights = self.backbone(name)
        return extract(self.table, row, weights, FeatureOptions()).values

    def logits(self, values: NDArray[np.float32], plan: Plan) -> NDArray[np.float64]:
        """Held-out logits of the rows that a plan scores, `[repeats, m, k]`, each less the row's log partition."""
        classes, labels = len(self.table.classes), self.slices.labels

        def predict(fit: Fit, seed: int) -> NDArray[np.float64]:
            head = self.head(values, fit.whole, plan.inner, seed)
            probabilities = np.zeros((len(fit.score), classes))
            probabilities[:, head.classes_] = head.predict_proba(values[fit.score])
            return probabilities

        assert set(labels[plan.scored]) == set(range(classes))
        with np.errstate(divide="ignore"):
            return np.log(run_plan(plan, classes, predict, 0).probabilities)

    def head(
        self, values: NDArray[np.float32], rows: NDArray[np.intp], groups: NDArray[np.intp], seed: int = 0
    ) -> LogisticHead:
        """The logistic head trained on some rows, its strength chosen by inner folds of groups."""
        return LogisticHead(seed=seed).fit(values[rows], self.slices.labels[rows], groups[rows])


def options(doc: str | None) -> argparse.ArgumentParser:
    """The arguments that these benchmarks share."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--models", default="densenet169,efficientnet_lite0,xception")
    return parser


def open_bench(folder: Path, weights: Path | None) -> Bench:
    """Reads a data set and finds its groups."""
    table = read_table(folder)
    return Bench(table, find_groups(table).slices_of(table), weights)
