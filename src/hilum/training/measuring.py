"""Measuring: temperature and thresholds, and what scores and abstentions are worth on slices not fitted on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hilum.audit.audit import Audit
from hilum.comparison.result import ModelResult
from hilum.comparison.scores import score_models
from hilum.records.figures import Floors, ProtocolFigures, floors_with_own
from hilum.scoring.protocols import Plan, Protocol
from hilum.scoring.scoring import figures_of, resamples_of
from hilum.training.fitting import Fitted
from hilum.training.options import TrainOptions
from hilum.trust.fit import Trust, fit_trust

_LEAST = 1e-12  # probability; its logarithm is finite


@dataclass(frozen=True)
class Measured:
    """What is known about a fitted head.

    Attributes:
        trust: Temperature, thresholds and their figures.
        protocols: Figures of the backbone under every protocol.
        floors: Floors by protocol and name: the backbone's own, if it was run, and those of the audit.
        out_of_fold: Figures on the slices that were fitted on, each predicted by a head that had not seen its group.
    """

    trust: Trust
    protocols: Mapping[Protocol, ProtocolFigures]
    floors: Floors
    out_of_fold: ProtocolFigures


def measure(
    fitted: Fitted, result: ModelResult, plans: Mapping[Protocol, Plan], audited: Audit, options: TrainOptions
) -> Measured:
    """Fits temperature and thresholds to out-of-fold predictions, and scores the backbone under every protocol.

    Args:
        fitted: The head.
        result: The backbone's predictions under every plan.
        plans: Plans by protocol.
        audited: The audit of the table.
        options: Settings of the training.
    """
    slices, rows, held_out, seed = audited.slices, fitted.rows, fitted.held_out, options.seed
    scored = score_models([result], result.name, plans, slices, options, audited.floor_draws_of(seed))
    assert held_out.plan.folds is not None
    trust = fit_trust(
        fitted.indexed,
        slices.labels[rows],
        slices.strict[rows],
        np.log(np.clip(held_out.probabilities, _LEAST, 1)),
        held_out.plan.folds,
        audited.table.classes,
        seed=seed,
    )
    weights = resamples_of(held_out.plan, slices, seed)
    out_of_fold, _ = figures_of(held_out, slices, audited.table.classes, options.negative, weights)
    return Measured(
        trust=trust,
        protocols={name: of[result.name] for name, of in scored.figures.items()},
        floors={
            name: floors_with_own(scored.floors[name].get(result.name), audited.floors.get(name, {}))
            for name in scored.figures
        },
        out_of_fold=out_of_fold,
    )
