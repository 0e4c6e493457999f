"""config.json of an evaluation: the options with which `hilum evaluate --config` repeats it."""

from collections.abc import Mapping

from hilum.model.reader import Reader
from hilum.records.config import Config, config
from hilum.slices.source import options_of
from hilum.slices.table import SliceTable


def evaluation_config(
    reader: Reader,
    table: SliceTable,
    mapped: Mapping[str, str],
    negative: str | None,
    look_alike: float | None,
    seed: int,
) -> Config:
    """The options of an evaluation, as they were used; the arguments are those of `evaluate_model`."""
    read, beyond = options_of(table, seed)
    options = {
        **read,
        "model": str(reader.place),
        "weights": None if reader.weights is None else str(reader.weights),
        "map": [f"{name}={meant}" for name, meant in mapped.items()],
        "negative": negative,
        "look-alike": look_alike,
        "seed": seed,
    }
    return config("evaluate", options, beyond)
