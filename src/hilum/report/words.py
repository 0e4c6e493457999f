"""The words and figures that the terminal, the pages and the pictures share; the standard library is enough."""

import math
from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Any]

SYNTHETIC = "Synthetic phantom slices"
RANDOM_WEIGHTS = "Random weights: scores mean nothing"
DASH = "–"


def warnings_of(record: Record) -> list[str]:
    """The lines that every table and figure of this record has to carry."""
    flags = {"synthetic": SYNTHETIC, "random_weights": RANDOM_WEIGHTS}
    return [line for flag, line in flags.items() if record.get(flag)]


def score(model: Record, split: str, *keys: str) -> float | None:
    """A figure of one split of one model.

    Args:
        model: A row of `record["models"]`.
        split: `valid` or `test`.
        *keys: The figure's name, or the way to it, such as `"keras", "auc"`.

    Returns:
        The figure, or None where it could not be computed or is not there.
    """
    value: Any = (model.get("splits") or {}).get(split)
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return None if value is None or math.isnan(value) else float(value)


def total_seconds(model: Record) -> float | None:
    """The seconds that a model cost altogether."""
    value = (model.get("seconds") or {}).get("total")
    return None if value is None else float(value)


def number(value: float | None, digits: int = 3) -> str:
    """A figure with fixed digits, or a dash for one that could not be computed."""
    return DASH if value is None or math.isnan(value) else f"{value:,.{digits}f}"


def plural(count: int, noun: str) -> str:
    """A count with its noun: `1 file`, `1,000 files`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def readable(name: str) -> str:
    """A class name as it is read: `large cell carcinoma`."""
    return name.replace("_", " ")


def compared(record: Record) -> list[Record]:
    """The models that ran, best first by macro-F1 on valid (ties: lower loss)."""

    def key(model: Record) -> tuple[bool, float, float]:
        f1, loss = score(model, "valid", "f1_macro"), score(model, "valid", "loss")
        return model["name"] != record["best"], math.inf if f1 is None else -f1, math.inf if loss is None else loss

    return sorted((model for model in record["models"] if model["status"] == "ok"), key=key)


def not_compared(record: Record) -> list[str]:
    """A line for each reason why models could not be had, with the models."""
    titles: dict[str, list[str]] = {}
    for model in record["models"]:
        if model["status"] != "ok":
            titles.setdefault(model["reason"] or "No reason is given.", []).append(model["title"])
    return [f"Not compared: {', '.join(names)}. {reason}" for reason, names in titles.items()]


def best_model(record: Record) -> Record | None:
    """The model chosen on valid, or None where no model ran."""
    return next((model for model in record["models"] if model["name"] == record["best"]), None)


def with_interval(figure: Record | None, digits: int = 3) -> str:
    """A figure of a protocol with the interval around it: `0.926 [0.89–0.95]`."""
    value = known(figure)
    return DASH if value is None else f"{number(value, digits)} {interval(figure)}"


def interval(figure: Record | None) -> str:
    """The interval of a figure alone: `[0.89–0.95]`, or `[–]` where there is none."""
    low, high = ((figure or {}).get(end) for end in ("low", "high"))
    if low is None or high is None:
        return f"[{DASH}]"
    between = DASH if low >= 0 else " to "  # a dash before a minus is misread
    return f"[{number(low, 2)}{between}{number(high, 2)}]"


def known(figure: Record | None) -> float | None:
    """The value of a figure with an interval, or None where it could not be computed."""
    value = (figure or {}).get("value")
    return None if value is None or math.isnan(value) else float(value)


def protocol_names(record: Record) -> list[str]:
    """The ways in which the models were scored, in the record's order; none in a record without them."""
    return [protocol["name"] for protocol in record.get("protocols") or ()]


def worth(model: Record | None, protocol: str, key: str = "f1_macro") -> Record | None:
    """A model's figure with its interval in one protocol, or None where the protocol was not run for it."""
    scores = ((model or {}).get("protocols") or {}).get(protocol) or {}
    figure: Record | None = scores.get(key)
    return figure


def floors_of(record: Record, protocol: str) -> Mapping[str, Record]:
    """What simple models that see little of a slice reach in one protocol: `{name: {"f1_macro": …}}`."""
    floors = (record.get("audit") or {}).get("floors") or {}
    found: Mapping[str, Record] = floors.get(protocol) or {}
    return found


def short_title(model: Record, record: Record) -> str:
    """A model's title as a chart has room for it: an ensemble is named by its size where that tells it apart."""
    members = len(model.get("members") or ())
    alike = [other for other in record["models"] if len(other.get("members") or ()) == members]
    return f"{members} averaged" if members and len(alike) == 1 else str(model["title"])
