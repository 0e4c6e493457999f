"""`hilum compare`."""

import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hilum.backbones.zoo import CNN
from hilum.cli import flags
from hilum.cli.common import (
    OUT,
    STEPS,
    TRACK,
    chosen,
    command_line,
    named_views,
    new_folder,
    put,
    read_externals,
    read_slices,
    show,
    show_line,
    show_lines,
    show_profile,
    split_names,
)
from hilum.cli.help import ADVANCED, MODELS, OUTPUT, SCORING, option, switch
from hilum.cli.plans import comparing
from hilum.errors import HilumError
from hilum.heads.options import DEFAULT_HEAD
from hilum.options import DEFAULT_SCALES
from hilum.text import seen_from_here

if TYPE_CHECKING:
    from hilum.audit.audit import Audit
    from hilum.comparison.external import External
    from hilum.comparison.options import CompareOptions
    from hilum.comparison.outside import Outside
    from hilum.slices.table import SliceTable


def _protocol_names() -> list[str]:
    return ["given", "grouped", "strict", "grouped,strict"]


def compare(
    context: typer.Context,
    folder: flags.Folder = None,
    table: flags.Table = None,
    groups: flags.Groups = None,
    external: flags.External = None,
    mapped: flags.Mapped = None,
    window: flags.Window = "auto",
    strict: flags.Strict = False,
    crop: flags.Crop = True,
    models: Annotated[
        list[str] | None,
        option(
            MODELS,
            "NAMES",
            "Comma-separated names from `hilum backbones`, timm:NAME for any timm model, or cnn; by default the first "
            "eight of `hilum backbones` and any other with weights on this machine.",
            complete=flags.backbone_names,
        ),
    ] = None,
    ensemble: Annotated[
        list[str] | None,
        option(
            MODELS,
            "NAMES",
            "Comma-separated frozen backbones to average as one more model; may be repeated.",
            complete=flags.backbone_names,
        ),
    ] = None,
    weights: flags.Weights = None,
    head: flags.Head = DEFAULT_HEAD,
    class_weight: flags.ClassWeight = "none",
    effort: flags.Effort = "fast",
    protocol: Annotated[
        list[str] | None,
        option(
            SCORING,
            "NAMES",
            "Protocols beside given, no-copies and no-look-alikes, which always run: grouped, strict or "
            "grouped,strict; by default both. --protocol given runs neither.",
            complete=_protocol_names,
        ),
    ] = None,
    negative: flags.Negative = "normal",
    look_alike: flags.LookAlike = None,
    floor: flags.Floor = "full",
    margin: Annotated[
        float | None,
        option(
            SCORING,
            "NUMBER",
            "Loss of macro-F1 under strict with which a model counts as good as the best, such as 0.02; by default "
            "none is tested.",
        ),
    ] = None,
    cnn_folds: Annotated[
        bool,
        switch(SCORING, "--cnn-folds", "Also score the CNN under grouped and strict, with five trainings for each."),
    ] = False,
    out: Annotated[Path | None, option(OUTPUT, "FOLDER", "Run folder to write; by default runs/FOLDER-TIME.")] = None,
    overwrite: Annotated[
        bool,
        switch(OUTPUT, "--overwrite", "Replace an earlier run in the run folder and an earlier --save-best model."),
    ] = False,
    save_best: Annotated[
        Path | None,
        option(OUTPUT, "FOLDER", "Folder to save a trained model of the best frozen backbone in."),
    ] = None,
    as_json: Annotated[bool, switch(OUTPUT, "--json", "Print metrics.json instead of a table.")] = False,
    size: flags.Size = None,
    scales: flags.Scales = DEFAULT_SCALES,
    views: flags.Views = None,
    epochs: Annotated[int, option(ADVANCED, "NUMBER", "Maximum number of epochs of a softmax head.")] = 10,
    cnn_epochs: Annotated[int, option(ADVANCED, "NUMBER", "Maximum number of epochs of the CNN.")] = 40,
    patience: Annotated[
        int,
        option(
            ADVANCED,
            "NUMBER",
            "Epochs without a lower validation loss before a softmax head or the CNN stops training.",
        ),
    ] = 10,
    engine: flags.Engine = "auto",
    random_weights: flags.RandomWeights = False,
    seed: flags.Seed = 0,
    profile: flags.Timed = False,
) -> None:
    """Compare pretrained backbones on a folder of slices.

    Trains a head on the frozen features of each backbone, audits the slices, and writes scores with intervals and a
    report to a run folder. --models names other backbones, any timm model or a small CNN.

    Example: hilum compare slices --models densenet169,resnet50 --out run
    """
    given = {**locals(), "views": named_views(views)}
    if profile:
        context.call_on_close(show_profile)
    from hilum.backbones.weights import weights_folder
    from hilum.comparison.external import parse_external
    from hilum.comparison.options import CompareKeywords, CompareOptions
    from hilum.comparison.run_folder import RUN, write_run
    from hilum.outputs import OutputFolder

    run = out or new_folder("runs", folder or table)
    if save_best and (_is_in(run, save_best) or _is_in(save_best, run)):
        raise HilumError("--out and --save-best must be separate folders, neither inside the other.")
    output, best = context.with_resource(OutputFolder(run, RUN, overwrite=overwrite)), None
    if save_best:
        from hilum.model.artefact import MODEL

        best = context.with_resource(OutputFolder(save_best, MODEL, overwrite=overwrite, option="folder (--save-best)"))
    if "unseen" in (split_names(protocol) or ()):
        show_line("The protocol unseen is now called no-copies, since other slices of its chests are in train.")
    options = CompareOptions.asked(
        split_names(models),
        ensemble=[names for value in ensemble or () if (names := split_names([value]))],
        protocols=split_names(protocol),
        weights=weights,
        **chosen(CompareKeywords, given),
    )
    if save_best and set(options.models) == {CNN}:
        raise HilumError("--save-best needs a frozen backbone among --models, because only those can be saved.")
    weights = weights_folder(weights)
    folders = parse_external(external or [], mapped or [])
    STEPS.plan(*comparing(options, weights))
    slices = read_slices(given)
    known = options.negative_among(slices.classes)
    elsewhere = read_externals(folders, given, slices.classes, known)
    audited, outside = _audited(slices, elsewhere, options)
    from hilum.comparison.compare import run_comparison

    comparison = run_comparison(slices, options, weights=weights, audited=audited, outside=outside, track=TRACK)
    write_run(output, comparison, command_line(), TRACK)
    try:
        if best is not None:
            from hilum.training.train import train_best

            trained = train_best(comparison, weights=weights, command=command_line(), track=TRACK)
            trained.write(best)
    finally:  # the run is on disk even if training the model failed
        show_lines(note for note in comparison.notes if note not in audited.notes)
        data = shlex.join(_naming(folder, table, groups))
        _show_run(run, data, as_json, named=bool(split_names(models)))
    if best is not None and save_best is not None:
        name = trained.record.backbone.title
        show_lines([f"Model of {name}, the best frozen backbone on the validation split: {seen_from_here(save_best)}"])


def _audited(
    slices: "SliceTable", elsewhere: Mapping[str, "External"], options: "CompareOptions"
) -> tuple["Audit", "Outside"]:
    """Audits the slices and prints what is found, and leaves out what must not be scored of slices from elsewhere."""
    from hilum.audit.audit import first_look, with_floors  # slow to import, so only once the inputs are checked
    from hilum.audit.record import audit_record
    from hilum.comparison.outside import outside_of
    from hilum.report.audit import severity_lines

    negative = options.negative_among(slices.classes)
    looked = first_look(slices, negative=negative, look_alike=options.look_alike, seed=options.seed, track=TRACK)
    outside = outside_of(looked, elsewhere, options, TRACK)
    audited = with_floors(looked, track=TRACK)
    show_lines([*severity_lines(audit_record(audited, None)), *audited.notes])
    return audited, outside


def _naming(folder: Path | None, table: Path | None, groups: Path | None) -> list[str]:
    options = [("--table", table), ("--groups", groups)]
    return [*([str(folder)] if folder else []), *(str(part) for option in options if option[1] for part in option)]


def _show_run(run: Path, data: str, as_json: bool, *, named: bool) -> None:
    from hilum.records.comparison import ComparisonRecord
    from hilum.report.terminal import closing_lines, next_lines, summary_table

    metrics = (run / "metrics.json").read_bytes()
    if as_json:
        put(metrics)
        return
    record = ComparisonRecord.read(metrics, str(run))
    program = "hilum" if shutil.which("hilum") or not sys.argv[0].endswith("hilum") else sys.argv[0]
    lines = [*closing_lines(record, run), *next_lines(record, data, program)]
    if not named:
        ran = [model.name for model in record.models if model.status == "ok"]
        cnn = f"The small CNN was left out because it takes minutes; add it with --models {','.join([CNN, *ran])}"
        lines.insert(0, cnn)
    show(summary_table(record))
    show_lines(lines, OUT)


def _is_in(folder: Path, other: Path) -> bool:
    return folder.resolve().is_relative_to(other.resolve())
