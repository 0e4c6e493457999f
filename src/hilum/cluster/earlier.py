"""The job that an earlier run began in a place, and whether it is the one that is asked for."""

from typing import Any

from hilum.cluster.store import Store
from hilum.errors import HilumError
from hilum.predict.about import AGAIN, ANOTHER, check_folder, check_settings
from hilum.records.job import JobRecord

JOB = "job.json"
_LONGEST = 80  # letters of an argument in a message


def earlier_job(store: Store) -> JobRecord | None:
    """The settings of the job in a store, or None if the store is empty.

    Raises:
        HilumError: The store holds something else, or the settings are damaged.
    """
    data = store.read(JOB)
    if data is not None:
        return JobRecord.read(data, f"{store.label}/{JOB}")
    if found := store.names(""):
        raise HilumError(f"{store.label} holds something else, not a job of hilum predict ({found[0]}). {ANOTHER}")
    return None


def check_same(found: JobRecord, wanted: JobRecord, label: str) -> None:
    """Checks that an earlier job has the same model, settings, engine, arguments and folder.

    Args:
        found: Settings of the earlier job.
        wanted: Settings of this command.
        label: Place of the job, for messages.

    Raises:
        HilumError: Something differs; the message names it.
    """
    check_settings(_settings(found), _settings(wanted), label)
    if found.arguments != wanted.arguments:
        raise HilumError(f"{label} is a job of other PATHS ({_first_other(found, wanted)}). {AGAIN}")
    check_folder(found.folder, wanted.folder, label, hidden=found.hashed)


def _settings(job: JobRecord) -> dict[str, Any]:
    """All settings but the arguments, which may be long."""
    fields = job.as_json()
    del fields["arguments"]
    engine = fields.pop("engine")
    named = {"name": "engine", "version": "engine's version"}
    return fields | {named.get(key, key): value for key, value in engine.items()}


def _first_other(found: JobRecord, wanted: JobRecord) -> str:
    for there, now in zip(found.arguments, wanted.arguments, strict=False):
        if there != now:
            return f"{_short(there)} there, {_short(now)} now"
    return f"{len(found.arguments)} arguments there, {len(wanted.arguments)} now"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
