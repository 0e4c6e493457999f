"""The leaderboard of a comparison, and the differences from its best model, as DataFrames."""

import math
from typing import Any

import pandas as pd

from hilum.records.comparison import ComparedModel, ComparisonRecord, Difference
from hilum.records.figures import Estimate
from hilum.report.leaderboard import protocols
from hilum.report.scores import floor_beside, lead_of
from hilum.report.words import macro_f1

_DIFFERENCES = [
    *("protocol", "model", "f1_macro", "f1_macro_low", "f1_macro_high", "p", "p_holm", "told_apart", "as_good"),
    *("auc_macro", "auc_macro_low", "auc_macro_high", "first"),
]


def leaderboard(record: ComparisonRecord) -> pd.DataFrame:
    """One row a model, the best first and named by the model.

    Returns:
        Columns: `title`; macro-F1 under the headline protocol, such as `strict`; that of the highest
        `floor`, which `floor_name` names; the `lead` over it; macro-F1 under `given` and on slices from elsewhere, such
        as `external:iq`; their AUC, such as `external:iq_auc`; and `seconds`. The limits of 95 % intervals are in
        columns that end in `_low` and `_high`.
    """
    return pd.DataFrame([_row(record, model) for model in record.ranked]).set_index("model")


def _row(record: ComparisonRecord, model: ComparedModel) -> dict[str, Any]:
    floor_name, floor = floor_beside(record, model, record.headline) or (None, None)
    lead = lead_of(model, record.headline)
    row: dict[str, Any] = {"model": model.name, "title": model.title}
    row |= _columns(record.headline, macro_f1(model, record.headline))
    row |= {"floor": floor.value if floor else None, "floor_name": floor_name}
    row |= _columns("lead", lead.difference if lead else None)
    for protocol in protocols(record)[1:]:
        of = model.protocols.get(protocol.name)
        row |= _columns(protocol.name, of.f1_macro if of else None)
        if protocol.external:
            row |= _columns(f"{protocol.name}_auc", of.auc_macro if of else None)
    return row | ({"seconds": model.seconds.total} if model.seconds else {})


def _columns(name: str, figure: Estimate | None) -> dict[str, float]:
    ends = (figure.value, figure.low, figure.high) if figure else (None,) * 3
    value, low, high = (math.nan if end is None else end for end in ends)
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def differences(record: ComparisonRecord) -> pd.DataFrame:
    """Paired differences from the best model, one row per protocol and model.

    Returns:
        Columns: `protocol`; `model`; `f1_macro` and `auc_macro`, the model's figure minus the best one's, with limits
        of 95 % intervals in columns that end in `_low` and `_high`; `p`, `p_holm`, `told_apart` and `as_good` of
        macro-F1 under strict, the one claim that is tested; and `first`, the share of resamples in which the model is
        first by macro-F1.
    """
    rows = [_difference(name, row) for name, found in record.differences.items() for row in found]
    return pd.DataFrame(rows, columns=_DIFFERENCES)


def _difference(protocol: str, row: Difference) -> dict[str, Any]:
    gap = row.f1_macro
    return {
        **{"protocol": protocol, "model": row.model},
        **_columns("f1_macro", gap.difference),
        **{"p": gap.p, "p_holm": gap.p_holm, "told_apart": gap.told_apart, "as_good": gap.as_good},
        **_columns("auc_macro", row.auc_macro.difference),
        "first": row.first,
    }
