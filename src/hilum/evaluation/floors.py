"""The floor of a score: what the best of some simple models reaches that hardly see the disease."""

import math
from collections.abc import Mapping
from typing import Any


def highest(values: Mapping[str, float | None]) -> str | None:
    """The name of the highest value, the first on ties; None where none is known."""
    known = {name: value for name, value in values.items() if value is not None and not math.isnan(value)}
    return max(known, key=known.__getitem__, default=None)


def highest_floor(floors: Mapping[str, Mapping[str, Any]]) -> tuple[str, Mapping[str, Any]] | None:
    """The floor with the highest macro-F1 in a protocol.

    Args:
        floors: Figures of each simple model in that protocol, `f1_macro` with its interval among them.

    Returns:
        The name of the simple model and its macro-F1 with the interval; None where none was computed.
    """
    name = highest({name: figures["f1_macro"]["value"] for name, figures in floors.items()})
    return None if name is None else (name, floors[name]["f1_macro"])
