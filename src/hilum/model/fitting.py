"""Training a model to use: a head on one frozen backbone, with its trust and what its scores are worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.audit.audit import Audit, run_audit
from hilum.backbones.checkpoints import as_safetensors
from hilum.backbones.engine import engine_name
from hilum.backbones.weights import RANDOM, obtain_weights, weights_folder
from hilum.backbones.zoo import CNN, backbone
from hilum.comparison.compare import SMALLEST_SIZE, Comparison, best_of
from hilum.comparison.heads import HEAD_SEEDS, fit_head, run_heads
from hilum.comparison.models import run_backbone
from hilum.comparison.result import Settings
from hilum.comparison.worth import weigh
from hilum.errors import HilumError
from hilum.evaluation.intervals import LARGEST_SEED
from hilum.evaluation.protocols import PROTOCOLS, Fit, development_rows, distinct_rows, folds
from hilum.evaluation.scoring import figures_of, plans_for, resamples_of
from hilum.model.artefact import TRUST_PICTURE, Tensors, bundled_name, save_model, write_model
from hilum.model.card import card_text
from hilum.model.facts import SCHEMA
from hilum.model.record import backbone_facts, data_facts, failures, thumbnails, trust_facts
from hilum.model.rules import LARGEST_SIZE
from hilum.outputs import OutputFolder
from hilum.progress import Tracker, silent
from hilum.report.trust import trust_png
from hilum.slices.table import SliceTable
from hilum.text import plain_data
from hilum.training.logistic import LogisticHead
from hilum.training.variation import all_alike
from hilum.trust.fit import fit_trust
from hilum.trust.outliers import unit_length
from hilum.versions import versions

FITTED_ON = ("train", "development", "all")
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

    record: Mapping[str, Any]
    tensors: Tensors
    others: Mapping[str, bytes]

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Writes the model folder.

        Raises:
            HilumError: The folder holds something that must not be overwritten, or cannot be written.
        """
        return save_model(folder, self.record, self.tensors, card_text(self.record), self.others, overwrite=overwrite)

    def write(self, out: OutputFolder) -> None:
        """Writes the model to an output of the kind `MODEL` that is open already.

        Raises:
            HilumError: It cannot be written.
        """
        write_model(out, self.record, self.tensors, card_text(self.record), self.others)


def train_model(
    table: SliceTable,
    name: str,
    *,
    weights: str | Path | None = None,
    random_weights: bool = False,
    on: str = "development",
    bundle: bool = False,
    with_thumbnails: bool = False,
    size: int | None = None,
    crop: bool = True,
    scales: int = 2,
    engine: str = "auto",
    negative: str | None = "normal",
    seed: int = 0,
    audited: Audit | None = None,
    command: str | None = None,
    track: Tracker = silent,
) -> Trained:
    """Trains a model on a data set, and measures what its scores and its doubts are worth.

    The head is the comparison's logistic regression, fitted on the distinct slices without label conflicts of what `on`
    names. Temperature, thresholds and outlier limit come from predictions out of fold over the same slices, look-alikes
    kept together. The index holds the last scale's features.

    Args:
        table: As `read_table` gives it.
        name: Of a backbone, or `timm:NAME`.
        weights: Folder with files `<tag>.safetensors`.
        random_weights: Leaves the backbone random, to try things out; answers then mean nothing.
        on: `train`, `development` (train and valid) or `all`.
        bundle: Adds the backbone's weights to the model.
        with_thumbnails: Adds small pictures of the training slices, which whoever has the model can see.
        size: Side of the input in pixels, where it is not to be the backbone's own.
        crop: Whether slices are cropped to the body.
        scales: 2 adds the pooled maps of the backbone's last stage but one to its features, where it has such.
        engine: `onnxruntime`, `torch`, or `auto`.
        negative: The class that is no cancer; `normal` is passed over where there is no such class.
        seed: Of everything that is drawn.
        audited: The audit of this table, where it was made already.
        command: What made the model, for the record.
        track: Shows progress.

    Raises:
        HilumError: A setting makes no sense, the weights cannot be had, or a class has too few groups of slices.
    """
    if name == CNN:
        raise HilumError("A model to use is made of a frozen backbone; the small CNN is only compared.")
    if on not in FITTED_ON:
        raise HilumError(f"--on must be {', '.join(FITTED_ON)}, not {on!r}.")
    if size is not None and not SMALLEST_SIZE <= size <= LARGEST_SIZE:
        raise HilumError(f"--size must be from {SMALLEST_SIZE} to {LARGEST_SIZE}, not {size}.")
    if scales not in (1, 2):
        raise HilumError(f"--scales must be 1 or 2, not {scales}.")
    if not 0 <= seed <= LARGEST_SEED:
        raise HilumError(f"--seed must be from 0 to {LARGEST_SEED}, not {seed}.")
    if negative not in (None, "normal", *table.classes):
        raise HilumError(
            f"There is no class {negative!r} to be the negative one. The classes are {', '.join(table.classes)}."
        )
    row = backbone(name)
    settings = Settings(
        models=(name,),
        head="logistic",
        ensembles=(),
        epochs=0,
        patience=0,
        cnn_epochs=0,
        seed=seed,
        engine=engine_name(engine),
        size=size,
        crop=crop,
        scales=min(scales, row.scales),
        negative=negative if negative in table.classes else None,
        random_weights=random_weights,
        protocols=PROTOCOLS,
        cnn_folds=False,
    )
    audited = audited or run_audit(table, negative=settings.negative, seed=seed, track=track)
    slices = audited.slices
    rows = _rows(audited, on)
    plan = folds("strict", slices, rows, slices.strict, repeats=HEAD_SEEDS, seed=seed)
    if plan is None or len(np.unique(slices.labels[rows])) < len(table.classes):
        train = np.flatnonzero(slices.split == 0)
        if len(np.unique(slices.picture[train])) == 1 or all(audited.looks[row].blank for row in train):
            raise all_alike(len(train))
        raise HilumError(
            f"In {on}, a class has slices in fewer than two groups of look-alikes (or ids), so that nothing could be "
            "calibrated or scored out of fold. Add slices, or give patients or series by --groups."
        )
    plans, notes = plans_for(slices, PROTOCOLS, repeats=HEAD_SEEDS, seed=seed)
    found = RANDOM if random_weights else obtain_weights(row, weights_folder(weights), track)
    result, features = run_backbone(table, row, weights_folder(weights), settings, plans, track)
    worth = weigh([result], name, plans, slices, table.classes, settings.negative, seed, audited.floor_draws_of(seed))
    with track(f"{name}: heads out of fold", 1) as advance:
        held_out = run_heads(features, table.labels, len(table.classes), plan, settings)
        advance()
    head = fit_head(features, table.labels, Fit(rows, rows[:0], rows, rows), slices.strict, settings, seed)
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
    figures, _ = figures_of(held_out, slices, table.classes, settings.negative, resamples_of(plan, slices, seed))
    coefficients, offsets = head.on_raw_features()
    tensors = Tensors(coefficients, offsets, trust.temperature, unit_length(indexed))
    record = {
        "schema": SCHEMA,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "notice": NOTICE,
        "synthetic": table.synthetic,
        "random_weights": random_weights,
        "classes": list(table.classes),
        "negative": settings.negative,
        "backbone": backbone_facts(row, found, seed),
        "preparation": {
            "size": size or row.size,
            "interpolation": row.interpolation,
            "crop": crop,
            # The same for every DICOM row; pictures of other formats have none.
            "window": next((one.facts.window for one in table.rows if one.facts.window), "auto"),
            "mean": list(row.mean),
            "std": list(row.std),
        },
        "engine": settings.engine,
        "head": {"kind": "logistic", "strength": head.C_, "scales": settings.scales, "width": features.shape[1]},
        **trust_facts(trust),
        "scores": {
            "protocols": {protocol: of[name] for protocol, of in worth.figures.items()},
            "out_of_fold": figures,
            "floors": audited.floors,
        },
        "data": data_facts(audited, rows, on, plan, notes),
        "failures": failures(table, plan, held_out.probabilities.mean(0)),
        "index": [[table.rows[i].path, table.rows[i].label, table.rows[i].facts.content] for i in rows],
        "thumbnails": with_thumbnails,
        "versions": versions(),
    }
    record = plain_data(record)
    others: dict[str, bytes] = {}
    if bundle and not random_weights:
        others[bundled_name(row.tag)] = as_safetensors(row, found).read_bytes()
    if drawn := trust_png(record):
        others[TRUST_PICTURE] = drawn
    if with_thumbnails:
        others.update(thumbnails(table, rows, crop))
    return Trained(record, tensors, others)


def train_best(
    comparison: Comparison,
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
        raise HilumError("No frozen backbone was compared, and a model to use is made of one. Name one by --models.")
    settings = comparison.settings
    return train_model(
        comparison.table,
        best_of(frozen).name,
        weights=weights,
        random_weights=settings.random_weights,
        size=settings.size,
        crop=settings.crop,
        scales=settings.scales,
        engine=settings.engine.partition(" ")[0],
        negative=settings.negative,
        seed=settings.seed,
        audited=comparison.audit,
        command=command,
        track=track,
    )


def _rows(audited: Audit, on: str) -> NDArray[np.intp]:
    if on == "development":
        return development_rows(audited.slices)
    rows = distinct_rows(audited.slices)
    return rows if on == "all" else rows[audited.slices.split[rows] == 0]
