"""config.json of a comparison: the options with which `hilum compare --config` repeats it."""

from collections.abc import Iterator

from hilum.comparison.outside import Elsewhere
from hilum.comparison.result import Compared
from hilum.options import kind_of_engine
from hilum.records.config import Config, config
from hilum.scoring.protocols import REPEATS
from hilum.slices.source import options_of, source_of

_AS_THEY_ARE = (
    *("head", "class_weight", "epochs", "cnn_epochs", "patience", "seed", "size", "scales", "effort", "negative"),
    *("crop", "random_weights", "cnn_folds", "floor", "margin"),
)


def comparison_config(comparison: Compared) -> Config:
    """The options of a comparison, as they were used."""
    settings, audit, outside = comparison.settings, comparison.audit, comparison.outside.sets
    read, changed = options_of(comparison.table, settings.seed)
    options = {
        **read,
        "models": settings.models,
        "ensemble": [",".join(members) for members in settings.ensembles],
        "protocol": settings.protocols,
        "weights": None if comparison.weights is None else str(comparison.weights),
        "engine": kind_of_engine(settings.engine),
        "views": ",".join(settings.learnt_views) or "none",
        "look-alike": audit.look_alike if settings.look_alike is None else settings.look_alike,
        **{name.replace("_", "-"): getattr(settings, name) for name in _AS_THEY_ARE},
        "external": [f"{of.name}={source.folder}" for of in outside if (source := source_of(of.asked.table))],
        "map": [f"{of.name}:{name}={meant}" for of in outside for name, meant in of.asked.mapped.items()],
    }
    beyond = [sentence for of in outside for sentence in _of_elsewhere(of, read)]
    return config("compare", options, [*changed, *_only_in_python(comparison), *beyond])


def _only_in_python(comparison: Compared) -> Iterator[str]:
    settings, audit = comparison.settings, comparison.audit
    if settings.strengths is not None:
        yield f"Its heads chose from the strengths {', '.join(f'{one:g}' for one in settings.strengths)}."
    if settings.repeats != REPEATS:
        yield f"It ran {settings.repeats} repeats of each protocol."
    if settings.negative is None and "normal" in comparison.table.classes:
        yield "It took no class as the negative one."
    negative = audit.negative if audit.negative in comparison.table.classes else None
    if (negative, audit.seed, audit.floor) != (settings.negative, settings.seed, "cheap"):
        yield "Its slices were audited with other options."


def _of_elsewhere(of: Elsewhere, read: dict[str, bool | str | None]) -> Iterator[str]:
    options, changed = options_of(of.asked.table)
    usual = {**read, "folder": options["folder"], "table": None, "groups": None}
    if changed or options != usual:
        yield f"The slices of {of.name} were not read from a folder in the way of the others."
