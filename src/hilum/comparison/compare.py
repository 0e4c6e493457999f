"""The comparison: every model on the same slices and splits, the best chosen on validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hilum.audit.audit import Audit, run_audit
from hilum.backbones.engine import engine_name
from hilum.backbones.weights import NoWeights, local_weights, weights_folder
from hilum.backbones.zoo import CNN, DEFAULT_NAMES, ZOO, backbone
from hilum.comparison.heads import HEAD_SEEDS, HEADS
from hilum.comparison.models import run_backbone, run_cnn, run_ensemble
from hilum.comparison.result import ENSEMBLE, ModelResult, Settings, Unavailable
from hilum.comparison.run_folder import RUN, write_run
from hilum.comparison.strength import strength_curve
from hilum.comparison.worth import Worth, weigh
from hilum.errors import HilumError
from hilum.evaluation.intervals import LARGEST_SEED
from hilum.evaluation.metrics import Evaluation
from hilum.evaluation.protocols import PROTOCOLS, Plan, Protocol, in_fewer_groups
from hilum.evaluation.scoring import plans_for
from hilum.outputs import OutputFolder
from hilum.progress import Tracker, silent
from hilum.slices.kaggle import manifest
from hilum.slices.table import SliceTable
from hilum.training.logistic import WITHOUT_FOLDS

SMALLEST_SIZE = 32
_CHOSEN_ON_THESE = (
    "hilum's default head and scales and the settings of the CNN were chosen on train and valid of this public set, "
    "which grouped and strict score too, so that these may be a little too high. Cropping to the body was decided with "
    "the given test split in view; on train and valid alone it makes no difference."
)


@dataclass(frozen=True)
class Comparison:
    """The outcome of `compare`.

    Attributes:
        table: The slices.
        settings: What was asked for.
        results: Models that were scored, in the order asked for.
        unavailable: Models that could not be had, and why.
        audit: What is wrong with the slices.
        plans: The protocols that these slices allow.
        worth: Figures with intervals, and differences to the best model.
        curve: The scores against the strength at which slices are joined (docs/run-folder.md).
        notes: Protocols that were left out and why, and what did not go as the others say.
    """

    table: SliceTable
    settings: Settings
    results: tuple[ModelResult, ...]
    unavailable: tuple[Unavailable, ...]
    audit: Audit
    plans: Mapping[Protocol, Plan]
    worth: Worth
    curve: Sequence[Mapping[str, object]]
    notes: tuple[str, ...]

    @property
    def best(self) -> ModelResult:
        """The model with the highest macro-F1 on validation (ties: the lower loss there); test plays no part."""
        return best_of(self.results)

    def save(self, folder: str | Path, *, overwrite: bool = False, command: str | None = None) -> Path:
        """Writes the run folder: metrics, predictions, history, figures and report.

        Args:
            folder: A folder that does not exist or is empty; with `overwrite`, also an earlier run without other files.
            overwrite: Whether an earlier run is replaced.
            command: What made the run, for the record.

        Raises:
            HilumError: The folder holds something that must not be overwritten, or cannot be written.
        """
        with OutputFolder(folder, RUN, overwrite=overwrite) as out:
            write_run(out, self, command)
        return out.place


def default_models(weights: str | Path | None = None) -> tuple[str, ...]:
    """The published seven, EfficientNet-Lite0, and other rows of the zoo whose weights are on this machine."""
    folder = weights_folder(weights)
    others = [row.name for row in ZOO if row.name not in DEFAULT_NAMES and local_weights(row, folder)]
    return (*DEFAULT_NAMES, *others)


def compare(
    table: SliceTable,
    models: Sequence[str] | None = None,
    *,
    weights: str | Path | None = None,
    random_weights: bool = False,
    head: str = "logistic",
    ensemble: Sequence[str] | Sequence[Sequence[str]] = (),
    epochs: int = 10,
    cnn_epochs: int = 40,
    patience: int = 10,
    seed: int = 0,
    engine: str = "auto",
    size: int | None = None,
    crop: bool = True,
    scales: int = 2,
    negative: str | None = "normal",
    protocols: Sequence[str] | None = None,
    cnn_folds: bool = False,
    audited: Audit | None = None,
    track: Tracker = silent,
) -> Comparison:
    """Compares frozen backbones and a small CNN on a data set, under protocols that say what a score is worth.

    Under `given`, heads and the CNN are trained on train; the CNN and softmax heads are stopped early on valid. Test is
    only scored.

    Args:
        table: As `read_table` gives it.
        models: Names of the zoo, `cnn` or `timm:NAME`; by default those of `default_models`, without the CNN, whose
            training takes minutes.
        weights: Folder with files `<tag>.safetensors`; looked into before any other place.
        random_weights: Leaves the backbones random, to try things out; scores then mean nothing.
        head: `logistic`, whose penalty is chosen by folds inside the training slices, or `softmax`, trained in epochs.
        ensemble: Names of frozen backbones whose probabilities are averaged in a row of their own; or several such.
        epochs: Of a softmax head, at most.
        cnn_epochs: Of the CNN, at most.
        patience: Epochs without a lower validation loss after which a training stops.
        seed: Of heads, CNN and random weights.
        engine: `onnxruntime`, `torch`, or `auto`: torch on a GPU, ONNX Runtime otherwise.
        size: Side of the input in pixels, where it is not to be each backbone's own.
        crop: Whether slices are cropped to the body.
        scales: 2 adds the pooled maps of a backbone's last stage but one to its features, where it has such.
        negative: The class that is no cancer; `normal` is passed over where there is no such class.
        protocols: Of `given`, `unseen`, `grouped` and `strict`; by default all. The first two are always among them.
        cnn_folds: Runs the CNN under the fold protocols too, which takes five trainings each.
        audited: The audit of this table, where it was made already.
        track: Shows progress.

    Raises:
        HilumError: A setting makes no sense for this table, a weights file does not fit, or no model could be had.
    """
    names = tuple(dict.fromkeys(models if models is not None else default_models(weights)))
    rows = {name: backbone(name) for name in names if name != CNN}
    settings = Settings(
        models=names,
        head=head,
        ensembles=_ensembles(ensemble, rows),
        epochs=epochs,
        patience=patience,
        cnn_epochs=cnn_epochs,
        seed=seed,
        engine=engine_name(engine),
        size=size,
        crop=crop,
        scales=scales,
        negative=_negative(table, negative),
        random_weights=random_weights,
        protocols=_protocols(protocols),
        cnn_folds=cnn_folds,
    )
    _check(settings)
    folder = weights_folder(weights)
    audited = audited or run_audit(table, negative=settings.negative, seed=seed, track=track)
    plans, notes = plans_for(audited.slices, settings.protocols, repeats=HEAD_SEEDS, seed=seed)
    # The audit has those of one repeat; more may come up in the others.
    notes += [f"{name}: {note}" for name, plan in plans.items() for note in plan.notes]
    if _chose_defaults(table):
        notes.append(_CHOSEN_ON_THESE)
    features: dict[str, NDArray[np.float32]] = {}
    results: list[ModelResult] = []
    unavailable: list[Unavailable] = []
    for name in names:
        if name == CNN:
            results.append(run_cnn(table, settings, plans, track))
            continue
        try:
            result, features[name] = run_backbone(table, rows[name], folder, settings, plans, track)
            results.append(result)
        except NoWeights as error:
            unavailable.append(Unavailable(name, rows[name].title, rows[name].tag, str(error)))
    if head == "logistic" and any(result.name in features and not result.best_epoch for result in results):
        train = np.flatnonzero(audited.slices.split == 0)
        few = audited.slices.named(in_fewer_groups(audited.slices, train, audited.slices.strict, 2))
        notes.append(
            f"There are fewer than two groups of train with slices of {few or 'a class'}, so that no folds could "
            f"choose the penalty of the logistic heads; C = {WITHOUT_FOLDS:g} was taken."
        )
    for members in settings.ensembles:
        ran = [result for result in results if result.name in members]
        if len(ran) == len(members):
            results.append(run_ensemble(table, ran, settings, plans))
        else:
            lacking = [row.name for row in unavailable if row.name in members]
            name = ENSEMBLE.join(members)
            unavailable.append(Unavailable(name, name, "", f"There are no weights of {', '.join(lacking)}."))
    if not results:
        raise HilumError("No model could be had. " + " ".join(f"{row.name}: {row.reason}" for row in unavailable))
    best = best_of(results).name
    worth = weigh(
        results, best, plans, audited.slices, table.classes, settings.negative, seed, audited.floor_draws_of(seed)
    )
    curve = strength_curve(audited, features, settings, track) if {"grouped", "strict"} <= plans.keys() else ()
    return Comparison(
        table, settings, tuple(results), tuple(unavailable), audited, plans, worth, tuple(curve), tuple(notes)
    )


def best_of(results: Sequence[ModelResult]) -> ModelResult:
    """The model with the highest macro-F1 on validation (ties: the lower loss there); test plays no part."""
    return max(results, key=lambda result: _rank(result.evaluations["valid"]))


def _rank(valid: Evaluation) -> tuple[float, float]:
    return valid.f1_macro, -valid.loss


def _chose_defaults(table: SliceTable) -> bool:
    """Whether most of the slices are of the public set, on which the defaults were chosen."""
    known = set(manifest().values())
    return 2 * sum(row.facts.content in known for row in table.rows) > len(table.rows)


def _ensembles(
    wanted: Sequence[str] | Sequence[Sequence[str]], frozen: Mapping[str, object]
) -> tuple[tuple[str, ...], ...]:
    several = [part for part in wanted if not isinstance(part, str)] or [[str(part) for part in wanted]]
    ensembles = []
    for part in filter(None, several):
        # In the order of the table, so that one ensemble has one name.
        members = tuple(name for name in frozen if name in part)
        if unknown := [name for name in part if name not in frozen]:
            raise HilumError(
                f"--ensemble names {unknown[0]}, which is no frozen backbone of this comparison; "
                f"those are {', '.join(frozen) or 'none'}."
            )
        if len(members) < 2:
            raise HilumError(f"--ensemble needs two frozen backbones or more, and got {', '.join(members)} only.")
        ensembles.append(members)
    return tuple(dict.fromkeys(ensembles))


def _negative(table: SliceTable, negative: str | None) -> str | None:
    if negative is None or negative in table.classes:
        return negative
    if negative == "normal":
        return None
    raise HilumError(
        f"There is no class {negative!r} to be the negative one. The classes are {', '.join(table.classes)}."
    )


def _protocols(wanted: Sequence[str] | None) -> tuple[Protocol, ...]:
    if unknown := set(wanted or ()) - set(PROTOCOLS):
        raise HilumError(f"There is no protocol {sorted(unknown)[0]!r}. The protocols are {', '.join(PROTOCOLS)}.")
    always = ("given", "unseen")  # a test score is never shown without that on the slices that were not seen
    return tuple(name for name in PROTOCOLS if wanted is None or name in wanted or name in always)


def _check(settings: Settings) -> None:
    if settings.head not in HEADS:
        raise HilumError(f"There is no head {settings.head!r}. The heads are {' and '.join(HEADS)}.")
    for name in ("epochs", "cnn_epochs", "patience"):
        if getattr(settings, name) < 1:
            raise HilumError(f"--{name.replace('_', '-')} must be 1 or more, not {getattr(settings, name)}.")
    if settings.size is not None and settings.size < SMALLEST_SIZE:
        raise HilumError(f"--size must be {SMALLEST_SIZE} or more, not {settings.size}.")
    if settings.scales not in (1, 2):
        raise HilumError(f"--scales must be 1 or 2, not {settings.scales}.")
    if not 0 <= settings.seed <= LARGEST_SEED:
        raise HilumError(f"--seed must be from 0 to {LARGEST_SEED}, not {settings.seed}.")
