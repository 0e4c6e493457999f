"""The comparison: every model on the same slices and splits, the best chosen on validation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Unpack

import numpy as np
import pandas as pd

from hilum.audit.audit import Audit, first_look, run_audit, with_floors
from hilum.backbones.engine import engine_name
from hilum.backbones.weights import NoWeights, weights_folder
from hilum.backbones.zoo import CNN, backbone
from hilum.comparison.config import comparison_config
from hilum.comparison.external import External, externals, readings_of
from hilum.comparison.models import run_backbone, run_cnn, run_ensemble
from hilum.comparison.options import CompareKeywords, CompareOptions
from hilum.comparison.outside import NOWHERE, Outside, external_floors, outside_of, score_outside
from hilum.comparison.probabilities import probabilities_of
from hilum.comparison.record import history_of, predictions_of, record_of
from hilum.comparison.result import ENSEMBLE, Compared, ModelResult, best_of
from hilum.comparison.run import Run
from hilum.comparison.scores import score_models
from hilum.comparison.similarity import similarity_curve
from hilum.errors import HilumError
from hilum.features.extract import Features
from hilum.heads.hierarchical import at_once_note
from hilum.heads.unchosen import unchosen_note
from hilum.notebook import automatic
from hilum.options import check_keywords
from hilum.progress import Tracker, silent
from hilum.records.comparison import ComparisonRecord, Unavailable
from hilum.records.config import Config
from hilum.scoring.protocols import Slices
from hilum.scoring.scoring import plans_for
from hilum.slices.known import chosen_on
from hilum.slices.table import SliceTable, check_table
from hilum.text import spelt


class Comparison(Run, Compared):
    """The outcome of `compare`, with the attributes of `Compared`. A notebook shows the verdict and the leaderboard.

    Example:
        >>> table = hilum.read_table("phantom", groups="phantom/table.csv")
        >>> hilum.compare(table, ["efficientnet_lite0"])
        Comparison(1 model on phantom; EfficientNet-Lite0: macro-F1 ...)
    """

    def recorded(self, command: str | None) -> ComparisonRecord:
        """The content of metrics.json (docs/run-folder.md), except for the list of files.

        Args:
            command: Command that made the run.

        Example:
            >>> comparison.recorded("hilum compare phantom").command
            'hilum compare phantom'
        """
        return record_of(self, command)

    @property
    def config(self) -> Config:
        """The content of config.json, with which `hilum compare` repeats the comparison."""
        return comparison_config(self)

    def predictions(self) -> pd.DataFrame:
        """The answers: one row per model and file (predictions.csv in docs/run-folder.md).

        Example:
            >>> comparison.predictions()["predicted"].isin(table.classes).all()
            np.True_
        """
        return predictions_of(self)

    def probabilities(self) -> pd.DataFrame:
        """What the figures are computed from: one row per model, protocol, repeat and slice.

        These are the rows of predictions.parquet (docs/run-folder.md).

        Example:
            >>> rows = comparison.probabilities().query("protocol == 'strict' and repeat == 0")
            >>> len(rows) == comparison.record.best_model.protocols["strict"].n
            True
        """
        return probabilities_of(self)

    def history(self) -> pd.DataFrame:
        """How the heads were trained: one row per model and epoch, or per model and strength of its head.

        Example:
            >>> list(comparison.history().columns)[:3]
            ['model', 'epoch', 'train_loss']
        """
        return history_of(self)


def compare(
    table: SliceTable,
    models: Sequence[str] | None = None,
    *,
    ensemble: Sequence[str] | Sequence[Sequence[str]] = (),
    protocols: Sequence[str] | None = None,
    weights: str | Path | None = None,
    audited: Audit | None = None,
    external: Mapping[str, External | SliceTable] | None = None,
    track: Tracker = automatic,
    **options: Unpack[CompareKeywords],
) -> Comparison:
    """Compares frozen backbones and a small CNN on a data set, under protocols of increasing hardness.

    Under `given`, heads and the CNN are trained on train; the CNN and softmax heads are stopped early on valid. Test is
    only scored.

    Args:
        table: The slices, from `read_table`.
        models: One or several names from the zoo, `cnn` or `timm:NAME`; by default those of `default_models`, without
            the CNN, whose training takes minutes.
        ensemble: Names of frozen backbones whose probabilities are averaged in a row of their own; or several such
            lists.
        protocols: One or several names from `hilum.scoring.protocols.PROTOCOLS`; by default all. The first two are
            always included.
        weights: Folder with files `<tag>.safetensors`, looked into first.
        audited: The audit of this table, if it was made already.
        external: Slices from elsewhere by a name for the record, from `read_labelled`, with mapped classes in an
            `External`. Every model is trained on all distinct slices of the table too, and scored on these.
        track: Progress display.
        **options: Fields of `FeatureOptions`, `HeadOptions` and `ScoringOptions`: `effort`, `size`, `crop`, `scales`,
            `views`, `engine`, `random_weights`; `head`, `strengths`, `epochs`, `cnn_epochs`, `patience`; `negative`,
            `repeats`, `cnn_folds`, `look_alike`; `floor`, `margin`; and `seed`.

    Raises:
        HilumError: An option makes no sense for this table, a weights file does not fit, or no model has weights.

    Example:
        >>> table = hilum.read_table("phantom", groups="phantom/table.csv")
        >>> comparison = hilum.compare(table, ["efficientnet_lite0"], protocols=["given"], floor="cheap")
        >>> comparison.best.title
        'EfficientNet-Lite0'
    """
    check_table(table, "compare")
    check_keywords(compare, CompareKeywords, options)
    asked = CompareOptions.asked(models, ensemble=ensemble, protocols=protocols, weights=weights, **options)
    outside = NOWHERE
    if external:
        sets, negative = externals(external), asked.negative_among(table.classes)
        readings_of(sets, table.classes, negative)  # refused before the slow work
        looked = audited or first_look(
            table, negative=negative, look_alike=asked.look_alike, seed=asked.seed, track=track
        )
        outside = outside_of(looked, sets, asked, track)
        audited = audited or with_floors(looked, track=track)
    return run_comparison(table, asked, weights=weights, audited=audited, outside=outside, track=track)


def run_comparison(
    table: SliceTable,
    options: CompareOptions,
    *,
    weights: str | Path | None = None,
    audited: Audit | None = None,
    outside: Outside = NOWHERE,
    track: Tracker = silent,
) -> Comparison:
    """Does what `compare` says, with checked options and slices from elsewhere (`outside_of`) that were read.

    Raises:
        HilumError: The negative class is missing, a weights file does not fit, or no model has weights.
    """
    settings = replace(
        options,
        engine=engine_name(options.engine),
        negative=options.negative_among(table.classes),
        views=options.learnt_views,
    )
    folder = weights_folder(weights)
    audited = audited or run_audit(
        table, negative=settings.negative, look_alike=settings.look_alike, seed=settings.seed, track=track
    )
    audited.check_likeness_of(settings.look_alike)
    plans, notes = plans_for(audited.slices, settings.protocols, repeats=settings.repeats, seed=settings.seed)
    # The audit has the notes of one repeat; other repeats may add some.
    notes += [f"{audited.slices.title(name)}: {note}" for name, plan in plans.items() for note in plan.notes]
    notes += [*outside.notes, *chosen_on(table)]
    parts = [(table, audited.looks), *outside.parts]
    features, every = dict[str, Features](), {**plans, **outside.plans}
    results: list[ModelResult] = []
    unavailable: list[Unavailable] = []
    for name in settings.models:
        if name == CNN:
            results.append(outside.split(run_cnn(parts, settings, every, track)))
            continue
        known = backbone(name)
        try:
            found = settings.weights_of(known, folder, track)
        except NoWeights as error:
            unavailable.append(_unavailable(name, known.title, known.tag, str(error)))
            continue
        result, features[name] = run_backbone(parts, known, found, settings, every, track)
        notes += known.scales_note(settings.scales)
        results.append(outside.split(result))
    notes += _head_notes(settings, table.classes, audited.slices, [of for of in results if of.name in features])
    for members in settings.ensembles:
        ran = [result for result in results if result.name in members]
        if len(ran) == len(members):
            results.append(run_ensemble(table, ran, settings))
        else:
            lacking = [model.name for model in unavailable if model.name in members]
            name = ENSEMBLE.join(members)
            unavailable.append(_unavailable(name, name, "", f"There are no weights of {', '.join(lacking)}."))
    if not results:
        raise HilumError(
            "No model could be compared. " + " ".join(f"{model.name}: {model.reason}" for model in unavailable)
        )
    best, draws = best_of(results).name, audited.floor_draws_of(settings.seed)
    scores = score_models(results, best, plans, audited.slices, settings, draws, track, margin=settings.margin)
    floors, draws = external_floors(audited, outside, settings.seed, track)
    audited = replace(audited, floors={**audited.floors, **floors})
    there = score_outside(results, best, outside, table.classes, settings, draws, track)
    scores = scores.with_those(there)
    curve = similarity_curve(audited, features, results, settings, track) if {"grouped", "strict"} <= {*plans} else ()
    return Comparison(
        table=table,
        settings=settings,
        results=tuple(results),
        unavailable=tuple(unavailable),
        audit=audited,
        plans=plans,
        scores=scores,
        curve=tuple(curve),
        notes=tuple(notes),
        outside=outside,
        weights=folder,
    )


def _unavailable(name: str, title: str, tag: str, reason: str) -> Unavailable:
    return Unavailable(name=spelt(name), title=spelt(title), status="unavailable", reason=spelt(reason), tag=tag)


def _head_notes(
    settings: CompareOptions, classes: Sequence[str], slices: Slices, frozen: Sequence[ModelResult]
) -> Iterator[str]:
    """Sentences about what the heads of frozen backbones could not do as asked."""
    yield from at_once_note(settings.head, classes, settings.negative)
    if any(of.chosen and not of.best_epoch for of in frozen):
        yield unchosen_note(slices, np.flatnonzero(slices.split == 0), "train", frozen[0].chosen)
