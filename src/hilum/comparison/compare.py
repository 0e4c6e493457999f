"""The comparison: every model on the same slices and splits, the best chosen on validation."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hilum.backbones.engine import engine_name
from hilum.backbones.weights import RANDOM, NoWeights, local_weights, obtain_weights, weights_folder
from hilum.backbones.zoo import CNN, DEFAULT_NAMES, ZOO, Backbone, backbone
from hilum.comparison.result import ModelResult, Seconds, Settings, Unavailable
from hilum.errors import HilumError
from hilum.evaluation.metrics import Evaluation, evaluate
from hilum.features.extract import extract, prepare
from hilum.progress import Tracker, silent
from hilum.slices.labels import Split
from hilum.slices.table import SliceTable
from hilum.training import cnn
from hilum.training.head import SoftmaxHead

_SCORED: tuple[Split, ...] = ("valid", "test")
SMALLEST_SIZE = 32


@dataclass(frozen=True)
class Comparison:
    """The outcome of `compare`.

    Attributes:
        table: The slices.
        settings: What was asked for.
        results: Models that were scored, in the order asked for.
        unavailable: Models that could not be had, and why.
    """

    table: SliceTable
    settings: Settings
    results: tuple[ModelResult, ...]
    unavailable: tuple[Unavailable, ...]

    @property
    def best(self) -> ModelResult:
        """The model with the highest macro-F1 on validation (ties: the lower loss there); test plays no part."""
        return max(self.results, key=lambda result: _rank(result.evaluations["valid"]))

    def save(self, folder: str | Path, *, overwrite: bool = False, command: str | None = None) -> Path:
        """Writes the run folder: metrics, predictions, history, figures and report.

        Args:
            folder: A folder that does not exist or is empty; with `overwrite`, also an earlier run.
            overwrite: Replaces what an earlier run wrote; other files in the folder are left alone.
            command: What made the run, for the record.

        Raises:
            HilumError: The folder holds something that must not be overwritten.
        """
        from hilum.comparison.run_folder import write_run

        return write_run(self, Path(folder), overwrite=overwrite, command=command)


def default_models(weights: str | Path | None = None) -> tuple[str, ...]:
    """The CNN, the published seven, EfficientNet-Lite0, and other rows of the zoo whose weights are on this machine."""
    folder = weights_folder(weights)
    others = [row.name for row in ZOO if row.name not in DEFAULT_NAMES and local_weights(row, folder)]
    return (CNN, *DEFAULT_NAMES, *others)


def compare(
    table: SliceTable,
    models: Sequence[str] | None = None,
    *,
    weights: str | Path | None = None,
    random_weights: bool = False,
    epochs: int = 10,
    cnn_epochs: int = 40,
    patience: int = 10,
    seed: int = 0,
    engine: str = "auto",
    size: int | None = None,
    crop: bool = True,
    negative: str | None = "normal",
    track: Tracker = silent,
) -> Comparison:
    """Compares frozen backbones and a small CNN on a data set with its given splits.

    Heads and the CNN are trained on train and stopped early on valid; test is only scored.

    Args:
        table: As `read_table` gives it.
        models: Names of the zoo, `cnn` or `timm:NAME`; by default those of `default_models`.
        weights: Folder with files `<tag>.safetensors`; looked into before any other place.
        random_weights: Leaves the backbones random, to try things out; scores then mean nothing.
        epochs: Of a head, at most.
        cnn_epochs: Of the CNN, at most.
        patience: Epochs without a lower validation loss after which a training stops.
        seed: Of heads, CNN and random weights.
        engine: `onnxruntime`, `torch`, or `auto`: torch on a GPU, ONNX Runtime otherwise.
        size: Side of the input in pixels, where it is not to be each backbone's own.
        crop: Whether slices are cropped to the body.
        negative: The class that is no cancer; `normal` is passed over where there is no such class.
        track: Shows progress.

    Raises:
        HilumError: A setting makes no sense for this table, a weights file does not fit, or no model could be had.
    """
    names = tuple(dict.fromkeys(models if models is not None else default_models(weights)))
    rows = {name: backbone(name) for name in names if name != CNN}
    settings = Settings(
        models=names,
        epochs=epochs,
        patience=patience,
        cnn_epochs=cnn_epochs,
        seed=seed,
        engine=engine_name(engine),
        size=size,
        crop=crop,
        negative=_negative(table, negative),
        random_weights=random_weights,
    )
    _check(settings)
    folder = weights_folder(weights)
    results: list[ModelResult] = []
    unavailable: list[Unavailable] = []
    for name in names:
        if name == CNN:
            results.append(_run_cnn(table, settings, track))
            continue
        try:
            results.append(_run_backbone(table, rows[name], folder, settings, track))
        except NoWeights as error:
            unavailable.append(Unavailable(name, rows[name].title, rows[name].tag, str(error)))
    if not results:
        raise HilumError("No model could be had. " + " ".join(f"{row.name}: {row.reason}" for row in unavailable))
    return Comparison(table, settings, tuple(results), tuple(unavailable))


def _run_backbone(
    table: SliceTable, row: Backbone, folder: Path | None, settings: Settings, track: Tracker
) -> ModelResult:
    weights = RANDOM if settings.random_weights else obtain_weights(row, folder, track)
    features = extract(
        table,
        row,
        weights,
        engine=settings.engine,
        size=settings.size,
        crop=settings.crop,
        seed=settings.seed,
        track=track,
    )
    start = time.perf_counter()
    train, valid = table.in_split("train"), table.in_split("valid")
    head = SoftmaxHead(epochs=settings.epochs, patience=settings.patience, seed=settings.seed)
    head.fit(features.values[train], table.labels[train], features.values[valid], table.labels[valid])
    probabilities = head.predict_proba(features.values)
    seconds = Seconds(features.decoding, features.network, time.perf_counter() - start, features.cached)
    facts = {
        "tag": row.tag,
        "licence": row.licence,
        "engine": settings.engine,
        "weights": {"origin": weights.origin, "digest": weights.digest},
        "size": features.recipe.size,
        "width": features.values.shape[1],
    }
    return ModelResult(
        name=row.name,
        title=row.title,
        facts=facts,
        history=tuple(head.history_),
        best_epoch=head.best_epoch_,
        probabilities=probabilities,
        evaluations=_evaluations(table, probabilities, settings),
        seconds=seconds,
    )


def _run_cnn(table: SliceTable, settings: Settings, track: Tracker) -> ModelResult:
    start = time.perf_counter()
    with track("cnn: reading", len(table.rows)) as advance, ThreadPoolExecutor(cpu_count()) as pool:
        pictures = np.empty((len(table.rows), cnn.SIZE, cnn.SIZE), np.float32)
        for number, picture in enumerate(
            pool.map(lambda row: prepare(table, row, cnn.SIZE, "bilinear", settings.crop), table.rows)
        ):
            pictures[number] = picture
            advance()
    decoding = time.perf_counter() - start
    start = time.perf_counter()
    train, valid = table.in_split("train"), table.in_split("valid")
    with track("cnn: epochs", settings.cnn_epochs) as advance:
        predict_proba, history = cnn.train_cnn(
            pictures[train],
            table.labels[train],
            pictures[valid],
            table.labels[valid],
            classes=len(table.classes),
            epochs=settings.cnn_epochs,
            patience=settings.patience,
            seed=settings.seed,
            advance=advance,
        )
    probabilities = predict_proba(pictures)
    return ModelResult(
        name=CNN,
        title="Small CNN",
        facts={"engine": "torch", "size": cnn.SIZE},
        history=tuple(history),
        best_epoch=min(history, key=lambda epoch: epoch.valid_loss).epoch,
        probabilities=probabilities,
        evaluations=_evaluations(table, probabilities, settings),
        seconds=Seconds(decoding, 0.0, time.perf_counter() - start, cached=False),
    )


def _evaluations(table: SliceTable, probabilities: NDArray[np.float64], settings: Settings) -> dict[Split, Evaluation]:
    evaluations = {}
    for split in _SCORED:
        rows = table.in_split(split)
        evaluations[split] = evaluate(table.labels[rows], probabilities[rows], table.classes, settings.negative)
    return evaluations


def _rank(valid: Evaluation) -> tuple[float, float]:
    return valid.f1_macro, -valid.loss


def _negative(table: SliceTable, negative: str | None) -> str | None:
    if negative is None or negative in table.classes:
        return negative
    if negative == "normal":
        return None
    raise HilumError(
        f"There is no class {negative!r} to be the negative one. The classes are {', '.join(table.classes)}."
    )


def _check(settings: Settings) -> None:
    for name in ("epochs", "cnn_epochs", "patience"):
        if getattr(settings, name) < 1:
            raise HilumError(f"--{name.replace('_', '-')} must be 1 or more, not {getattr(settings, name)}.")
    if settings.size is not None and settings.size < SMALLEST_SIZE:
        raise HilumError(f"--size must be {SMALLEST_SIZE} or more, not {settings.size}.")
    if not 0 <= settings.seed < 2**32:
        raise HilumError(f"--seed must be from 0 to {2**32 - 1}, not {settings.seed}.")
