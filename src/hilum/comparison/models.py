"""Running one model: features once, then heads (or the CNN) under every protocol."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hilum.audit.blanked import blanked_features, blanked_squares
from hilum.audit.picture_checks import Look
from hilum.backbones.facts import Backbone
from hilum.backbones.weights import Weights
from hilum.backbones.zoo import CNN
from hilum.comparison.options import RunOptions
from hilum.comparison.result import ENSEMBLE, ModelResult, Seconds
from hilum.features.extract import Features, extract
from hilum.heads.options import HeadOptions
from hilum.heads.run import Head, Labelled, Train, averaged, fit_head, run_all, run_heads
from hilum.heads.side_by_side import side_by_side
from hilum.heads.variation import check_varies
from hilum.progress import Tracker, silent
from hilum.records.figures import Figures
from hilum.scoring.intervals import Scored, plain_figures
from hilum.scoring.protocols import Fit, Plan, Protocol
from hilum.scoring.scoring import Predictions, Run
from hilum.slices.pixels import squares_of
from hilum.slices.table import SliceTable

Part = tuple[SliceTable, Sequence[Look]]
"""Slices, and the result of the picture checks of each."""


def run_backbone(
    parts: Sequence[Part],
    backbone: Backbone,
    weights: Weights,
    options: RunOptions,
    plans: Mapping[Protocol, Plan],
    track: Tracker,
) -> tuple[ModelResult, Features]:
    """Extracts a backbone's features and trains heads on them under every plan; for its floor, on blanked pictures too.

    Args:
        parts: The slices; and further tables of slices that a plan may score: their rows are numbered after those.
        backbone: The backbone.
        weights: Weights of the backbone.
        options: Options of the run.
        plans: Plans by protocol.
        track: Progress display.

    Returns:
        The result, and the features of the first table, with their views.

    Raises:
        HilumError: The weights do not fit, a file changed, or all training slices look the same.
    """
    features, data, blanked = learnt_from(parts, backbone, weights, options, track)
    facts = {
        "tag": backbone.tag,
        "licence": backbone.licence,
        "engine": features.recipe.engine,
        "weights": {"origin": weights.origin, "digest": weights.digest},
        "size": features.recipe.size,
        "scales": backbone.scales_of(options.scales),
        "width": features.values.shape[1],
    }
    spent, name, title = Seconds(features.decoding, features.network, features.cached), backbone.name, backbone.title
    result = _run(
        parts[0][0], (data, blanked), options, plans, fit_head, side_by_side, track, name, title, facts, spent
    )
    return result, features


def learnt_from(
    parts: Sequence[Part], backbone: Backbone, weights: Weights, options: RunOptions, track: Tracker
) -> tuple[Features, Labelled, Labelled | None]:
    """The features of the first table; what heads learn from; and what those of the floor do, if it is to be run.

    The arguments are those of `run_backbone`. Views are of the first table alone, since heads learn from no other.
    """
    how, (first, its_looks) = (backbone, weights, options, track), parts[0]
    features, *others = [extract(table, *how) for table, _ in parts]
    features = replace(features, views=tuple(extract(first, *how, view=view).values for view in options.learnt_views))
    values = np.concatenate([features.values, *(of.values for of in others)])
    blanked = None
    data = Labelled.of(values, first.labels, first.classes, options.negative, features.views)
    if options.floor == "full":
        values = np.concatenate([blanked_features(table, looks, *how) for table, looks in parts])
        views = tuple(blanked_features(first, its_looks, *how, view) for view in options.learnt_views)
        blanked = replace(data, features=values, views=views)
    return features, data, blanked


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
        chosen=(),
        probabilities=probabilities,
        valid=_valid(table, probabilities, options),
        seconds=Seconds(
            decoding=sum(part.decoding for part in seconds),
            features=sum(part.features for part in seconds),
            cached=all(part.cached for part in seconds),
            head=sum(part.head for part in seconds),
            protocols=sum(part.protocols for part in seconds),
        ),
        predictions=_averaged([member.predictions for member in members]),
        floors=_averaged([member.floors for member in members]),
    )


def run_cnn(parts: Sequence[Part], options: RunOptions, plans: Mapping[Protocol, Plan], track: Tracker) -> ModelResult:
    """Trains the small CNN with one seed under plans without folds, or with `cnn_folds` under every plan.

    The arguments are those of `run_backbone`, and so is what is done for its floor.
    """
    from hilum.heads import cnn  # frozen backbones whose features are cached need no torch

    start = time.perf_counter()
    how = cnn.SIZE, options.crop
    first = parts[0][0]
    pictures = np.concatenate([squares_of(table, *how, "small CNN, reading slices", track) for table, _ in parts])
    data, blanked = Labelled(pictures, first.labels, len(first.classes)), None
    spent = Seconds(time.perf_counter() - start, 0.0, cached=False)
    if options.floor == "full":
        without = np.concatenate([blanked_squares(table, looks, *how, track) for table, looks in parts])
        blanked = replace(data, features=without)

    def train(data: Labelled, fit: Fit, inner: NDArray[np.intp], options: HeadOptions, seed: int) -> Head:
        stop = fit.stop if len(fit.stop) else fit.train
        with track("small CNN, epochs", options.cnn_epochs) as advance:
            return cnn.train_cnn(
                (data.features[fit.train], data.labels[fit.train]),
                (data.features[stop], data.labels[stop]),
                classes=data.classes,
                epochs=options.cnn_epochs,
                patience=options.patience,
                seed=seed,
                advance=advance,
            )

    ran = {name: plan.once() for name, plan in plans.items() if plan.folds is None or options.cnn_folds}
    facts = {"engine": "torch", "size": cnn.SIZE}
    return _run(first, (data, blanked), options, ran, train, map, silent, CNN, "Small CNN", facts, spent)


def _run(
    table: SliceTable,
    pictures: tuple[Labelled, Labelled | None],
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
    """Trains under every plan, on whole and on blanked pictures; heads of `given` predict every row of the table."""
    (data, blanked), heads = pictures, dict[int, Head]()
    check_varies(data.features[np.flatnonzero(table.in_split("train"))])

    def kept(data: Labelled, fit: Fit, inner: NDArray[np.intp], options: HeadOptions, seed: int) -> Head:
        heads[seed] = train(data, fit, inner, options, seed)
        return heads[seed]

    start = time.perf_counter()
    given, everything = plans["given"], np.arange(len(table.rows))
    repeats = tuple((replace(fit, score=everything),) for (fit,) in given.repeats)
    with track(f"heads: {title}", 1 + len(plans)) as advance:
        every = run_heads(data, replace(given, scored=everything, repeats=repeats), options, kept, run)
        middle = time.perf_counter()
        advance()
        predictions = run_all(data, plans, options, train, run, [every], advance)
    end = time.perf_counter()
    floors: dict[Protocol, Predictions] = {}
    if blanked is not None:
        with track(f"heads: {title}, floor", len(plans)) as advance:
            floors = run_all(blanked, plans, options, train, run, advance=advance)
    head, (probabilities,) = heads[options.seed], every.probabilities
    return ModelResult(
        name=name,
        title=title,
        facts=facts,
        history=tuple(head.history_),
        best_epoch=head.best_epoch_,
        chosen=head.chosen_,
        probabilities=probabilities,
        valid=_valid(table, probabilities, options),
        seconds=replace(spent, head=middle - start, protocols=end - middle),
        predictions=predictions,
        floors=floors,
    )


def _averaged(members: Sequence[Mapping[Protocol, Predictions]]) -> dict[Protocol, Predictions]:
    return {name: averaged([member[name] for member in members]) for name in members[0]}


def _valid(table: SliceTable, probabilities: NDArray[np.float64], options: RunOptions) -> Figures[float | None]:
    """The figures on valid, without resamples."""
    rows = np.flatnonzero(table.in_split("valid"))
    scored = Scored(table.labels[rows], probabilities[None, rows], rows, None)
    return plain_figures(scored, table.classes, options.negative)
