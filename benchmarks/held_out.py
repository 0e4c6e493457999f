"""What the benchmarks of trust share: features, and held-out logits of a head."""

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
from hilum.heads.options import HeadOptions
from hilum.heads.run import Labelled, run_heads
from hilum.options import FeatureOptions
from hilum.progress import silent
from hilum.scoring.protocols import Plan, Slices
from hilum.slices.table import SliceTable, read_table

_SCALES = FeatureOptions().scales


@dataclass(frozen=True)
class Bench:
    """A data set, its groups, where weights are, and the kind and scales of heads that are held out."""

    table: SliceTable
    slices: Slices
    weights_folder: Path | None
    trained_head: str
    scales: str

    def backbone(self, name: str) -> tuple[Backbone, Weights]:
        """A row of the zoo and its weights."""
        row = backbone(name)
        return row, obtain_weights(row, self.weights_folder, silent)

    def features(self, name: str) -> NDArray[np.float32]:
        """Features of every row of the table that a model's head sees, the last scale's behind, `[rows, width]`."""
        row, weights = self.backbone(name)
        return extract(self.table, row, weights, FeatureOptions(scales=self.scales)).values

    def logits(self, values: NDArray[np.float32], plan: Plan) -> NDArray[np.float64]:
        """Held-out logits of the rows that a plan scores, `[repeats, m, k]`, each less the row's log partition."""
        data = Labelled.of(values, self.slices.labels, self.table.classes, "normal")
        predictions = run_heads(data, plan, HeadOptions(head=self.trained_head))
        with np.errstate(divide="ignore"):
            return np.log(predictions.probabilities)

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


def head_options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The arguments of those that try a kind of head and its scales."""
    parser.add_argument("--head", default=HeadOptions().head)
    parser.add_argument("--scales", default=_SCALES)
    return parser


def open_bench(folder: Path, weights: Path | None, head: str = HeadOptions().head, scales: str = _SCALES) -> Bench:
    """Reads a data set and finds its groups."""
    table = read_table(folder)
    return Bench(table, find_groups(table).slices_of(table), weights, head, scales)
