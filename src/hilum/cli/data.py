"""The commands for data, weights and the cache: phantom, fetch, backbones, cache and weights pull."""

from pathlib import Path
from typing import Annotated

from rich.table import Table

from hilum.cli import flags
from hilum.cli.common import OUT, ROWS, TRACK, say, show, show_lines, split_names
from hilum.cli.help import DATA, MODELS, argument, option, switch
from hilum.errors import HilumError
from hilum.text import seen_from_here


def phantom(
    folder: Annotated[Path, argument("FOLDER", "Folder to write.")],
    n_slices: Annotated[int, option(DATA, "NUMBER", "Number of slices.", "--slices")] = 400,
    faults: Annotated[
        bool,
        switch(DATA, "--faults/--clean", "Plant faults for the audit to find (the default), or write a clean set."),
    ] = True,
    seed: flags.Seed = 0,
) -> None:
    """Write a synthetic data set, to try hilum without a download.

    Example: hilum phantom slices --slices 200
    """
    from hilum.phantom.dataset import write_phantom

    with TRACK("drawing slices", n_slices) as advance:
        made = write_phantom(folder, n_slices, seed, advance, faults=faults)
    say(f"{made.n_slices} synthetic slices of {made.patients} phantom patients: {seen_from_here(made.folder)}")
    if made.faults:
        say(
            f"{made.faults} planted faults are listed in faults.csv there: a leaked patient, exact copies, a label "
            "conflict, a mark that reveals a class, and files that are not slices. Use --clean for a set without them."
        )


def fetch(
    check: Annotated[Path | None, option(DATA, "FOLDER", "Existing copy to check instead of downloading.")] = None,
) -> None:
    """Download the public chest CT set from Kaggle and check it.

    Example: hilum fetch --check chest-ctscan
    """
    from hilum.slices import kaggle

    with TRACK("checking files", len(kaggle.manifest())) as advance:
        checked = kaggle.fetch(advance) if check is None else kaggle.check(check, advance)
    if not checked.ok:
        raise HilumError(checked.describe())
    show_lines(checked.describe().split("\n"), OUT)


def backbones(weights: flags.Weights = None) -> None:
    """List the backbones and where their weights come from.

    Example: hilum backbones --weights weights
    """
    from hilum.backbones.weights import describe_source, weights_folder
    from hilum.backbones.zoo import ZOO

    folder = weights_folder(weights)
    line = "{:19} {:27} {:>5} {:>8}  {:13} {}".format
    say(line("model", "timm tag", "input", "features", "licence", "weights from"), ROWS)
    for one in ZOO:
        say(line(one.name, one.tag, one.size, one.width, one.licence, describe_source(one, folder)), ROWS)


def cache(
    clear: Annotated[bool, switch(DATA, "--clear", "Remove everything that hilum cached.")] = False,
) -> None:
    """Show or clear the cache of file facts, features and weights.

    Example: hilum cache --clear
    """
    from hilum.storage import cache_folder, cache_use, clear_cache

    if clear:
        clear_cache()
    table = Table("part", "files", "MB", box=None, pad_edge=False)
    for use in cache_use():
        table.add_row(use.part, str(use.files), f"{use.bytes / 1e6:.1f}")
    say(f"Cache{'' if table.rows else ', empty'}: {cache_folder()}", ROWS)
    if table.rows:
        show(table, ROWS)


def pull(
    folder: Annotated[Path, argument("FOLDER", "Folder to write TAG.safetensors files to.")],
    models: Annotated[
        list[str] | None,
        option(
            MODELS,
            "NAMES",
            "Comma-separated backbone names; by default all of `hilum backbones`.",
            complete=flags.backbone_names,
        ),
    ] = None,
    weights: flags.Weights = None,
) -> None:
    """Collect weights in a folder, for a machine without a network.

    Example: hilum weights pull weights --models densenet169,resnet50
    """
    from hilum.backbones.checkpoints import pull_weights
    from hilum.backbones.weights import NoWeights, weights_folder
    from hilum.backbones.zoo import CNN, ZOO, backbone

    source = weights_folder(weights)
    names = [name for name in split_names(models) or [one.name for one in ZOO] if name != CNN]
    failed = []
    for found in [backbone(name) for name in names]:
        try:
            path, origin = pull_weights(found, folder, source, TRACK)
            say(f"{found.name}, from {origin}: {seen_from_here(path)}")
        except NoWeights as error:
            failed.append(f"{found.name}: {error}")
    if failed:
        raise HilumError("\n".join(failed))
