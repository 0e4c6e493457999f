"""The command line: one thin function a command."""

import json
import shlex
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from hilum import __version__
from hilum.errors import HilumError, MissingExtra
from hilum.progress import tracker_for

if TYPE_CHECKING:
    from hilum.slices.table import SliceTable

# Top-level modules of the train extra: where one is missing, the user is told what to install.
_TRAIN_MODULES = (
    "torch torchvision timm safetensors huggingface_hub onnx onnxruntime "
    "sklearn scipy pandas matplotlib jinja2 kagglehub"
)

app = typer.Typer(
    help="Compare pretrained networks on chest CT slices, and know what the scores are worth. Research use only.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
weights_app = typer.Typer(help="Weights of the backbones.", no_args_is_help=True)
app.add_typer(weights_app, name="weights")

_out = Console()
_err = Console(stderr=True)

WeightsOption = Annotated[
    Path | None,
    typer.Option("--weights", help="Folder with TAG.safetensors files; also HILUM_WEIGHTS.", show_default=False),
]
GroupsOption = Annotated[
    Path | None,
    typer.Option(help="CSV file: path,group (patient or series), which overrides look-alikes.", show_default=False),
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Stop at a file that cannot be read.")]


def main() -> None:
    """Runs a command; what a user can mend ends in a sentence and exit code 2."""
    try:
        app()
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _TRAIN_MODULES.split():
            raise
        _fail(MissingExtra(package))
    except HilumError as error:
        _fail(error)
    except KeyboardInterrupt:
        _err.print("Stopped. What was computed so far stays in the cache.")
        sys.exit(130)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False,
) -> None:
    if version:
        print(f"hilum {__version__}")
        raise typer.Exit


@app.command()
def compare(
    folder: Annotated[Path | None, typer.Argument(help="Folder with the slices.", show_default=False)] = None,
    table: Annotated[Path | None, typer.Option(help="CSV file: path,label and, if wanted, split,group.")] = None,
    models: Annotated[
        list[str] | None,
        typer.Option(help="Names with commas between; timm:NAME for any timm model.", show_default=False),
    ] = None,
    weights: WeightsOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Run folder; by default runs/FOLDER-TIME.", show_default=False)
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier run in the run folder.")] = False,
    head: Annotated[str, typer.Option(help="logistic, or softmax: trained in epochs.")] = "logistic",
    ensemble: Annotated[
        list[str] | None,
        typer.Option(
            help="Frozen backbones, with commas between, that are averaged in a row of their own.", show_default=False
        ),
    ] = None,
    epochs: Annotated[int, typer.Option(help="Of softmax heads, at most.")] = 10,
    cnn_epochs: Annotated[int, typer.Option(help="Of the CNN, at most.")] = 40,
    patience: Annotated[int, typer.Option(help="Epochs without a lower validation loss before stopping.")] = 10,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 0,
    engine: Annotated[
        str, typer.Option(help="onnxruntime, torch, or auto: torch on a GPU, else onnxruntime.")
    ] = "auto",
    size: Annotated[int | None, typer.Option(help="Input side in pixels instead of each backbone's own.")] = None,
    crop: Annotated[bool, typer.Option(" /--no-crop", help="Use slices whole instead of cropped to the body.")] = True,
    scales: Annotated[int, typer.Option(help="Of each backbone, the last 1 or 2 that features come from.")] = 2,
    negative: Annotated[str, typer.Option(help="The class that is no cancer.")] = "normal",
    random_weights: Annotated[
        bool, typer.Option("--random-weights", help="Leave the backbones random, to try out.")
    ] = False,
    groups: GroupsOption = None,
    protocol: Annotated[
        list[str] | None,
        typer.Option(help="Of given,unseen,grouped,strict; by default all.", show_default=False),
    ] = None,
    cnn_folds: Annotated[
        bool, typer.Option("--cnn-folds", help="Run the CNN under grouped and strict too; five trainings each.")
    ] = False,
    strict: StrictOption = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print metrics.json, and nothing else, to standard output.")
    ] = False,
) -> None:
    """Compare a small CNN and frozen ImageNet backbones on a folder of slices."""
    from hilum.audit.audit import run_audit
    from hilum.audit.record import audit_record
    from hilum.comparison.compare import compare as run_comparison
    from hilum.comparison.run_folder import check_run_folder
    from hilum.report.audit import audit_lines
    from hilum.report.terminal import closing_lines, summary_table
    from hilum.slices.table import read_table

    source = folder or table
    name = source.resolve().stem if source else "run"
    run = out or Path("runs") / f"{name}-{datetime.now():%Y%m%d-%H%M%S}"
    check_run_folder(run, overwrite)
    track = tracker_for(_err)
    slices = read_table(folder, table=table, groups=groups, seed=seed, strict=strict, track=track)
    _show_notes(slices)
    audited = run_audit(slices, negative=negative, seed=seed, track=track)
    for line in audit_lines(audit_record(audited, None)):
        _err.print(line, markup=False, highlight=False, soft_wrap=True)
    comparison = run_comparison(
        slices,
        _split_names(models),
        weights=weights,
        random_weights=random_weights,
        head=head,
        ensemble=[names for value in ensemble or () if (names := _split_names([value]))],
        epochs=epochs,
        cnn_epochs=cnn_epochs,
        patience=patience,
        seed=seed,
        engine=engine,
        size=size,
        crop=crop,
        scales=scales,
        negative=negative,
        protocols=_split_names(protocol),
        cnn_folds=cnn_folds,
        audited=audited,
        track=track,
    )
    comparison.save(run, overwrite=overwrite, command=shlex.join(["hilum", *sys.argv[1:]]))
    metrics = (run / "metrics.json").read_text("utf-8")
    if as_json:
        sys.stdout.write(metrics)
        return
    record = json.loads(metrics)
    _out.print(summary_table(record))
    for line in closing_lines(record, run):
        _out.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command()
def audit(
    folder: Annotated[Path | None, typer.Argument(help="Folder with the slices.", show_default=False)] = None,
    table: Annotated[Path | None, typer.Option(help="CSV file: path,label and, if wanted, split,group.")] = None,
    groups: GroupsOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the audit; by default audits/FOLDER-TIME.", show_default=False)
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier audit in the folder.")] = False,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 0,
    negative: Annotated[str, typer.Option(help="The class that is no cancer.")] = "normal",
    strict: StrictOption = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print audit.json, and nothing else, to standard output.")
    ] = False,
) -> None:
    """Say what is wrong with a folder of slices, before any score: copies, leaks, shortcuts, wrong organs."""
    from hilum.audit.audit import run_audit
    from hilum.audit.folder import check_audit_folder, write_audit_folder
    from hilum.report.audit import audit_lines
    from hilum.slices.table import read_table

    source = folder or table
    name = source.resolve().stem if source else "audit"
    place = out or Path("audits") / f"{name}-{datetime.now():%Y%m%d-%H%M%S}"
    check_audit_folder(place, overwrite)
    track = tracker_for(_err)
    slices = read_table(folder, table=table, groups=groups, seed=seed, strict=strict, track=track)
    _show_notes(slices)
    audited = run_audit(slices, negative=negative, seed=seed, track=track)
    record = write_audit_folder(audited, place, overwrite=overwrite, command=shlex.join(["hilum", *sys.argv[1:]]))
    if as_json:
        sys.stdout.write((place / "audit.json").read_text("utf-8"))
        return
    for line in [*audit_lines(record), f"Audit: {place / 'audit.html'}"]:
        _out.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command()
def phantom(
    folder: Annotated[Path, typer.Argument(help="Folder to make.")],
    slices: Annotated[int, typer.Option(help="Number of slices.")] = 400,
    seed: Annotated[int, typer.Option(help="Same seed, same slices.")] = 0,
) -> None:
    """Draw a synthetic thorax data set, for trying things out without any download."""
    from hilum.slices.phantom import write_phantom

    with tracker_for(_err)("drawing slices", slices) as advance:
        made = write_phantom(folder, slices, seed, advance)
    _out.print(
        f"{made.slices} synthetic slices of {made.patients} phantom patients are in {made.folder}.",
        highlight=False,
    )


@app.command()
def fetch(
    check: Annotated[
        Path | None, typer.Option(help="Only check a copy that is here already.", show_default=False)
    ] = None,
) -> None:
    """Download the public chest CT set from Kaggle, and check every file of it."""
    from hilum.slices import kaggle

    with tracker_for(_err)("checking files", len(kaggle.manifest())) as advance:
        checked = kaggle.fetch(advance) if check is None else kaggle.check(check, advance)
    if not checked.ok:
        raise HilumError(checked.describe())
    _out.print(checked.describe(), markup=False, highlight=False, soft_wrap=True)


@app.command()
def backbones(weights: WeightsOption = None) -> None:
    """List the backbones and where their weights would come from."""
    from hilum.backbones.weights import describe_source, weights_folder
    from hilum.backbones.zoo import ZOO

    folder = weights_folder(weights)
    line = "{:19} {:27} {:>5} {:>8}  {:13} {}".format
    print(line("model", "timm tag", "input", "features", "licence", "weights from"))
    for row in ZOO:
        print(line(row.name, row.tag, row.size, row.width, row.licence, describe_source(row, folder)))


@app.command()
def cache(clear: Annotated[bool, typer.Option("--clear", help="Remove what hilum keeps.")] = False) -> None:
    """Show the cache of facts, features and weights, or clear it."""
    from hilum.storage import cache_folder, cache_use, clear_cache

    if clear:
        clear_cache()
    table = Table("part", "files", "MB", title=f"{cache_folder()}", title_justify="left", box=None, pad_edge=False)
    for use in cache_use():
        table.add_row(use.part, str(use.files), f"{use.bytes / 1e6:.1f}")
    _out.print(table if table.rows else f"{cache_folder()} is empty.", soft_wrap=True)


@weights_app.command()
def pull(
    folder: Annotated[Path, typer.Argument(help="Folder to fill with TAG.safetensors files.")],
    models: Annotated[
        list[str] | None, typer.Option(help="Names with commas between; by default the whole zoo.")
    ] = None,
    weights: WeightsOption = None,
) -> None:
    """Fill a folder with weights on a connected machine, for one that is cut off."""
    from hilum.backbones.weights import NoWeights, pull_weights, weights_folder
    from hilum.backbones.zoo import CNN, ZOO, backbone

    source = weights_folder(weights)
    names = [name for name in _split_names(models) or [row.name for row in ZOO] if name != CNN]
    failed = []
    for row in [backbone(name) for name in names]:
        try:
            path, origin = pull_weights(row, folder, source, tracker_for(_err))
            _out.print(f"{row.name}: {path} (from {origin})", markup=False, highlight=False, soft_wrap=True)
        except NoWeights as error:
            failed.append(f"{row.name}: {error}")
    if failed:
        raise HilumError("\n".join(failed))


def _split_names(values: Iterable[str] | None) -> list[str] | None:
    names = [name.strip() for value in values or () for name in value.split(",") if name.strip()]
    return names or None


def _show_notes(slices: "SliceTable") -> None:
    left_out = (f"Left out: {skipped.path}: {skipped.reason}." for skipped in slices.skipped)
    for note in [*slices.notes, *left_out]:
        _err.print(note, markup=False, highlight=False, soft_wrap=True)


def _fail(error: HilumError) -> None:
    _err.print(f"Error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(2)
