"""config.json of a judgement: the options with which `hilum judge --config` repeats it."""

from hilum.judging.result import JudgedOutcome
from hilum.records.config import Config, config
from hilum.slices.source import options_of


def judged_config(found: JudgedOutcome) -> Config:
    """The options of a judgement, as they were used."""
    settings = found.settings
    read, beyond = options_of(found.table, settings.seed)
    options = {
        **read,
        "predictions": None if settings.predictions is None else str(settings.predictions),
        "trained-on": None if settings.trained_on is None else str(settings.trained_on),
        "map": [f"{name}={meant}" for name, meant in settings.mapped.items()],
        "negative": settings.negative,
        "look-alike": found.audit.look_alike if settings.look_alike is None else settings.look_alike,
        "floor": settings.floor,
        "seed": settings.seed,
    }
    if settings.predictions is None:
        beyond.append("Its predictions were put together in Python.")
    if settings.trained_on is None and found.trained_on is not None:
        beyond.append("What the models were trained on was listed in Python.")
    if settings.negative is None and "normal" in found.given.reading.classes:
        beyond.append("It took no class as the negative one.")
    return config("judge", options, beyond)
