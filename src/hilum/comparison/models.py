"""Running one model: features once, then heads (or the CNN) under every protocol."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.backbones.facts import Backbone
from hilum.backbones.weights import RANDOM, obtain_weights
from hilum.backbones.zoo import CNN
from hilum.comparison.heads import averaged, given_heads, run_heads
from hilum.comparison.result import ENSEMBLE, ModelResult, Seconds, Settings
from hilum.evaluation.intervals import Scored, figures_with_intervals, point_figures
from hilum.evaluation.protocols import Fit, Plan, Protocol
from hilum.evaluation.scoring import Predictions, run_plan
from hilum.features.extract import extract
from hilum.progress import Tracker
from hilum.slices.prepared import prepare_all
from hilum.slices.table import SliceTable
from hilum.training import cnn
from hilum.training.history import Epoch
from hilum.training.variation import check_varies


def run_backbone(
    table: SliceTable,
    row: Backbone,
    folder: Path | None,
    settings: Settings,
    plans: Mapping[Protocol, Plan],
    track: Tracker,
) -> tuple[ModelResult, NDArray[np.float32]]:
    """Extracts a backbone's features and trains heads on them under every plan.

    Returns:
        The result, and the features `[rows, width]`.

    Raises:
        NoWeights: The weights cannot be had.
        HilumError: They do not fit, a file changed, or all training slices look the same.
    """
    weights = RANDOM if settings.random_weights else obtain_weights(row, folder, track)
    features = extract(
        table,
        row,
        weights,
        engine=settings.engine,
        size=settings.size,
        crop=settings.crop,
        scales=min(settings.scales, row.scales),
        seed=settings.seed,
        track=track,
    )
    check_varies(features.values[table.in_split("train")])
    start = time.perf_counter()
    given = given_heads(features.values, table.labels, len(table.classes), plans["given"], settings)
    middle = time.perf_counter()
    predictions: dict[Protocol, Predictions] = {"given": given.predictions(plans["given"])}
    others = [plan for name, plan in plans.items() if name != "given"]
    with track(f"{row.name}: heads", len(others)) as advance:
        for plan in others:
            predictions[plan.name] = run_heads(features.values, table.labels, len(table.classes), plan, settings)
            advance()
    facts = {
        "tag": row.tag,
        "licence": row.licence,
        "engine": settings.engine,
        "weights": {"origin": weights.origin, "digest": weights.digest},
        "size": features.recipe.size,
        "scales": min(settings.scales, row.scales),
        "width": features.values.shape[1],
    }
    seconds = Seconds(
        features.decoding, features.network, middle - start, features.cached, time.perf_counter() - middle
    )
    probabilities = given.by_seed.mean(0)
    result = ModelResult(
        name=row.name,
        title=row.title,
        facts=facts,
        history=given.history,
        best_epoch=given.best_epoch,
        probabilities=probabilities,
        valid=_valid(table, probabilities, settings),
        seconds=seconds,
        predictions=predictions,
    )
    return result, features.values


def run_ensemble(
    table: SliceTable, members: Sequence[ModelResult], settings: Settings, plans: Mapping[Protocol, Plan]
) -> ModelResult:
    """Averages the probabilities of frozen backbones that were run already, under every protocol."""
    probabilities = np.mean([member.probabilities for member in members], axis=0)
    seconds = [member.seconds for member in members]
    return ModelResult(
        name=ENSEMBLE.join(member.name for member in members),
        title=" + ".join(member.title for member in members),
        facts={"members": [member.name for member in members], "engine": settings.engine},
        history=(),
        best_epoch=0,
        probabilities=probabilities,
        valid=_valid(table, probabilities, settings),
        seconds=Seconds(
            decoding=sum(part.decoding for part in seconds),
            features=sum(part.features for part in seconds),
            head=sum(part.head for part in seconds),
            cached=all(part.cached for part in seconds),
            protocols=sum(part.protocols for part in seconds),
        ),
        predictions=averaged([member.predictions for member in members]),
    )


def run_cnn(table: SliceTable, settings: Settings, plans: Mapping[Protocol, Plan], track: Tracker) -> ModelResult:
    """Trains the small CNN under `given` and `unseen`, with `cnn_folds` under all, one seed each."""
    start = time.perf_counter()
    pictures = prepare_all(table, cnn.SIZE, settings.crop, "cnn: reading", track)
    decoding = time.perf_counter() - start
    start = time.perf_counter()
    train, valid = (np.flatnonzero(table.in_split(split)) for split in ("train", "valid"))
    check_varies(pictures[train])
    everything = np.arange(len(table.rows))
    probabilities, history = _train_cnn(
        pictures, table, Fit(train, valid, everything, train), settings, settings.seed, track
    )
    middle = time.perf_counter()
    predictions: dict[Protocol, Predictions] = {}
    for name, plan in plans.items():
        if plan.folds is not None and not settings.cnn_folds:
            continue
        once = plan.once()
        if name == "given":
            scored = probabilities[None, once.scored]
            predictions[name] = Predictions(once, scored, scored)
        else:
            predictions[name] = run_plan(
                once,
                len(table.classes),
                lambda fit, seed: _train_cnn(pictures, table, fit, settings, seed, track)[0],
                settings.seed,
            )
    seconds = Seconds(decoding, 0.0, middle - start, cached=False, protocols=time.perf_counter() - middle)
    return ModelResult(
        name=CNN,
        title="Small CNN",
        facts={"engine": "torch", "size": cnn.SIZE},
        history=tuple(history),
        best_epoch=min(history, key=lambda epoch: epoch.valid_loss).epoch,
        probabilities=probabilities,
        valid=_valid(table, probabilities, settings),
        seconds=seconds,
        predictions=predictions,
    )


def _train_cnn(
    pictures: NDArray[np.float32], table: SliceTable, fit: Fit, settings: Settings, seed: int, track: Tracker
) -> tuple[NDArray[np.float64], list[Epoch]]:
    stop = fit.stop if len(fit.stop) else fit.train
    with track("cnn: epochs", settings.cnn_epochs) as advance:
        predict_proba, history = cnn.train_cnn(
            pictures[fit.train],
            table.labels[fit.train],
            pictures[stop],
            table.labels[stop],
            classes=len(table.classes),
            epochs=settings.cnn_epochs,
            patience=settings.patience,
            seed=seed,
            advance=advance,
        )
    return predict_proba(pictures[fit.score]), history


def _valid(table: SliceTable, probabilities: NDArray[np.float64], settings: Settings) -> dict[str, Any]:
    """The figures on valid, which no resample is drawn of."""
    rows = np.flatnonzero(table.in_split("valid"))
    scored = Scored(table.labels[rows], probabilities[None, rows], rows, None)
    none = np.empty((0, len(rows)), np.float32)
    return point_figures(figures_with_intervals(scored, table.classes, settings.negative, none))
