"""Recording: model.json, and the files beside it."""

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from hilum.audit.audit import Audit
from hilum.audit.record import audit_record
from hilum.backbones.facts import Backbone
from hilum.backbones.weights import Weights
from hilum.backbones.zoo import backbone
from hilum.comparison.outside import Outside
from hilum.comparison.probabilities import frames_of, long_frame, places, places_outside
from hilum.comparison.result import ModelResult
from hilum.model.artefact import TRUST_PICTURE, bundled_name
from hilum.model.weights import tensors_digest
from hilum.records.base import opening
from hilum.records.model import LOOK_ALIKES, MODEL_SCHEMA, TrustElsewhere
from hilum.records.trained import TrainedRecord
from hilum.report.trust import trust_png
from hilum.scoring.protocols import Plan, Protocol
from hilum.scoring.scoring import Predictions
from hilum.slices.pixels import square_of
from hilum.slices.table import SliceTable
from hilum.training.fitting import Fitted
from hilum.training.measuring import Measured
from hilum.training.options import TrainOptions
from hilum.versions import versions

NOTICE = (
    "Research use only. This model tells apart slices like those that it was trained on; it says nothing about a "
    "patient and is no ground for any decision about one."
)
OUT_OF_FOLD = "out-of-fold"  # in place of a protocol: what trust was fitted on
THUMBNAIL = 96  # pixels a side
_FAILURES = 12


def record_of(
    fitted: Fitted,
    measured: Measured,
    audited: Audit,
    weights: Weights,
    options: TrainOptions,
    notes: Sequence[str],
    command: str | None,
    elsewhere: Mapping[str, TrustElsewhere] = MappingProxyType({}),
) -> TrainedRecord:
    """The content of model.json, except for the list of files and the digest, which come when it is written.

    Args:
        fitted: The head.
        measured: Trust and scores.
        audited: The audit of the table.
        weights: The backbone's weights.
        options: Settings of the training, as they were used.
        notes: Protocols that were left out, and why.
        command: Command that made the model.
        elsewhere: What the model does on slices of other hospitals, by name.
    """
    table, trust = audited.table, measured.trust
    chosen = backbone(options.backbone)
    head = {
        "kind": options.head,
        "strength": fitted.head.chosen_[0].strength if options.head == "logistic" else None,
        "class_weight": options.class_weight,
        "chosen": fitted.head.chosen_,
        "scales": chosen.scales_of(options.scales),
        "width": fitted.width,
        "views": options.views,
    }
    return TrainedRecord.made(
        {
            **opening(MODEL_SCHEMA, NOTICE, command, table.synthetic),
            "random_weights": options.random_weights,
            "classes": table.classes,
            "negative": options.negative,
            "backbone": _backbone_facts(chosen, weights, options.seed),
            "preparation": _preparation(chosen, table, options),
            "engine": options.engine,
            "head": head,
            "temperature": trust.temperature,
            "thresholds": trust.thresholds,
            "curve": trust.curve,
            "trust": trust.figures.model_copy(update={"elsewhere": elsewhere}),
            "scores": {
                "protocols": measured.protocols,
                "out_of_fold": measured.out_of_fold,
                "floors": measured.floors,
            },
            "data": _data_facts(audited, options.on, fitted.held_out.plan, notes),
            "failures": _failures(table, fitted.held_out),
            "index": [[table.rows[i].path, table.rows[i].label, table.rows[i].facts.content] for i in fitted.rows],
            "thumbnails": options.with_thumbnails,
            "versions": versions(),
        }
    )


def other_files(
    record: TrainedRecord, table: SliceTable, rows: NDArray[np.intp], weights: Weights, options: TrainOptions
) -> dict[str, bytes]:
    """Bundled weights, the picture of the trust and thumbnails of rows, by their names in the model folder."""
    others: dict[str, bytes] = {}
    if options.bundle and not options.random_weights:
        from hilum.backbones.checkpoints import as_safetensors  # loading torch takes seconds

        chosen = backbone(options.backbone)
        others[bundled_name(chosen.tag)] = as_safetensors(chosen, weights).read_bytes()
    if drawn := trust_png(record):
        others[TRUST_PICTURE] = drawn
    if options.with_thumbnails:
        others.update(_thumbnails(table, rows, options.crop))
    return others


def probabilities_of(
    result: ModelResult,
    held_out: Predictions,
    audited: Audit,
    outside: Outside,
    elsewhere: Mapping[Protocol, NDArray[np.float64]],
) -> pd.DataFrame:
    """The rows of predictions.parquet (docs/hand-over.md).

    Args:
        result: The backbone's predictions under every protocol.
        held_out: Predictions for the slices that were fitted on, by heads that had not seen their groups.
        audited: The audit of the table.
        outside: Slices from elsewhere.
        elsewhere: The model's probabilities on each set of them, `[n, classes]`, by the name of its protocol.
    """
    here, there, classes = places(audited.table, audited.slices.strict), places_outside(outside), audited.table.classes
    name, plan = result.name, held_out.plan
    fitted = here.iloc[plan.scored]
    return pd.concat(
        [
            *frames_of(result, here, {}, classes),
            long_frame(name, OUT_OF_FOLD, fitted, held_out.probabilities, plan.folds, classes),
            *(long_frame(name, of, there[of], shares[None], None, classes) for of, shares in elsewhere.items()),
        ],
        ignore_index=True,
    )


def _backbone_facts(chosen: Backbone, weights: Weights, seed: int) -> dict[str, Any]:
    """The backbone, and the digests of its weights."""
    return {
        **{name: getattr(chosen, name) for name in ("name", "title", "tag", "licence", "width")},
        "seed": seed,
        "weights": {
            "origin": weights.origin,
            "digest": weights.digest,
            "tensors": "random" if weights.path is None else tensors_digest(chosen, weights),
        },
    }


def _preparation(chosen: Backbone, table: SliceTable, options: TrainOptions) -> dict[str, Any]:
    """How a slice is prepared for the network."""
    return {
        "size": options.size or chosen.size,
        "interpolation": chosen.interpolation,
        "crop": options.crop,
        # The same for every DICOM row; pictures of other formats have none.
        "window": next((row.facts.window for row in table.rows if row.facts.window), "auto"),
        "mean": chosen.mean,
        "std": chosen.std,
    }


def _data_facts(audited: Audit, on: str, plan: Plan, notes: Sequence[str]) -> dict[str, Any]:
    """Numbers of slices and groups, the slices that were fitted on, and what the audit found."""
    table, slices, rows = audited.table, audited.slices, plan.scored
    labels = slices.labels[rows]
    audit = audit_record(audited, None)
    return {
        "folder": table.root.resolve().name,
        "digest": table.digest,
        "on": on,
        "files": len(table.rows),
        "distinct": table.distinct,
        "counts": table.counts,
        "fitted": {name: int((labels == number).sum()) for number, name in enumerate(table.classes)},
        "groups": {
            name: len(np.unique(slices.strict[rows][labels == number])) for number, name in enumerate(table.classes)
        },
        "grouped_by": _grouped_by(audited),
        "likeness": slices.likeness,
        "split_drawn": table.split_drawn,
        "skipped": dict(Counter(skipped.reason for skipped in table.skipped)),
        "leaks": audit.leaks,
        "label_conflicts": audit.label_conflicts,
        "findings": audit.findings,
        "notes": [*table.notes, *audited.notes, *notes, *plan.notes],
    }


def _grouped_by(audited: Audit) -> str:
    if audited.groups.ids is None:
        return LOOK_ALIKES
    hashes = {facts for row in audited.table.rows for facts in (row.facts.patient, row.facts.series) if facts}
    taken = {row.group for row in audited.table.rows if row.group} <= hashes
    return "ids of DICOM headers" if taken else "given ids"


def _failures(table: SliceTable, held_out: Predictions) -> list[dict[str, Any]]:
    """The most confident mistakes out of fold, with probabilities averaged over the repeats."""
    rows, probabilities = held_out.plan.scored, held_out.probabilities.mean(0)
    labels, called = table.labels[rows], probabilities.argmax(1)
    wrong = np.flatnonzero(called != labels)
    worst = wrong[np.argsort(-probabilities[wrong].max(1), kind="stable")][:_FAILURES]
    return [
        {
            "path": table.rows[rows[i]].path,
            "content": table.rows[rows[i]].facts.content,
            "label": table.classes[labels[i]],
            "called": table.classes[called[i]],
            "probability": float(probabilities[i].max()),
        }
        for i in worst
    ]


def _thumbnails(table: SliceTable, rows: NDArray[np.intp], crop: bool) -> dict[str, bytes]:
    """Small pictures of slices, by their names in the model folder."""
    pictures = {}
    for i in rows:
        grey = square_of(table, table.rows[i], THUMBNAIL, "bilinear", crop)
        data = io.BytesIO()
        Image.fromarray((grey * 255).round().astype(np.uint8)).save(data, "PNG")
        pictures[f"thumbnails/{table.rows[i].facts.content}.png"] = data.getvalue()
    return pictures
