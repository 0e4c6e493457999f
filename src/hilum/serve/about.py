"""What a page should know of the model that is served: what it tells apart, when it answers, what that is worth."""

from collections.abc import Mapping, Sequence
from typing import Any

from hilum.evaluation.floors import highest_floor
from hilum.model.facts import ModelFacts
from hilum.report.words import known
from hilum.serve.settings import Caps
from hilum.slices.windows import WINDOWS


def about(facts: ModelFacts, methods: Sequence[str], caps: Caps) -> dict[str, Any]:
    """What `GET /api/model` gives.

    Args:
        facts: Of the model.
        methods: The maps that can be made of it here.
        caps: How much is taken at a time.
    """
    record = facts.record
    scores = record.get("scores") or {}
    worth = {name: headline(figure) for name, figure in facts.headlines.items()}
    every = scores.get("floors") or {}
    floors = {name: highest_floor(every.get(name) or {}) for name in scores.get("protocols") or {}}
    windows = ("auto", *(name for name in WINDOWS if name != "auto"))
    return {
        "name": facts.name,
        "title": record["backbone"].get("title") or facts.name,
        "classes": list(facts.classes),
        "negative": facts.negative,
        "notice": record["notice"],
        "synthetic": bool(record.get("synthetic")),
        "random_weights": bool(record.get("random_weights")),
        "size": facts.size,
        "crop": facts.crop,
        "window": facts.window,
        "engine": facts.engine,
        "digest": record["digest"],
        "thresholds": {"answer": facts.answer_threshold, "outlier": facts.outlier_threshold},
        "scores": {name: figure for name, figure in worth.items() if figure is not None},
        "floors": {name: {"name": floor[0], **(headline(floor[1]) or {})} for name, floor in floors.items() if floor},
        "methods": list(methods),
        "windows": list(windows),
        "limits": {"files": caps.files, "bytes": caps.bytes, "pixels": caps.pixels},
    }


def headline(figure: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A figure with its interval, or None where it could not be computed."""
    if figure is None or known(figure) is None:
        return None
    return {end: figure.get(end) for end in ("value", "low", "high")}
