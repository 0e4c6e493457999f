"""The leaderboard of a comparison, as data and as words, and the differences from its best model."""

from typing import Any

import pandas as pd

from hilum.records.comparison import ComparedModel, ComparisonRecord, Difference
from hilum.records.figures import BLANKED, Estimate
from hilum.report.scores import floor_beside, lead_of
from hilum.report.words import macro_f1, number, with_interval


def leaderboard(record: ComparisonRecord) -> pd.DataFrame:
    """One row a model, the best first and named by the model.

    Returns:
        Columns: `title`; macro-F1 under the headline protocol, such as `strict`; `floor`, that of the model's own floor
        or of the highest other one, which `floor_name` names; `lead` over the highest floor, which `lead_over` names;
        macro-F1 under `given` and on slices from elsewhere, such as `external:iq`; and `seconds`. The limits of 95 %
        intervals are in columns that end in `_low` and `_high`.
    """
    return pd.DataFrame([_row(record, model) for model in record.ranked]).set_index("model")


def _row(record: ComparisonRecord, model: ComparedModel) -> dict[str, Any]:
    floor_name, floor = floor_beside(record, model, record.headline) or (None, None)
    lead = lead_of(model, record.headline)
    row: dict[str, Any] = {"model": model.name, "title": model.title}
    row |= _columns(record.headline, macro_f1(model, record.headline))
    row |= {"floor": floor.value if floor else None, "floor_name": floor_name}
    row |= _columns("lead", lead.difference if lead else None) | {"lead_over": lead.floor if lead else None}
    for name in beside(record):
        row |= _columns(name, macro_f1(model, name))
    return row | {"seconds": model.seconds.total}


def _columns(name: str, figure: Estimate | None) -> dict[str, float | None]:
    value, low, high = (figure.value, figure.low, figure.high) if figure else (None, None, None)
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def beside(record: ComparisonRecord) -> list[str]:
    """The protocols whose figures stand beside those of the headline."""
    return [*(["given"] if record.headline == "strict" else []), *(of.name for of in record.external)]


def leaderboard_words(record: ComparisonRecord) -> tuple[list[str], list[list[str]]]:
    """The headings of the leaderboard, and the cells of each model."""
    others = beside(record)
    headings = ["Model", record.title_of(record.headline), "Floor", "Lead", *map(record.title_of, others), "Seconds"]
    return headings, [_words(record, model, others) for model in record.ranked]


def _words(record: ComparisonRecord, model: ComparedModel, others: list[str]) -> list[str]:
    name, floor = floor_beside(record, model, record.headline) or (BLANKED, None)
    lead = lead_of(model, record.headline)
    over = f" over {lead.floor}" if lead and lead.floor != name else ""
    return [
        f"{'★ ' if model.name == record.best else ''}{model.title}",
        with_interval(macro_f1(model, record.headline)),
        f"{with_interval(floor)}{'' if name == BLANKED else f' {name}'}",
        f"{with_interval(lead.difference if lead else None)}{over}",
        *(with_interval(macro_f1(model, other)) for other in others),
        number(model.seconds.total, 0),
    ]


def differences(record: ComparisonRecord) -> pd.DataFrame:
    """Paired differences from the best model, one row per protocol and model.

    Returns:
        Columns: `protocol`; `model`; `f1_macro` and `auc_macro`, the model's figure minus the best one's, with limits
        of 95 % intervals in columns that end in `_low` and `_high`; `p`, `p_holm`, `told_apart` and `as_good` of
        macro-F1 under strict, the one claim that is tested; and `first`, the share of resamples in which the model is
        first by macro-F1.
    """
    rows = [_difference(name, row) for name, found in record.differences.items() for row in found]
    return pd.DataFrame(rows, columns=None if rows else ["protocol", "model"])


def _difference(protocol: str, row: Difference) -> dict[str, Any]:
    gap = row.f1_macro
    return {
        **{"protocol": protocol, "model": row.model},
        **_columns("f1_macro", gap.difference),
        **{"p": gap.p, "p_holm": gap.p_holm, "told_apart": gap.told_apart, "as_good": gap.as_good},
        **_columns("auc_macro", row.auc_macro.difference),
        "first": row.first,
    }
