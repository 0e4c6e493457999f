"""What the scores of a comparison are worth, in words and as rows of tables."""

from typing import Any

from hilum.evaluation.floors import highest_floor
from hilum.evaluation.intervals import TRUSTED_FROM
from hilum.report.words import (
    Record,
    best_model,
    compared,
    floors_of,
    interval,
    number,
    plural,
    protocol_names,
    readable,
    with_interval,
    worth,
)

KEYS = ["f1_macro", "auc_macro"]
_TITLES = {"f1_macro": "macro-F1", "auc_macro": "AUC"}


def headline(record: Record) -> str | None:
    """The protocol that is judged by: unseen where there is one, else given, else none."""
    names = protocol_names(record)
    return next((name for name in ("unseen", "given") if name in names), None)


def worth_sentences(record: Record) -> list[str]:
    """The best model's test figure with its interval, the unseen figure, the floor, and what cannot be told apart."""
    model, protocol = best_model(record), headline(record)
    if model is None or protocol is None:
        return []
    words = [f"macro-F1 {with_interval(worth(model, 'given'))} on the test slices as given"]
    if protocol != "given":
        words.append(f"{with_interval(worth(model, protocol))} on those of which no same slice is in train or valid")
    lines = [f"{model['title']} reaches {' and '.join(words)}."]
    if floor := highest_floor(floors_of(record, protocol)):
        lines.append(f"The highest floor, a simple model of {floor[0]}, reaches {with_interval(floor[1])} there.")
    more = (
        lead_sentence(record),
        apart_sentence(record, protocol),
        few_sentence(model, protocol),
        narrow_sentence(model, protocol),
    )
    return [*lines, *filter(None, more)]


def verdict_sentence(record: Record) -> str | None:
    """Whether the best model beats its floor, in the hardest protocol that has groups enough to tell."""
    model = best_model(record)
    leads = {
        name: lead for name in reversed(protocol_names(record)) if (lead := (worth(model, name, "over_floor") or None))
    }
    if model is None or not leads:
        return None
    judged = next((name for name, lead in leads.items() if not lead.get("too_few")), None)
    if judged is None:
        return f"Whether {model['title']} beats its floor cannot be told: there are too few groups of slices."
    lead = leads[judged]
    floor = floors_of(record, judged).get(lead["floor"], {}).get("f1_macro")
    verb = "beats" if lead["above"] else "does not clearly beat"
    chance = "" if lead["above"] else ", which may be chance"
    return (
        f"{model['title']} {verb} its floor, the best simple model that hardly sees the disease: macro-F1 "
        f"{with_interval(worth(model, judged), 2)} against {with_interval(floor, 2)} of {lead['floor']} ({judged}), a "
        f"lead of {with_interval(lead['difference'], 2)}{chance}."
    )


def lead_sentence(record: Record) -> str | None:
    """By how much the best model is above the highest floor of each protocol, on the same resamples."""
    model = best_model(record)
    found = {
        name: lead
        for name in protocol_names(record)
        if (lead := (worth(model, name, "over_floor") or None)) is not None
    }
    if not found:
        return None
    words = [f"{with_interval(lead['difference'])} ({name}){_caveat(lead)}" for name, lead in found.items()]
    return f"Its lead over the highest floor: {'; '.join(words)}."


def _caveat(lead: Record) -> str:
    if lead.get("too_few"):
        return f", of {plural(lead['groups'], 'group')} only: too few to tell"
    return "" if lead["above"] else ", which may be chance"


def apart_sentence(record: Record, protocol: str) -> str | None:
    """Which models cannot be told apart from the best in a protocol, by macro-F1 and by AUC."""
    best = best_model(record)
    close = {key: _close(record, protocol, key) for key in KEYS}
    known = {key: titles for key, titles in close.items() if titles is not None}
    if not known or best is None:
        return None
    if not any(known.values()):
        return f"Every other model can be told apart from {best['title']} ({protocol})."
    words = [f"by {_TITLES[key]} {', '.join(titles) or 'none'}" for key, titles in known.items()]
    return f"Cannot be told apart from {best['title']} ({protocol}): {'; '.join(words)}."


def _close(record: Record, protocol: str, key: str) -> list[str] | None:
    """The models that one figure cannot tell from the best; None where there is nothing to compare."""
    rows = [row for row in (record.get("differences") or {}).get(protocol) or () if _difference(row, key)]
    titles = {model["name"]: model["title"] for model in record["models"]}
    return [titles.get(row["model"], row["model"]) for row in rows if not row[key].get("told_apart")] if rows else None


def narrow_sentence(model: Record, protocol: str) -> str | None:
    """That a protocol has no intervals, or that they rest on too few groups to be trusted."""
    groups = ((model.get("protocols") or {}).get(protocol) or {}).get("groups")
    if groups is None or groups >= TRUSTED_FROM:
        return None
    if interval(worth(model, protocol)) == interval(None):
        return f"No class has more than one group of slices, so that no figure has an interval ({protocol})."
    return f"The intervals rest on {plural(groups, 'group')} of slices and may be too narrow ({protocol})."


def few_sentence(model: Record, protocol: str) -> str | None:
    """Which figures of a model rest on too few groups of slices to tell anything."""
    scores = (model.get("protocols") or {}).get(protocol) or {}
    few = [
        f"{readable(name)} ({plural(row['groups'], 'group')})"
        for name, row in (scores.get("per_class") or {}).items()
        if row.get("too_few")
    ]
    words = [f"recall of {', '.join(few)}"] if few else []
    if (scores.get("binary") or {}).get("too_few"):
        words.append("specificity")
    if not words:
        return None
    return f"Too few groups of slices to tell ({protocol}): {' and '.join(words)}."


def group_sentences(record: Record) -> list[str]:
    """How the best model does on whole patients or series, where ids were given, and on whole DICOM series."""
    model = best_model(record)
    if model is None:
        return []
    sentences = []
    if _named(record):
        by = "patient or series" if _all_named(record) else "patient or series, look-alikes where no id was given"
        sentences.append(_of_groups(record, model, "per_group", by))
    sentences.append(_of_groups(record, model, "per_series", "DICOM series"))
    return [sentence for sentence in sentences if sentence]


def _of_groups(record: Record, model: Record, key: str, by: str) -> str | None:
    found = {name: ((model.get("protocols") or {}).get(name) or {}).get(key) for name in protocol_names(record)}
    words = [
        f"{with_interval(figures['f1_macro'])} of {figures['n']} ({name})" for name, figures in found.items() if figures
    ]
    return f"By {by}, slices averaged: {model['title']} reaches macro-F1 {', '.join(words)}." if words else None


def _groups(record: Record) -> Record:
    return (record.get("audit") or {}).get("groups") or {}


def _named(record: Record) -> bool:
    return _groups(record).get("given") is not None


def _all_named(record: Record) -> bool:
    files = (record.get("audit") or {}).get("files")
    return _named(record) and _groups(record).get("named_files", files) == files


def worth_section(record: Record) -> dict[str, Any] | None:
    """What the page's section on the worth of the scores is made of; None for a record without protocols."""
    names = protocol_names(record)
    if not names:
        return None
    models = compared(record)
    floors = list(dict.fromkeys(name for protocol in names for name in floors_of(record, protocol)))
    return {
        "models": [_model_row(model, names) for model in models],
        "floors": [
            (name, [[floors_of(record, protocol).get(name, {}).get(key) for key in KEYS] for protocol in names])
            for name in floors
        ],
        "ids": _all_named(record),
        "sentences": [
            *group_sentences(record),
            *filter(None, [lead_sentence(record)]),
            *(sentence for name in names if (sentence := apart_sentence(record, name))),
        ],
        "few": [
            f"{model['title']}: {sentence}"
            for model in models
            if model["name"] == record["best"]
            for name in names
            for sentence in (few_sentence(model, name), narrow_sentence(model, name))
            if sentence
        ],
        "curve_notes": [
            f"At {point['strength']:.2f}: {note}"
            for point in record.get("curve") or ()
            for note in point.get("notes") or ()
        ],
        "differences": _difference_rows(record, models),
        "seeds": [_seeds(model) for model in models if (model.get("seeds") or {}).get("f1_macro")],
    }


def _model_row(model: Record, names: list[str]) -> dict[str, Any]:
    return {
        "model": model,
        "cells": [
            {
                "figures": [worth(model, name, key) for key in KEYS],
                "few": few_sentence(model, name),
            }
            for name in names
        ],
    }


def _difference(row: Record, key: str) -> Record | None:
    found: Record | None = (row.get(key) or {}).get("difference")
    return found


def _difference_rows(record: Record, models: list[Record]) -> list[dict[str, Any]]:
    titles = {model["name"]: model["title"] for model in models}
    return [
        {
            "title": titles.get(row["model"], row["model"]),
            "protocol": protocol,
            "best": row["model"] == record["best"],
            "f1": _difference(row, "f1_macro"),
            "auc": _difference(row, "auc_macro"),
            "p": [(row.get(key) or {}).get("p_holm") for key in KEYS],
            "apart": [(row.get(key) or {}).get("told_apart") if _difference(row, key) else None for key in KEYS],
            "first": row.get("first"),
            "first_auc": row.get("first_auc"),
        }
        for protocol, rows in (record.get("differences") or {}).items()
        for row in rows
    ]


def _seeds(model: Record) -> str:
    seeds, f1 = model["seeds"], model["seeds"]["f1_macro"]
    return (
        f"{model['title']}: macro-F1 {number(f1['mean'])} on average over {seeds['count']} seeds, "
        f"spread {number(f1['spread'])}."
    )
