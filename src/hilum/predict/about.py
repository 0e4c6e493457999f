"""The record beside a file of rows: how they were made. Only a run of the same kind may add to them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hilum.errors import HilumError
from hilum.predict.output import Format
from hilum.slices.pseudonyms import pseudonym
from hilum.text import spelt

SCHEMA = "hilum.predict/1"
ANOTHER = "It was left as it is; give --out another name."
AGAIN = "It was left as it is; run it as it was begun, or give --out another name."
_NAMES = {  # of settings, as the user gives them
    "format": "--json or --csv:",
    "window": "--window",
    "answer": "--coverage or --risk: limit",
    "outlier": "limit of outliers",
    "hashed": "--hash-names",
    "threads": "--threads",
}


@dataclass(frozen=True)
class About:
    """Settings that all rows of a file share.

    Attributes:
        model: Digest of the model's record.
        classes: Class names, in the order of the probabilities.
        format: `json` or `csv`.
        window: Window for DICOM files.
        answer: Top probability below which the model abstained.
        outlier: Outlier score above which a slice was an outlier.
        hashed: Whether paths were replaced by pseudonyms.
        folder: Working folder, from `working_folder`; in another folder relative paths would name other files.
    """

    model: str
    classes: tuple[str, ...]
    format: Format
    window: str
    answer: float
    outlier: float
    hashed: bool
    folder: str

    def as_json(self) -> dict[str, Any]:
        """The record as the first line of the file beside the output."""
        return {"schema": SCHEMA, **asdict(self), "classes": list(self.classes)}

    def check(self, found: dict[str, Any], out: Path) -> tuple[str, ...]:
        """Checks that an earlier run had the same model, settings and folder.

        Args:
            found: Record of the earlier run, from `parse_about`.
            out: File of rows.

        Returns:
            Notes for the user.

        Raises:
            HilumError: The earlier run had another model, other settings or another folder.
        """
        check_settings(found, self.as_json(), str(out))
        if "folder" not in found:
            return (
                f"{about_path(out)} was written by an older hilum and does not name the folder of its run. Relative "
                "paths are read from the current folder. A DICOM series that it began gets two summaries.",
            )
        check_folder(str(found["folder"]), self.folder, str(out), hidden=self.hashed)
        return ()


def check_settings(found: Mapping[str, Any], wanted: Mapping[str, Any], out: str) -> None:
    """Checks that an earlier run had the same model and settings, whatever its folder.

    Args:
        found: Settings of the earlier run.
        wanted: Settings of this one.
        out: Output of both, for messages.

    Raises:
        HilumError: The earlier run had another model or other settings.
    """
    if found.get("model") != wanted["model"]:
        raise HilumError(f"{out} was made with another MODEL. {AGAIN}")
    changed = [key for key in wanted if key != "folder" and found.get(key) != wanted[key]]
    if changed:
        other = "; ".join(
            f"{_NAMES.get(key, key)} {_shown(found.get(key))} there, {_shown(wanted[key])} now" for key in changed
        )
        raise HilumError(f"{out} was made with other settings ({other}). {AGAIN}")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "given" if value else "not given"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def check_folder(found: str, wanted: str, out: str, *, hidden: bool) -> None:
    """Checks that an earlier run had the same working folder; a hidden one is not named.

    Raises:
        HilumError: It had another.
    """
    if found != wanted:
        there = "another folder" if hidden else found
        raise HilumError(
            f"{out} was begun in {there}, where relative paths name other files than here. "
            "Run hilum in that folder again, or give --out another name."
        )


def parse_about(data: bytes, out: Path) -> dict[str, Any]:
    """Reads the first line of the file beside a file of rows.

    Raises:
        HilumError: The line was not written by a prediction.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise HilumError(f"{about_path(out)} was not written by this hilum predict. {ANOTHER}")
    return found


def working_folder(hashed: bool) -> str:
    """The working folder as text, or a pseudonym of it if paths are hashed."""
    folder = str(Path.cwd())
    return pseudonym(folder) if hashed else spelt(folder)


def about_path(out: Path) -> Path:
    """Path of the file beside an output that records how it was made."""
    return out.with_name(f"{out.name}.about")


def series_path(out: Path) -> Path:
    """Path of the file beside an output with the summaries of its DICOM series."""
    return out.with_name(f"{out.name}.series.json")
