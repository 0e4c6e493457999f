"""The record beside a file of rows: how they were made, so that no run of another kind adds to them."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hilum.errors import HilumError
from hilum.predict.output import Format
from hilum.slices.pseudonyms import pseudonym
from hilum.text import spelt

SCHEMA = "hilum.predict/1"
ANOTHER = "It was left as it is; give --out another name."


@dataclass(frozen=True)
class About:
    """What the rows of a file have in common.

    Attributes:
        model: The digest of the model's record.
        classes: Names, in the order of the probabilities.
        format: `json` or `csv`.
        window: Window for DICOM files.
        answer: Top probability below which the model abstained.
        outlier: Outlier score above which a slice was an outlier.
        hashed: Whether paths were replaced by pseudonyms.
        folder: The working folder, as `working_folder` gives it: in another one relative paths name other files.
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
        """As the first line beside the output holds it."""
        return {"schema": SCHEMA, **asdict(self), "classes": list(self.classes)}

    def check(self, found: dict[str, Any], out: Path) -> tuple[str, ...]:
        """Checks that an earlier run was made alike.

        Args:
            found: What it says of itself, as `parse_about` gives it.
            out: The file of rows.

        Returns:
            Notes for the user.

        Raises:
            HilumError: It had another model or other settings, or was started in another folder.
        """
        wanted = self.as_json()
        if found.get("model") != self.model:
            raise HilumError(f"{out} was made with another model. {ANOTHER}")
        changed = [key for key in wanted if key != "folder" and found.get(key) != wanted[key]]
        if changed:
            other = "; ".join(f"{key} {found.get(key)} there, {wanted[key]} now" for key in changed)
            raise HilumError(f"{out} was made with other settings ({other}). {ANOTHER}")
        if "folder" not in found:
            return (
                f"{about_path(out)} is of an older hilum and does not say where its run started. Relative paths in it "
                "are taken to start from the current folder. A DICOM series that it began has two summaries.",
            )
        if found["folder"] != self.folder:
            there = "another folder" if self.hashed else str(found["folder"])
            raise HilumError(
                f"{out} was begun in {there}, and a relative path names another file there than here. "
                "Run hilum in that folder again, or give --out another name."
            )
        return ()


def parse_about(data: bytes, out: Path) -> dict[str, Any]:
    """What the first line beside a file of rows says.

    Raises:
        HilumError: It is not of a prediction.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise HilumError(f"{about_path(out)} was not written by this hilum predict. {ANOTHER}")
    return found


def working_folder(hashed: bool) -> str:
    """The working folder as text; a pseudonym of it where paths are such."""
    folder = str(Path.cwd())
    return pseudonym(folder) if hashed else spelt(folder)


def about_path(out: Path) -> Path:
    """The file beside an output that says how it was made."""
    return out.with_name(f"{out.name}.about")


def series_path(out: Path) -> Path:
    """The file beside an output with the summaries of its DICOM series."""
    return out.with_name(f"{out.name}.series.json")
