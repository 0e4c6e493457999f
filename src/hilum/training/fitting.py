"""Training a model to use: a head on one frozen backbone, with its trust and what its scores are worth."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from hilum.audit.audit import Audit, run_audit
from hilum.backbones.checkpoints import as_safetensors
from hilum.backbones.engine import engine_name
from hilum.backbones.weights import Weights
from hilum.backbones.zoo import backbone
from hilum.comparison.models import run_backbone
from hilum.comparison.options import RunOptions
from hilum.comparison.result import Compared, best_of
from hilum.comparison.scores import weigh
from hilum.errors import HilumError
from hilum.heads.factories import Labelled, fit_head, run_heads
from hilum.heads.logistic import LogisticHead
from hilum.heads.variation import all_alike
from hilum.model.artefact import MODEL, TRUST_PICTURE, Tensors, bundled_name, write_model
from hilum.model.card import card_text
from hilum.outputs import OutputFolder
from hilum.progress import Tracker, silent
from hilum.records.base import opening
from hilum.records.model import MODEL_SCHEMA, TrainedRecord
from hilum.report.trust import trust_png
from hilum.scoring.protocols import PROTOCOLS, Fit, development_rows, distinct_rows, folds
from hilum.scoring.scoring import figures_of, plans_for, resamples_of
from hilum.slices.table import SliceTable
from hilum.training.options import TrainKeywords, TrainOptions
from hilum.training.recording import backbone_facts, data_facts, failures, thumbnails
from hilum.trust.fit import fit_trust
from hilum.trust.outliers import unit_length
from hilum.versions import versions

NOTICE = (
    "Research use only. This model tells apart slices like those that it was trained on; it says nothing about a "
    "patient and is no ground for any decision about one."
)


@dataclass(frozen=True)
class Trained:
    """A model that was trained and is yet to be saved.

    Attributes:
        record: What model.json will hold.
        tensors: Of the model.
        others: Bundled weights and thumbnails, by name in the folder.
    """

    record: TrainedRecord
    tensors: Tensors
    others: Mapping[str, bytes]

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Writes the model folder.

        Raises:
            HilumError: The folder holds something that must not be overwritten, or cannot be written.
        """
        with OutputFolder(folder, MODEL, overwrite=overwrite) as out:
            self.write(out)
        return out.place

    def write(self, out: OutputFolder) -> None:
        """Writes the model to an output of the kind `MODEL` that is open already.

        Raises:
            HilumError: It cannot be written.
        """
        write_model(out, self.record.as_json(), self.tensors, card_text(self.record), self.others)


def train_model(
    table: SliceTable,
    name: str,
    *,
    weights: str | Path | None = None,
    audited: Audit | None = None,
    command: str | None = None,
    track: Tracker = silent,
    **options: Unpack[TrainKeywords],
) -> Trained:
    """Trains a model on a data set, and measures what its scores and its doubts are worth.

    The head is the comparison's logistic regression, fitted on the distinct slices without label conflicts of what `on`
    names. Temperature, thresholds and outlier limit come from predictions out of fold over the same slices, look-alikes
    kept together. The index holds the last scale's features.

    Args:
        table: As `read_table` gives it.
        name: Of the backbone, one of the zoo or `timm:NAME`.
        weights: Folder with files `<tag>.safetensors`.
        audited: The audit of this table, where it was made already.
        command: What made the model, for the record.
        track: Shows progress.
        **options: Fields of `TrainOptions`: `on`, `bundle`, `with_thumbnails`, `size`, `crop`, `scales`, `engine`,
            `random_weights`, `negative` and `seed`.

    Raises:
        HilumError: An option makes no sense, the weights cannot be had, or a class has too few groups of slices.
    """
    asked = TrainOptions(backbone=name, **options)
    found = asked.weights_of(backbone(name), weights, track)
    return train(table, asked, found, audited=audited, command=command, track=track)


def train(
    table: SliceTable,
    options: TrainOptions,
    weights: Weights,
    *,
    audited: Audit | None = None,
    command: str | None = None,
    track: Tracker = silent,
) -> Trained:
    """Does what `train_model` says, with options that are an object already and weights that were found.

    Raises:
        HilumError: As `train_model` says.
    """
    name, on, seed = options.backbone, options.on, options.seed
    row, negative = backbone(name), options.negative_among(table.classes)
    scales = min(options.scales, row.scales)
    options = replace(options, engine=engine_name(options.engine), negative=negative, scales=scales)
    audited = audited or run_audit(table, negative=negative, seed=seed, track=track)
    slices = audited.slices
    rows = _rows(audited, on)
    plan = folds("strict", slices, rows, slices.strict, repeats=options.repeats, seed=seed)
    if plan is None or len(np.unique(slices.labels[rows])) < len(table.classes):
        training = np.flatnonzero(slices.split == 0)
        if len(np.unique(slices.picture[training])) == 1 or all(audited.looks[row].blank for row in training):
            raise all_alike(len(training))
        raise HilumError(
            f"In {on}, a class has slices in fewer than two groups of look-alikes (or ids), so that nothing could be "
            "calibrated or scored out of fold. Add slices, or give patients or series as groups."
        )
    plans, notes = plans_for(slices, options.protocols, repeats=options.repeats, seed=seed)
    result, features = run_backbone(table, row, weights, options, plans, track)
    worth = weigh([result], name, plans, slices, options, audited.floor_draws_of(seed))
    data = Labelled(features, table.labels, len(table.classes))
    with track(f"{name}: heads out of fold", 1) as advance:
        held_out = run_heads(data, plan, options)
        advance()
    head = fit_head(data, Fit(rows, rows[:0], rows, rows), slices.strict, options, seed)
    assert isinstance(head, LogisticHead)
    assert plan.folds is not None
    indexed = features[rows, -row.width :]
    trust = fit_trust(
        indexed,
        table.labels[rows],
        slices.strict[rows],
        np.log(np.clip(held_out.probabilities, 1e-12, 1)),
        plan.folds,
        seed=seed,
    )
    figures, _ = figures_of(held_out, slices, table.classes, negative, resamples_of(plan, slices, seed))
    coefficients, offsets = head.on_raw_features()
    tensors = Tensors(coefficients, offsets, trust.temperature, unit_length(indexed))
    record = TrainedRecord.made(
        {
            **opening(MODEL_SCHEMA, NOTICE, command, table.synthetic),
            "random_weights": options.random_weights,
            "classes": table.classes,
            "negative": negative,
            "backbone": backbone_facts(row, weights, seed),
            "preparation": {
                "size": options.size or row.size,
                "interpolation": row.interpolation,
                "crop": options.crop,
                # The same for every DICOM row; pictures of other formats have none.
                "window": next((one.facts.window for one in table.rows if one.facts.window), "auto"),
                "mean": row.mean,
                "std": row.std,
            },
            "engine": options.engine,
            "head": {"kind": options.head, "strength": head.C_, "scales": scales, "width": features.shape[1]},
            "temperature": trust.temperature,
            "thresholds": trust.thresholds,
            "curve": trust.curve,
            "trust": trust.figures,
            "scores": {
                "protocols": {protocol: of[name] for protocol, of in worth.figures.items()},
                "out_of_fold": figures,
                "floors": audited.floors,
            },
            "data": data_facts(audited, rows, on, plan, notes),
            "failures": failures(table, plan, held_out.probabilities.mean(0)),
            "index": [[table.rows[i].path, table.rows[i].label, table.rows[i].facts.content] for i in rows],
            "thumbnails": options.with_thumbnails,
            "versions": versions(),
        }
    )
    others: dict[str, bytes] = {}
    if options.bundle and not options.random_weights:
        others[bundled_name(row.tag)] = as_safetensors(row, weights).read_bytes()
    if drawn := trust_png(record):
        others[TRUST_PICTURE] = drawn
    if options.with_thumbnails:
        others.update(thumbnails(table, rows, options.crop))
    return Trained(record, tensors, others)


def train_best(
    comparison: Compared,
    *,
    weights: str | Path | None = None,
    command: str | None = None,
    track: Tracker = silent,
) -> Trained:
    """Trains a model on the frozen backbone that did best on valid in a comparison, with its settings.

    Args:
        comparison: As `compare` made it; its small CNN and ensembles are passed over.
        weights: Folder with files `<tag>.safetensors`.
        command: What made the model, for the record.
        track: Shows progress.

    Raises:
        HilumError: No frozen backbone was compared, or as `train_model` says.
    """
    frozen = [result for result in comparison.results if "tag" in result.facts]
    if not frozen:
        raise HilumError(
            "No frozen backbone was compared, and a model to use is made of one. Name one among the models."
        )
    shared = {field.name: getattr(comparison.settings, field.name) for field in fields(RunOptions)}
    row = backbone(best_of(frozen).name)
    options = TrainOptions(**{**shared, "backbone": row.name, "head": "logistic", "protocols": PROTOCOLS})
    found = options.weights_of(row, weights, track)
    return train(comparison.table, options, found, audited=comparison.audit, command=command, track=track)


def _rows(audited: Audit, on: str) -> NDArray[np.intp]:
    if on == "development":
        return development_rows(audited.slices)
    rows = distinct_rows(audited.slices)
    return rows if on == "all" else rows[audited.slices.split[rows] == 0]
