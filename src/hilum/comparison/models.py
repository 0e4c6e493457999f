"""Running one model: features once, then heads (or the CNN) under every protocol."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hilum.backbones.facts import Backbone
from hilum.backbones.weights import Weights
from hilum.backbones.zoo import CNN
from hilum.comparison.options import RunOptions
from hilum.comparison.result import ENSEMBLE, ModelResult, Seconds
from hilum.features.extract import extract
from hilum.heads.options import HeadOptions
from hilum.heads.run import Head, Labelled, Train, averaged, fit_head, run_heads
from hilum.heads.side_by_side import side_by_side
from hilum.heads.variation import check_varies
from hilum.progress import Tracker, silent
from hilum.records.figures import Figures
from hilum.scoring.intervals import Scored, figures_and_draws, point_figures
from hilum.scoring.protocols import Fit, Plan, Protocol
from hilum.scoring.scoring import Predictions, Run
from hilum.slices.pixels import squares_of
from hilum.slices.table import SliceTable


def run_backbone(
    table: SliceTable,
    backbone: Backbone,
    weights: Weights,
    options: RunOptions,
    plans: Mapping[Protocol, Plan],
    track: Tracker,
    elsewhere: Sequence[SliceTable] = (),
) -> tuple[ModelResult, NDArray[np.float32]]:
    """Extracts a backbone's features and trains heads on them under every plan.

    Args:
        table: The slices.
        backbone: The backbone.
        weights: Weights of the backbone.
        options: Options of the run.
        plans: Plans by protocol.
        track: Progress display.
        elsewhere: Tables of other slices that a plan scores: their rows are numbered after those of the table.

    Returns:
        The result, and the features `[rows, width]`.

    Raises:
        HilumError: The weights do not fit, a file changed, or all training slices look the same.
    """
    features = extract(table, backbone, weights, options, track)
    facts = {
        "tag": backbone.tag,
        "licence": backbone.licence,
        "engine": features.recipe.engine,
        "weights": {"origin": weights.origin, "digest": weights.digest},
        "size": features.recipe.size,
        "scales": min(options.scales, backbone.scales),
        "width": features.values.shape[1],
    }
    spent, name, title = Seconds(features.decoding, features.network, features.cached), backbone.name, backbone.title
    values = np.concatenate(
        [features.values, *(extract(of, backbone, weights, options, track).values for of in elsewhere)]
    )
    result = _run(table, values, options, plans, fit_head, side_by_side, track, name, title, facts, spent)
    return result, features.values


def run_ensemble(table: SliceTable, members: Sequence[ModelResult], options: RunOptions) -> ModelResult:
    """Averages the probabilities of frozen backbones that were run already, under every protocol."""
    probabilities = np.mean([member.probabilities for member in members], axis=0)
    seconds = [member.seconds for member in members]
    return ModelResult(
        name=ENSEMBLE.join(member.name for member in members),
        title=" + ".join(member.title for member in members),
        facts={"members": [member.name for member in members], "engine": options.engine},
        history=(),
        best_epoch=0,
        probabilities=probabilities,
        valid=_valid(table, probabilities, options),
        seconds=Seconds(
            decoding=sum(part.decoding for part in seconds),
            features=sum(part.features for part in seconds),
            cached=all(part.cached for part in seconds),
            head=sum(part.head for part in seconds),
            protocols=sum(part.protocols for part in seconds),
        ),
        predictions={
            name: averaged([member.predictions[name] for member in members]) for name in members[0].predictions
        },
    )


def run_cnn(
    table: SliceTable,
    options: RunOptions,
    plans: Mapping[Protocol, Plan],
    track: Tracker,
    elsewhere: Sequence[SliceTable] = (),
) -> ModelResult:
    """Trains the small CNN with one seed under plans without folds, or with `cnn_folds` under every plan.

    The arguments are those of `run_backbone`.
    """
    from hilum.heads import cnn  # frozen backbones whose features are cached need no torch

    start = time.perf_counter()
    tables = (table, *elsewhere)
    pictures = np.concatenate([squares_of(of, cnn.SIZE, options.crop, "cnn: reading", track) for of in tables])
    spent = Seconds(time.perf_counter() - start, 0.0, cached=False)

    def train(data: Labelled, fit: Fit, inner: NDArray[np.intp], options: HeadOptions, seed: int) -> Head:
        stop = fit.stop if len(fit.stop) else fit.train
        with track("cnn: epochs", options.cnn_epochs) as advance:
            return cnn.train_cnn(
                (pictures[fit.train], data.labels[fit.train]),
                (pictures[stop], data.labels[stop]),
                classes=data.classes,
                epochs=options.cnn_epochs,
                patience=options.patience,
                seed=seed,
                advance=advance,
            )

    ran = {name: plan.once() for name, plan in plans.items() if plan.folds is None or options.cnn_folds}
    facts = {"engine": "torch", "size": cnn.SIZE}
    return _run(table, pictures, options, ran, train, map, silent, CNN, "Small CNN", facts, spent)


def _run(
    table: SliceTable,
    values: NDArray[np.float32],
    options: RunOptions,
    plans: Mapping[Protocol, Plan],
    train: Train,
    run: Run,
    track: Tracker,
    name: str,
    title: str,
    facts: Mapping[str, object],
    spent: Seconds,
) -> ModelResult:
    """Trains under every plan; heads trained under `given` predict every row of the table."""
    check_varies(values[np.flatnonzero(table.in_split("train"))])
    data, heads = Labelled(values, table.labels, len(table.classes)), dict[int, Head]()

    def kept(data: Labelled, fit: Fit, inner: NDArray[np.intp], options: HeadOptions, seed: int) -> Head:
        heads[seed] = train(data, fit, inner, options, seed)
        return heads[seed]

    start = time.perf_counter()
    given, everything = plans["given"], np.arange(len(table.rows))
    repeats = tuple((replace(fit, score=everything),) for (fit,) in given.repeats)
    every = run_heads(data, replace(given, scored=everything, repeats=repeats), options, kept, run)
    middle = time.perf_counter()
    predictions = {given.name: Predictions(given, every.probabilities[:, given.scored], every.by_seed[:, given.scored])}
    others = [plan for plan in plans.values() if plan is not given]
    with track(f"{name}: heads", len(others)) as advance:
        for plan in others:
            predictions[plan.name] = run_heads(data, plan, options, train, run)
            advance()
    head, (probabilities,) = heads[options.seed], every.probabilities
    return ModelResult(
        name=name,
        title=title,
        facts=facts,
        history=tuple(head.history_),
        best_epoch=head.best_epoch_,
        probabilities=probabilities,
        valid=_valid(table, probabilities, options),
        seconds=replace(spent, head=middle - start, protocols=time.perf_counter() - middle),
        predictions=predictions,
    )


def _valid(table: SliceTable, probabilities: NDArray[np.float64], options: RunOptions) -> Figures[float | None]:
    """The figures on valid, without resamples."""
    rows = np.flatnonzero(table.in_split("valid"))
    scored = Scored(table.labels[rows], probabilities[None, rows], rows, None)
    none = np.empty((0, len(rows)), np.float32)
    return point_figures(figures_and_draws(scored, table.classes, options.negative, none)[0])
