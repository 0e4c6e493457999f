"""Training a model to use: a head on one frozen backbone, with its trust and what its scores are worth."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hilum.audit.audit import Audit, run_audit
from hilum.backbones.engine import engine_name
from hilum.backbones.weights import Weights
from hilum.backbones.zoo import backbone
from hilum.comparison.external import External, externals, readings_of
from hilum.comparison.models import run_backbone
from hilum.comparison.options import RunOptions
from hilum.comparison.outside import Outside, outside_of
from hilum.comparison.probabilities import PROBABILITIES, parquet_bytes
from hilum.comparison.result import Compared, best_of
from hilum.errors import HilumError
from hilum.features.extract import extract
from hilum.heads.hierarchical import at_once_note
from hilum.model.artefact import Tensors, write_model
from hilum.model.card import card_text
from hilum.outputs import OutputFolder
from hilum.progress import Tracker, silent
from hilum.records.model import TrustElsewhere
from hilum.records.trained import TrainedRecord
from hilum.scoring.protocols import PROTOCOLS
from hilum.scoring.scoring import plans_for
from hilum.slices.table import SliceTable
from hilum.training.elsewhere import probabilities_elsewhere, trust_elsewhere
from hilum.training.fitting import fit, plan_fit
from hilum.training.measuring import measure
from hilum.training.options import TrainOptions
from hilum.training.recording import other_files, probabilities_of, record_of


@dataclass(frozen=True)
class Trained:
    """A model that was trained and is yet to be saved.

    Attributes:
        record: Content of model.json.
        tensors: Arrays that the model computes with.
        others: Probabilities, bundled weights and thumbnails, by name in the folder.
    """

    record: TrainedRecord
    tensors: Tensors
    others: Mapping[str, bytes]

    def write(self, out: OutputFolder) -> None:
        """Writes the model folder to an open output of the kind `MODEL`.

        Raises:
            HilumError: It cannot be written.
        """
        write_model(out, self.record.as_json(), self.tensors, card_text(self.record), self.others)


def train(
    table: SliceTable,
    options: TrainOptions,
    weights: Weights,
    *,
    audited: Audit | None = None,
    external: Mapping[str, External | SliceTable] | None = None,
    outside: Outside | None = None,
    command: str | None = None,
    track: Tracker = silent,
) -> Trained:
    """Trains a model on a data set, and measures how far its scores and its abstentions can be trusted.

    The head is like those of a comparison, fitted on the distinct slices without label conflicts of the
    splits that `on` names. Temperature, thresholds and outlier limit come from out-of-fold predictions on the same
    slices, with look-alikes kept together. The index holds the last scale's features.

    Args:
        table: The slices, from `read_table`.
        options: Checked options.
        weights: The backbone's weights.
        audited: The audit of this table, if it was made already.
        external: Slices from elsewhere by a name for the record. They choose nothing; the model's answers are measured
            on them too.
        outside: The same, where those slices were read already.
        command: Command that made the model, for the record.
        track: Progress display.

    Raises:
        HilumError: A class has too few groups of slices, all training slices look the same, the classes of slices from
            elsewhere do not fit, or a file changed.
    """
    chosen, seed = backbone(options.backbone), options.seed
    options = replace(
        options,
        engine=engine_name(options.engine),
        negative=options.negative_among(table.classes),
        views=options.learnt_views,
    )
    asked = externals(external or {})
    readings_of(asked, table.classes, options.negative)  # refused before the slow work
    audited = audited or run_audit(
        table, negative=options.negative, look_alike=options.look_alike, seed=seed, track=track
    )
    audited.check_likeness_of(options.look_alike)
    outside = outside or outside_of(audited, asked, options, track)
    plan = plan_fit(audited, options)
    plans, notes = plans_for(audited.slices, options.protocols, repeats=options.repeats, seed=seed)
    notes += [*chosen.scales_note(options.scales), *at_once_note(options.head, table.classes, options.negative)]
    result, features = run_backbone([(table, audited.looks)], chosen, weights, options, plans, track)
    fitted = fit(features, audited, plan, options, track)
    measured = measure(fitted, result, plans, audited, options)
    there, answers = dict[str, TrustElsewhere](), dict[str, NDArray[np.float64]]()
    for of in outside.sets:
        found = extract(of.table, chosen, weights, options, track)
        answers[of.plan.name] = probabilities_elsewhere(found, fitted, measured.trust)
        there[of.name] = trust_elsewhere(of, found, answers[of.plan.name], fitted, measured.trust, seed)
    notes += [*fitted.notes, *outside.notes]
    record = record_of(fitted, measured, audited, weights, options, notes, command, there)
    others = other_files(record, table, fitted.rows, weights, options)
    rows = probabilities_of(result, fitted.held_out, audited, outside, answers)
    others[PROBABILITIES] = parquet_bytes(rows)
    return Trained(record, fitted.tensors(measured.trust.temperature), others)


def train_best(
    comparison: Compared,
    *,
    weights: str | Path | None = None,
    command: str | None = None,
    track: Tracker = silent,
) -> Trained:
    """Trains a model on the frozen backbone that did best on valid in a comparison, with the comparison's settings.

    Args:
        comparison: A comparison from `compare`; its small CNN and its ensembles are passed over.
        weights: Folder with files `<tag>.safetensors`.
        command: Command that made the model, for the record.
        track: Progress display.

    Raises:
        HilumError: No frozen backbone was compared, or `train` fails.
    """
    frozen = [result for result in comparison.results if "tag" in result.facts]
    if not frozen:
        raise HilumError(
            "No frozen backbone was compared, and a model to use is made of one. Name one among the models."
        )
    shared = {field.name: getattr(comparison.settings, field.name) for field in fields(RunOptions)}
    best = backbone(best_of(frozen).name)
    options = TrainOptions(**{**shared, "backbone": best.name, "protocols": PROTOCOLS})
    found = options.weights_of(best, weights, track)
    return train(
        comparison.table,
        options,
        found,
        audited=comparison.audit,
        outside=comparison.outside,
        command=command,
        track=track,
    )
