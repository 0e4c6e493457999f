"""Parts of model.json: the backbone, the data, the trust, and the slices that a reader should see."""

import io
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hilum.audit.audit import Audit
from hilum.audit.record import audit_record
from hilum.backbones.facts import Backbone
from hilum.backbones.weights import Weights
from hilum.model.weights import tensors_digest
from hilum.scoring.protocols import Plan
from hilum.slices.pixels import square_of
from hilum.slices.table import SliceTable

THUMBNAIL = 96  # pixels a side
_FAILURES = 12


def backbone_facts(row: Backbone, weights: Weights, seed: int) -> dict[str, Any]:
    """The backbone, and the digests of its weights."""
    return {
        **{name: getattr(row, name) for name in ("name", "title", "tag", "licence", "width")},
        "seed": seed,
        "weights": {
            "origin": weights.origin,
            "digest": weights.digest,
            "tensors": "random" if weights.path is None else tensors_digest(row, weights),
        },
    }


def data_facts(audited: Audit, rows: NDArray[np.intp], on: str, plan: Plan, notes: list[str]) -> dict[str, Any]:
    """The slices: how many, which were fitted on, in which groups, and what the audit found."""
    table, slices = audited.table, audited.slices
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
        "split_drawn": table.split_drawn,
        "skipped": dict(Counter(skipped.reason for skipped in table.skipped)),
        "leaks": audit.leaks,
        "label_conflicts": audit.label_conflicts,
        "findings": audit.findings,
        "notes": [*table.notes, *audited.notes, *notes, *plan.notes],
    }


def _grouped_by(audited: Audit) -> str:
    if not audited.slices.by_id:
        return "look-alikes"
    hashes = {facts for row in audited.table.rows for facts in (row.facts.patient, row.facts.series) if facts}
    taken = {row.group for row in audited.table.rows if row.group} <= hashes
    return "ids of DICOM headers" if taken else "given ids"


def failures(table: SliceTable, plan: Plan, probabilities: NDArray[np.float64]) -> list[dict[str, Any]]:
    """The surest mistakes out of fold, probabilities averaged over the repeats."""
    labels, called = table.labels[plan.scored], probabilities.argmax(1)
    wrong = np.flatnonzero(called != labels)
    surest = wrong[np.argsort(-probabilities[wrong].max(1), kind="stable")][:_FAILURES]
    return [
        {
            "path": table.rows[plan.scored[i]].path,
            "content": table.rows[plan.scored[i]].facts.content,
            "label": table.classes[labels[i]],
            "called": table.classes[called[i]],
            "probability": float(probabilities[i].max()),
        }
        for i in surest
    ]


def thumbnails(table: SliceTable, rows: NDArray[np.intp], crop: bool) -> dict[str, bytes]:
    """Small pictures of rows, by their names in the model folder."""
    pictures = {}
    for i in rows:
        grey = square_of(table, table.rows[i], THUMBNAIL, "bilinear", crop)
        data = io.BytesIO()
        Image.fromarray((grey * 255).round().astype(np.uint8)).save(data, "PNG")
        pictures[f"thumbnails/{table.rows[i].facts.content}.png"] = data.getvalue()
    return pictures
