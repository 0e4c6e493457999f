"""Commands around data, weights and the cache: phantom, fetch, backbones, cache, weights pull."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from hilum.cli import flags
from hilum.cli.common import OUT, TRACK, say, show_lines, split_names
from hilum.errors import HilumError
from hilum.text import printable


def phantom(
    folder: Annotated[Path, typer.Argument(help="Folder to make.")],
    slices: Annotated[int, typer.Option(help="Number of slices.")] = 400,
    seed: Annotated[int, typer.Option(help="Same seed, same slices.")] = 0,
    faults: Annotated[
        bool, typer.Option("--faults/--clean", help="Plant faults for the audit to find, or none.")
    ] = True,
) -> None:
    """Draw a synthetic thorax data set, for trying things out without any download."""
    from hilum.phantom.dataset import write_phantom

    with TRACK("drawing slices", slices) as advance:
        made = write_phantom(folder, slices, seed, advance, faults=faults)
    say(f"{made.slices} synthetic slices of {made.patients} phantom patients are in {made.folder}.")
    if made.faults:
        say(
            f"{made.faults} planted faults are listed in faults.csv there: a leaked patient, exact copies, a label "
            "conflict, a mark that tells a class, and files that are no slices. --clean plants none."
        )


def fetch(
    check: Annotated[Path | None, typer.Option(help="Only check a copy that is here already.")] = None,
) -> None:
    """Download the public chest CT set from Kaggle, and check every file of it."""
    from hilum.slices import kaggle

    with TRACK("checking files", len(kaggle.manifest())) as advance:
        checked = kaggle.fetch(advance) if check is None else kaggle.check(check, advance)
    if not checked.ok:
        raise HilumError(checked.describe())
    show_lines(checked.describe().split("\n"), OUT)


def backbones(weights: flags.Weights = None) -> None:
    """List the backbones and where their weights would come from."""
    from hilum.backbones.weights import describe_source, weights_folder
    from hilum.backbones.zoo import ZOO

    folder = weights_folder(weights)
    line = "{:19} {:27} {:>5} {:>8}  {:13} {}".format
    say(line("model", "timm tag", "input", "features", "licence", "weights from"))
    for row in ZOO:
        say(line(row.name, row.tag, row.size, row.width, row.licence, describe_source(row, folder)))


def cache(clear: Annotated[bool, typer.Option("--clear", help="Remove what hilum keeps.")] = False) -> None:
    """Show the cache of facts, features and weights, or clear it."""
    from hilum.storage import cache_folder, cache_use, clear_cache

    if clear:
        clear_cache()
    place = printable(str(cache_folder()))
    table = Table("part", "files", "MB", title=Text(place), title_justify="left", box=None, pad_edge=False)
    for use in cache_use():
        table.add_row(use.part, str(use.files), f"{use.bytes / 1e6:.1f}")
    OUT.print(table if table.rows else Text(f"{place} is empty."), soft_wrap=True)


def pull(
    folder: Annotated[Path, typer.Argument(help="Folder to fill with TAG.safetensors files.")],
    models: Annotated[
        list[str] | None, typer.Option(help="Names with commas between; by default the whole zoo.")
    ] = None,
    weights: flags.Weights = None,
) -> None:
    """Fill a folder with weights on a connected machine, for one that is cut off."""
    from hilum.backbones.checkpoints import pull_weights
    from hilum.backbones.weights import NoWeights, weights_folder
    from hilum.backbones.zoo import CNN, ZOO, backbone

    source = weights_folder(weights)
    names = [name for name in split_names(models) or [row.name for row in ZOO] if name != CNN]
    failed = []
    for row in [backbone(name) for name in names]:
        try:
            path, origin = pull_weights(row, folder, source, TRACK)
            say(f"{row.name}: {path} (from {origin})")
        except NoWeights as error:
            failed.append(f"{row.name}: {error}")
    if failed:
        raise HilumError("\n".join(failed))
