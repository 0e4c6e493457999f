"""Whether a job that was begun earlier is the same as the one that is asked for."""

from typing import Any

from hilum.errors import HilumError
from hilum.predict.about import ANOTHER
from hilum.records.job import JobRecord

_LONGEST = 80  # letters of a setting in a message


def check_same(found: JobRecord, wanted: JobRecord, label: str) -> None:
    """Checks that an earlier job has the same model, settings, engine, arguments and folder.

    Args:
        found: Settings of the earlier job.
        wanted: Settings of this command.
        label: Place of the job, for messages.

    Raises:
        HilumError: Something differs; the message names it.
    """
    there, now = _flat(found), _flat(wanted)
    if there["model"] != now["model"]:
        raise HilumError(f"{label} was made with another model. {ANOTHER}")
    changed = [key for key in now if key not in ("arguments", "folder") and there.get(key) != now[key]]
    if changed:
        other = "; ".join(f"{key} {_short(there.get(key))} there, {_short(now[key])} now" for key in changed)
        raise HilumError(f"{label} was made with other settings ({other}). {ANOTHER}")
    if found.arguments != wanted.arguments:
        raise HilumError(f"{label} is a job of other files ({_first_other(found, wanted)}). {ANOTHER}")
    if found.folder != wanted.folder:
        place = "another folder" if found.hashed else found.folder
        raise HilumError(
            f"{label} was begun in {place}, where relative paths name other files than here. "
            "Run hilum in that folder again, or give --out another name."
        )


def _flat(job: JobRecord) -> dict[str, Any]:
    fields = job.as_json()
    engine = fields.pop("engine")
    return fields | {f"engine's {key}" if key != "name" else "engine": value for key, value in engine.items()}


def _first_other(found: JobRecord, wanted: JobRecord) -> str:
    pairs = zip(found.arguments, wanted.arguments, strict=False)
    for there, now in pairs:
        if there != now:
            return f"{_short(there)} there, {_short(now)} now"
    return f"{len(found.arguments)} arguments there, {len(wanted.arguments)} now"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
