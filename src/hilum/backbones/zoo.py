"""The backbones that hilum knows: one row of `zoo.csv` per network, with what its weights require."""

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from hilum.backbones.facts import Backbone
from hilum.options import check_name

# Mean and standard deviation of the colour channels.
_NORMALISATIONS = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "half": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
}


def _read_zoo() -> Iterator[Backbone]:
    with Path(__file__).with_name("zoo.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            mean, std = _NORMALISATIONS[row["normalisation"]]
            yield Backbone(
                name=row["name"],
                title=row["title"],
                tag=row["tag"],
                size=int(row["size"]),
                mean=mean,
                std=std,
                interpolation=row["interpolation"],
                width=int(row["width"]),
                licence=row["licence"],
                on_hub=row["on_hub"] == "yes",
                checkpoint=row["checkpoint"] or None,
            )


ZOO = tuple(_read_zoo())

# The seven backbones of the published comparison, and the one whose weights come in a package. Others are compared by
# default only if their weights are on this machine.
DEFAULT_NAMES = tuple(row.name for row in ZOO[:8])
CNN = "cnn"


def backbone(name: str) -> Backbone:
    """The backbone of a name.

    Args:
        name: Name in `zoo.csv`, or `timm:NAME` for any other model of timm.

    Raises:
        HilumError: There is no such backbone, or timm has no such model or no weights for it.
    """
    if name.startswith("timm:"):
        return _timm_row(name)
    rows = {row.name: row for row in ZOO}
    check_name("model", name, rows, f", any timm model as timm:NAME and, in a comparison, {CNN}")
    return rows[name]


@cache
def _timm_row(name: str) -> Backbone:
    from hilum.backbones.network import timm_facts  # only these names need torch and timm

    return timm_facts(name)
