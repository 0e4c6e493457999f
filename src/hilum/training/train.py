"""Training a model to use: a head on one frozen backbone, with its trust and what its scores are worth."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Unpack

from hilum.audit.audit import Audit, run_audit
from hilum.backbones.engine import engine_name
from hilum.backbones.weights import Weights
from hilum.backbones.zoo import backbone
from hilum.comparison.external import External, externals, readings_of
from hilum.comparison.models import run_backbone
from hilum.comparison.options import RunOptions
from hilum.comparison.outside import Outside, outside_of
from hilum.comparison.result import Compared, best_of
from hilum.errors import HilumError
from hilum.features.extract import extract
from hilum.heads.hierarchical import at_once_note
from hilum.model.artefact import MODEL, Tensors, write_model
from hilum.model.card import card_text
from hilum.outputs import OutputFolder
from hilum.progress import Tracker, silent
from hilum.records.trained import TrainedRecord
from hilum.scoring.protocols import PROTOCOLS
from hilum.scoring.scoring import plans_for
from hilum.slices.table import SliceTable
from hilum.training.elsewhere import trust_elsewhere
from hilum.training.fitting import fit, plan_fit
from hilum.training.measuring import measure
from hilum.training.options import TrainKeywords, TrainOptions
from hilum.training.recording import other_files, record_of


@dataclass(frozen=True)
class Trained:
    """A model that was trained and is yet to be saved.

    Attributes:
        record: Content of model.json.
        tensors: Arrays that the model computes with.
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
    external: Mapping[str, External | SliceTable] | None = None,
    command: str | None = None,
    track: Tracker = silent,
    **options: Unpack[TrainKeywords],
) -> Trained:
    """Trains a model on a data set, and measures how far its scores and its abstentions can be trusted.

    The head is like those of a comparison, fitted on the distinct slices without label conflicts of the
    splits that `on` names. Temperature, thresholds and outlier limit come from out-of-fold predictions on the same
    slices, with look-alikes kept together. The index holds the last scale's features.

    Args:
        table: The slices, from `read_table`.
        name: Name of the backbone, from the zoo or as `timm:NAME`.
        weights: Folder with files `<tag>.safetensors`.
        audited: The audit of this table, if it was made already.
        external: Slices from elsewhere by a name for the record, from `read_labelled`, with mapped classes in an
            `External`. They choose nothing; the model's answers are measured on them too.
        command: Command that made the model, for the record.
        track: Progress display.
        **options: Fields of `TrainOptions`: `on`, `bundle`, `with_thumbnails`, `effort`, `size`, `crop`, `scales`,
            `views`, `engine`, `random_weights`, `negative`, `floor`, `look_alike` and `seed`.

    Raises:
        HilumError: An option makes no sense, the weights were not found, or a class has too few groups of slices.
    """
    asked = TrainOptions(backbone=name, **options)
    found = asked.weights_of(backbone(name), weights, track)
    return train(table, asked, found, audited=audited, external=external, command=command, track=track)


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
    """Does what `train_model` says, with checked options and weights that were found.

    `outside` takes the place of `external` where those slices were read already.

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
    there = {
        of.name: trust_elsewhere(of, extract(of.table, chosen, weights, options, track), fitted, measured.trust, seed)
        for of in outside.sets
    }
    record = record_of(fitted, measured, audited, weights, options, [*notes, *outside.notes], command, there)
    others = other_files(record, table, fitted.rows, weights, options)
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
