"""Fitting: the head on all chosen slices, and heads like it that predict the same slices out of fold."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from hilum.audit.audit import Audit
from hilum.backbones.zoo import backbone
from hilum.errors import HilumError
from hilum.features.extract import Features
from hilum.heads.questions import HeadArrays
from hilum.heads.run import Labelled, fit_head, run_heads
from hilum.heads.unchosen import more_groups, unchosen_note
from hilum.heads.variation import all_alike
from hilum.model.artefact import Tensors
from hilum.progress import Tracker
from hilum.records.heads import ChosenScorer
from hilum.scoring.protocols import Fit, Plan, development_rows, distinct_rows, folds, in_fewer_groups
from hilum.scoring.scoring import Predictions
from hilum.training.options import TrainOptions
from hilum.trust.outliers import unit_length


@runtime_checkable
class Kept(Protocol):
    """A trained head that a model can keep.

    Attributes:
        chosen_: Settings that its scorers chose for themselves.
        best_epoch_: Number of the step that was kept; 0 if nothing could be chosen.
    """

    chosen_: tuple[ChosenScorer, ...]
    best_epoch_: int

    def arrays(self) -> HeadArrays:
        """The head as arrays."""
        ...


@dataclass(frozen=True)
class Fitted:
    """A head, and what heads like it predict out of fold.

    Attributes:
        head: Head fitted on all rows.
        rows: Rows of the table that were fitted on, `[n]`.
        width: Number of features that the head sees.
        indexed: The last scale's features of the rows, `[n, width of one scale]`.
        held_out: Predictions for the rows by heads that had not seen their groups.
        notes: What the head could not do as asked.
    """

    head: Kept
    rows: NDArray[np.intp]
    width: int
    indexed: NDArray[np.float32]
    held_out: Predictions
    notes: tuple[str, ...] = ()

    def tensors(self, temperature: float) -> Tensors:
        """The arrays that the model computes with."""
        return Tensors(self.head.arrays(), temperature, unit_length(self.indexed))


def rows_to_fit(audited: Audit, on: str) -> NDArray[np.intp]:
    """Rows of the distinct slices without label conflicts in `train`, `development` (train and valid) or `all`."""
    if on == "development":
        return development_rows(audited.slices)
    rows = distinct_rows(audited.slices)
    return rows if on == "all" else rows[audited.slices.split[rows] == 0]


def plan_fit(audited: Audit, options: TrainOptions) -> Plan:
    """The strict folds over the rows to fit on.

    Raises:
        HilumError: A class has slices in fewer than two groups of look-alikes, or all training slices look the same.
    """
    slices = audited.slices
    rows = rows_to_fit(audited, options.on)
    plan = folds("strict", slices, rows, slices.strict, repeats=options.repeats, seed=options.seed)
    if plan is not None and len(np.unique(slices.labels[rows])) == len(audited.table.classes):
        return plan
    training = np.flatnonzero(slices.split == 0)
    if len(np.unique(slices.picture[training])) == 1 or all(audited.looks[row].blank for row in training):
        raise all_alike(len(training))
    few = slices.named(in_fewer_groups(slices, rows, slices.strict, 2)) or "a class"
    what = "look-alikes" if slices.likeness is not None else "slices with one id"
    raise HilumError(
        f"In {options.on}, the slices of {few} lie in fewer than two groups of {what}, so nothing could be "
        f"calibrated or scored out of fold. {more_groups(slices)}"
    )


def fit(features: Features, audited: Audit, plan: Plan, options: TrainOptions, track: Tracker) -> Fitted:
    """Fits the head on all rows of a plan, and heads like it in the plan's folds.

    Args:
        features: Features of all rows of the table, with their views.
        audited: The audit of the table.
        plan: Strict folds, from `plan_fit`.
        options: Settings of the training.
        track: Progress display.
    """
    table, rows, seed = audited.table, plan.scored, options.seed
    data = Labelled.of(features.values, table.labels, table.classes, options.negative, features.views)
    with track(f"heads: {backbone(options.backbone).title}, out of fold", 1) as advance:
        held_out = run_heads(data, plan, options)
        advance()
    head = fit_head(data, Fit(rows, rows[:0], rows, rows), audited.slices.strict, options, seed)
    assert isinstance(head, Kept)
    unchosen = head.chosen_ and not head.best_epoch_
    notes = (unchosen_note(audited.slices, rows, options.on, head.chosen_),) if unchosen else ()
    return Fitted(head, rows, features.values.shape[1], features.last[rows], held_out, notes)
