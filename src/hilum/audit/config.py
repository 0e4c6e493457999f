"""config.json of an audit: the options with which `hilum audit --config` repeats it."""

from hilum.audit.audit import Audit
from hilum.records.config import Config, config
from hilum.slices.source import options_of


def audit_config(audit: Audit) -> Config:
    """The options of an audit, as they were used."""
    read, beyond = options_of(audit.table, audit.seed)
    options = {**read, "look-alike": audit.look_alike, "seed": audit.seed, "negative": audit.negative}
    if audit.negative is None and "normal" in audit.table.classes:
        beyond.append("It took no class as the negative one.")
    if audit.floor is None:
        beyond.append("It has no floors.")
    return config("audit", {**options, "floor": audit.floor}, beyond)
