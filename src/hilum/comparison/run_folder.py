"""Writing a run folder: all of it or nothing, and never over what somebody made."""

import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from hilum.comparison.compare import Comparison
from hilum.comparison.record import SCHEMA, csv_bytes, history_of, predictions_of, record_of
from hilum.errors import HilumError
from hilum.report.figures import draw_figures
from hilum.report.html import write_report
from hilum.slices.prepared import frame_of
from hilum.text import plain_path

_THUMBNAIL = 256


def check_run_folder(folder: Path, overwrite: bool) -> None:
    """Sees, before any work, that a run may be written to a folder.

    Raises:
        HilumError: There is a file in its place, an earlier run without `overwrite`, or files that no run made.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise HilumError(f"{folder} is a file. Give another --out.")
    if not any(folder.iterdir()):
        return
    if _earlier_files(folder) is None:
        raise HilumError(f"{folder} holds files that are not a hilum run; nothing was written. Give another --out.")
    if not overwrite:
        raise HilumError(f"{folder} holds a run already. Give another --out, or --overwrite to replace it.")


def write_run(comparison: Comparison, folder: Path, *, overwrite: bool, command: str | None) -> Path:
    """Writes a run folder, put together beside its place and then moved into it.

    Args:
        comparison: What to write.
        folder: Where to.
        overwrite: Replaces the files of an earlier run; files that no run wrote stay.
        command: What made the run.

    Returns:
        The folder.

    Raises:
        HilumError: As `check_run_folder`, or the folder cannot be written.
    """
    check_run_folder(folder, overwrite)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as name:
            made = Path(name) / "run"
            made.mkdir()
            _fill(comparison, made, command)
            _move(made, folder)
    except OSError as error:
        raise HilumError(
            f"The run folder {folder} cannot be written ({error.strerror}). Give another --out."
        ) from error
    return folder


def _fill(comparison: Comparison, folder: Path, command: str | None) -> dict[str, Any]:
    record = record_of(comparison, command)
    history, predictions = history_of(comparison), predictions_of(comparison)
    for name, rows in (("history", history), ("predictions", predictions)):
        (folder / f"{name}.csv").write_bytes(csv_bytes(rows))
    (folder / "figures").mkdir()
    draw_figures(record, history, folder / "figures")
    write_report(record, history, predictions, _pictures(comparison), folder)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    record["files"] = sorted([*files, "metrics.json"])
    (folder / "metrics.json").write_text(
        json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n", "utf-8"
    )
    return record


def _move(made: Path, folder: Path) -> None:
    if not folder.exists():
        made.rename(folder)  # at once: a kill leaves the whole run or none of it
        return
    earlier = set(_earlier_files(folder) or ())
    # metrics.json goes first: whenever this is cut short, the folder is still known as a run that may be replaced.
    names = sorted(
        (path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()), key=_metrics_first
    )
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).replace(folder / name)
    for name in earlier.difference(names):
        (folder / name).unlink(missing_ok=True)


def _metrics_first(name: str) -> tuple[bool, str]:
    return name != "metrics.json", name


def _earlier_files(folder: Path) -> list[str] | None:
    """The files that an earlier run wrote into a folder, or None where it is no run."""
    try:
        record = json.loads((folder / "metrics.json").read_text("utf-8"))
        if not record["schema"].startswith(SCHEMA.partition("/")[0]):
            return None
        files = [str(name) for name in record["files"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return [name for name in files if (folder / name).resolve().is_relative_to(folder.resolve())]


def _pictures(comparison: Comparison) -> Callable[[str], bytes | None]:
    rows = {plain_path(row.path): row for row in comparison.table.rows}

    def picture(path: str) -> bytes | None:
        try:
            pixels = frame_of(comparison.table, rows[path]).pixels
        except HilumError:  # gone since it was scored; the report names it without a picture
            return None
        image = Image.fromarray(np.round(pixels * 255).astype(np.uint8))
        image.thumbnail((_THUMBNAIL, _THUMBNAIL))
        file = io.BytesIO()
        image.save(file, "PNG")
        return file.getvalue()

    return picture
